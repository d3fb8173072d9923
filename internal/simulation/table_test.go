package simulation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A rule that only rejects what a later session takes has hits and no packets.
func TestTable(t *testing.T) {
	t.Parallel()
	s := dataplane.Summary{
		Packets: 1300, Mirrored: 1200, BytesIn: 130_000, BytesOut: 120_000,
		Sessions: []dataplane.SessionSummary{{SessionNumber: 2, VirtualNetworkID: 7, Packets: 1200, Bytes: 120_000}},
		Rules: []dataplane.RuleSummary{
			{SessionNumber: 1, Direction: mirror.Ingress, RuleNumber: new(10), Hits: 1200},
			{SessionNumber: 2, Direction: mirror.Egress, Hits: 1200, Packets: 1200, Bytes: 120_000},
		},
		Unknown:     map[dataplane.Unknown]int64{dataplane.TargetMTU: 1200},
		NotMirrored: map[dataplane.Reason]int64{dataplane.ARP: 100},
	}
	const want = `1,300 packets, 130,000 bytes; mirrored 1,200 packets, 120,000 bytes copied.

Session  VNI  Packets  Bytes copied
      2    7    1,200       120,000

Session  Direction        Rule   Hits  Packets  Bytes copied
      1  ingress            10  1,200        0             0
      2  egress     amazon-dns  1,200    1,200       120,000

Not known of the target:
Packets  What        Meaning
  1,200  target_mtu  The MTU of the target's interface is not known; the verdict assumes 9001.

Not mirrored:
Packets  Why  Meaning
    100  arp  ARP is never mirrored.
`
	if got := simulation.Table(s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Long lists show only the sessions and rules that packets hit.
func TestTable_long(t *testing.T) {
	t.Parallel()
	s := dataplane.Summary{Packets: 1, BytesIn: 1}
	for i := range 1000 {
		s.Rules = append(s.Rules, dataplane.RuleSummary{SessionNumber: 1, Direction: mirror.Ingress, RuleNumber: new(i + 1)})
	}
	s.Rules[499].Hits = 1234567
	const want = `1 packet, 1 byte; mirrored 0 packets, 0 bytes copied.

Session  Direction  Rule       Hits  Packets  Bytes copied
      1  ingress     500  1,234,567        0             0
999 rules match nothing.
`
	if got := simulation.Table(s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Rules that no packet hits are named where their direction has packets: without packets they
// could not be hit.
func TestTable_neverHit(t *testing.T) {
	t.Parallel()
	s := dataplane.Summary{Directions: map[mirror.Direction]int64{mirror.Ingress: 5}}
	for i := range 12 {
		s.Rules = append(s.Rules, dataplane.RuleSummary{SessionNumber: 1, Direction: mirror.Ingress, RuleNumber: new(i + 1)})
	}
	s.Rules[0].Hits = 5
	s.Rules = append(s.Rules,
		dataplane.RuleSummary{SessionNumber: 2, Direction: mirror.Egress, RuleNumber: new(7)}, dataplane.RuleSummary{SessionNumber: 2, Direction: mirror.Ingress})
	check := func(want string) {
		t.Helper()
		if got := simulation.Table(s); !strings.HasSuffix(got, want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	named := ""
	for i := 2; i <= 11; i++ {
		named += fmt.Sprintf("ingress rule %d of session 1, ", i)
	}
	check("\nNo packet hits " + named + "and 2 more.\n")
	s.Rules = s.Rules[10:]
	check("\nNo packet hits ingress rule 11 of session 1, ingress rule 12 of session 1, ingress amazon-dns of session 2.\n")
	s.Directions = map[mirror.Direction]int64{mirror.Egress: 1}
	check("\nNo packet hits egress rule 7 of session 2.\n")
	s.Rules = nil
	check("0 bytes copied.\n")
}
