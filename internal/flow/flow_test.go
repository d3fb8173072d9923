package flow_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// Whatever the capture and however it is cut into parts that are merged in any order, the JSON
// is that of the whole, and that of a slow oracle.
func TestFlows_random(t *testing.T) {
	t.Parallel()
	seed := sample.Seed(t)
	random := rand.New(rand.NewPCG(seed, 15))
	source := newSource(t)
	for range 40 {
		list := randomRecords(t, random, 1+random.IntN(300))
		kept := &oracle{limits: limitsOf(source)}
		whole := tableOf(t, source, list, kept).Flows()
		want := jsonOf(t, whole)
		if got := jsonOf(t, kept.flows(whole)); got != want {
			t.Fatalf("seed %d: the oracle and the table differ: %s", seed, difference(got, want))
		}
		if got := jsonOf(t, parse(t, want)); got != want {
			t.Fatalf("seed %d: written again it differs: %s", seed, difference(got, want))
		}
		parts := make([][]capture.Record, 1+random.IntN(5))
		for _, r := range list {
			at := random.IntN(len(parts))
			parts[at] = append(parts[at], r)
		}
		sum, joined := &flow.Flows{}, flow.NewTable(source)
		var flows []*flow.Flows
		for _, part := range parts {
			random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
			table := tableOf(t, source, part)
			flows = append(flows, table.Flows())
			if err := joined.Join(table); err != nil {
				t.Fatal(err)
			}
		}
		random.Shuffle(len(flows), func(i, j int) { flows[i], flows[j] = flows[j], flows[i] })
		if len(flows) > 2 { // in pairs first: merging is associative
			if err := flows[0].Merge(flows[1]); err != nil {
				t.Fatal(err)
			}
			flows = slices.Delete(flows, 1, 2)
		}
		for _, part := range flows {
			before := jsonOf(t, part)
			if err := sum.Merge(part); err != nil {
				t.Fatal(err)
			}
			if jsonOf(t, part) != before {
				t.Fatalf("seed %d: merging changes what is merged", seed)
			}
		}
		if got := jsonOf(t, sum); got != want {
			t.Fatalf("seed %d: %d parts merged differ: %s", seed, len(parts), difference(got, want))
		}
		if got := jsonOf(t, joined.Flows()); got != want {
			t.Fatalf("seed %d: %d tables joined differ: %s", seed, len(parts), difference(got, want))
		}
	}
}

// difference returns the first line that differs.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("line %d is\n%s\nwant\n%s", i+1, a[i], b[min(i, len(b)-1)])
		}
	}
	return fmt.Sprintf("%d lines in place of %d", len(a), len(b))
}

// A conversation with what is looked at in it.
func TestTable(t *testing.T) {
	t.Parallel()
	peer := netip.MustParseAddr("192.0.2.1")
	second := int64(1_700_000_000e9)
	list := []capture.Record{
		record(t, second+5, tcp(own, peer, 443, 50000, 60)), // first the answer: the orientation stays
		record(t, second+2, tcp(peer, own, 50000, 443, 500)),
		record(t, second+2e9, tcp(peer, own, 50000, 443, 100)),
	}
	f := tableOf(t, newSource(t), list).Flows()
	want := flow.Conversation{
		Interface: "eni-0123456789abcdef0", Protocol: 6, Ports: flow.PortNumbers, Local: own, LocalPort: 443, Remote: peer, RemotePort: 50000,
		In: flow.Way{
			Packets: 2, Bytes: 600, CapturedBytes: 600, Mirrored: 2, MirroredBytes: 228, Truncated: 1,
			Decisions: []flow.Decision{{SessionNumber: 1, RuleNumber: 100, Outcome: "mirrored", Reason: "rule_accepts", Packets: 2, MirroredBytes: 228}},
		},
		Out: flow.Way{
			Packets: 1, Bytes: 60, CapturedBytes: 60, Decisions: []flow.Decision{{Outcome: "no_match", Reason: "no_rule", Packets: 1}},
		},
		First: time.Unix(0, second+2).UTC(), Last: time.Unix(0, second+2e9).UTC(), Marks: []flow.Mark{flow.HalfMirrored, flow.CopiedCut},
	}
	if len(f.Conversations) != 1 || !reflect.DeepEqual(f.Conversations[0], want) {
		t.Errorf("got  %+v\nwant %+v", f.Conversations, want)
	}
	rate := f.Rate.Together
	if f.Rate.Observed != 2 || rate.Bytes != 228+2*50 || rate.Bits.Peak != 8*178 || rate.Packets.Peak != 1 || !rate.Bits.PeakAt.Equal(time.Unix(1_700_000_000, 0)) {
		t.Errorf("the rate is %+v, %+v", rate, rate.Bits)
	}
}

// A capture with a snapshot length has the rate of the whole capture, and the same copies are cut.
// Only copied bytes are those of the capture, which is said.
func TestTable_snapshot(t *testing.T) {
	t.Parallel()
	peer := netip.MustParseAddr("192.0.2.1")
	list := []capture.Record{
		record(t, 1_700_000_000e9, tcp(peer, own, 50000, 443, 500)), // cut to 128
		record(t, 1_700_000_000e9, tcp(peer, own, 50000, 443, 100)),
		record(t, 1_700_000_001e9, tcp(peer, own, 50000, 80, 1400)),
	}
	whole := tableOf(t, newSource(t), list).Flows()
	for i := range list {
		list[i].Data = list[i].Data[:60]
	}
	f := tableOf(t, newSource(t), list).Flows()
	if !reflect.DeepEqual(f.Rate, whole.Rate) || f.Rate.Together.Bits.Peak == 0 {
		t.Errorf("the rate is %+v, not %+v", f.Rate, whole.Rate)
	}
	if got := f.Total; got.Bytes != whole.Total.Bytes || got.Truncated != 1 || whole.Total.Truncated != 1 || got.MirroredBytes != 180 || got.UnknownLength != 0 {
		t.Errorf("the total is %+v, not %+v", got, whole.Total)
	}
	const want = "\nThe capture has cut packets: it has 180 bytes of 2,000 bytes. Bytes copied are those of the capture. Cut copies and rates count packets as they were on the wire.\n"
	if text, of := textOf(t, f), textOf(t, whole); !strings.Contains(text, want) || strings.Contains(of, "The capture has cut") {
		t.Errorf("the text is\n%s\nand that of the whole\n%s", text, of)
	}
}

// If the capture does not keep the lengths of packets that it cuts, a rate can be higher.
func TestTable_unknownLength(t *testing.T) {
	t.Parallel()
	peer := netip.MustParseAddr("192.0.2.1")
	list := []capture.Record{
		record(t, 1_700_000_000e9, tcp(peer, own, 50000, 443, 500)), // 200 captured: it is cut to 128 anyway
		record(t, 1_700_000_000e9, tcp(peer, own, 50000, 80, 500)),
		record(t, 1_700_000_000e9, packet.Spec{Protocol: packet.ProtocolTCP, Source: netip.MustParseAddr("2001:db8:2::3"), Destination: own6, SourcePort: new(uint16(1)), DestinationPort: new(uint16(80)), Length: 500}), // not mirrored
		record(t, 1_700_000_000e9, tcp(peer, own, 50000, 80, 100)),
	}
	for i := range list[:3] {
		list[i].Data, list[i].Wire = list[i].Data[:200], 200
	}
	f := tableOf(t, newSource(t), list).Flows()
	if got := f.Rate.Together; f.Total.UnknownLength != 3 || got.AtLeast != 1 || got.Copies != 3 || got.Bytes != 128+50+200+70+100+70 {
		t.Errorf("the total is %+v, the rate %+v", f.Total, got)
	}
	text := textOf(t, f)
	for _, want := range []string{
		"\n3 packets are cut, and the capture does not say how long they were on the wire. Each counts as long as the capture says.\n",
		"\nThe rate can be higher than that: the length of 1 copy on the wire is not known.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if got := jsonOf(t, f); !strings.Contains(got, `"copies_of_unknown_length":1,`) || jsonOf(t, parse(t, got)) != got {
		t.Errorf("the JSON is %s", got)
	}
}

// Without a time nothing is known of the rate, which is not the rate 0.
func TestTable_noTime(t *testing.T) {
	t.Parallel()
	f := tableOf(t, newSource(t), []capture.Record{record(t, 0, tcp(netip.MustParseAddr("192.0.2.1"), own, 50000, 443, 100))}).Flows()
	if f.Rate.Together.Bits != nil || f.Rate.Together.Copies != 1 || f.Rate.Together.Untimed != 1 {
		t.Errorf("the rate is %+v", f.Rate.Together)
	}
	var text strings.Builder
	if err := f.WriteText(&text); err != nil || !strings.Contains(text.String(), "The rate is not known, because no packet has a time.") {
		t.Errorf("the text is %s, %v", &text, err)
	}
	if got := jsonOf(t, f); strings.Contains(got, "per_second") || strings.Contains(got, "peak") || jsonOf(t, parse(t, got)) != got {
		t.Errorf("the JSON has a rate: %s", got)
	}
}

// With times, the rate of nothing is known: it is 0, and no second has the peak.
func TestTable_nothingMirrored(t *testing.T) {
	t.Parallel()
	f := tableOf(t, newSource(t), []capture.Record{record(t, 1_700_000_000e9, tcp(netip.MustParseAddr("192.0.2.1"), own, 50000, 22, 100))}).Flows()
	const zero = `{"peak":0,"p99":0,"p95":0,"mean":0}`
	got := jsonOf(t, f)
	if all := 2 * (1 + len(f.Rate.Targets)); strings.Count(got, "_per_second\":"+zero) != all || strings.Contains(got, "0001-01-01") {
		t.Errorf("the JSON should have %d figures %s: %s", all, zero, got)
	}
	if jsonOf(t, parse(t, got)) != got {
		t.Error("reading and writing changes it")
	}
	// A table of an earlier version has a time and null in their place.
	earlier := strings.ReplaceAll(got, `"peak":0,`, `"peak":0,"peak_at":"0001-01-01T00:00:00Z",`)
	if jsonOf(t, parse(t, earlier)) != got || jsonOf(t, parse(t, strings.ReplaceAll(got, zero, "null"))) != got {
		t.Error("a table of an earlier version is read as another one")
	}
	other := tableOf(t, newSource(t), []capture.Record{record(t, 1_700_000_001e9, tcp(netip.MustParseAddr("192.0.2.1"), own, 50000, 443, 100))}).Flows()
	if err := f.Merge(other); err != nil || f.Rate.Together.Bits.Peak != 8*150 || f.Rate.Together.Bits.PeakAt.Unix() != 1_700_000_001 {
		t.Errorf("merged with a copy, the rate is %+v, %v", f.Rate.Together.Bits, err)
	}
}

// A packet of a conversation that the table has takes no memory. A new conversation takes one
// allocation at most.
func TestTable_allocations(t *testing.T) {
	source := newSource(t)
	table := flow.NewTable(source)
	p := simulation.Packet{Nanoseconds: 1_700_000_000e9}
	take := func(r capture.Record) {
		r.Decode(&p.Decoded)
		p.Record = &r
		p.Verdict = source.Process(&p.Decoded, "")
		if err := table.Take(&p); err != nil {
			t.Fatal(err)
		}
	}
	known := []capture.Record{
		record(t, 1, tcp(netip.MustParseAddr("192.0.2.1"), own, 50000, 443, 500)), record(t, 1, tcp(own, netip.MustParseAddr("192.0.2.1"), 443, 50000, 500)),
		record(t, 1, packet.Spec{Protocol: packet.ProtocolICMPv6, Source: own6, Destination: netip.MustParseAddr("2001:db8::1")}),
	}
	for _, r := range known {
		take(r)
	}
	if n := testing.AllocsPerRun(100, func() {
		for i := range known {
			known[i].Decode(&p.Decoded)
			p.Record, p.Verdict = &known[i], source.Process(&p.Decoded, "")
			_ = table.Take(&p)
		}
	}); n != 0 {
		t.Errorf("three packets of known conversations take %v allocations", n)
	}
	const conversations = 20_000
	fresh := record(t, 1, tcp(netip.MustParseAddr("192.0.2.1"), own, 50000, 443, 500))
	port := fresh.Data[14+20 : 14+22]
	if n := testing.AllocsPerRun(1, func() {
		for i := range conversations {
			port[0], port[1] = byte(i>>8), byte(i)
			fresh.Decode(&p.Decoded)
			p.Record, p.Verdict = &fresh, source.Process(&p.Decoded, "")
			_ = table.Take(&p)
		}
		table = flow.NewTable(source)
	}); n > conversations {
		t.Errorf("%d new conversations take %v allocations", conversations, n)
	}
}

// Gaps of years between packets take no memory, and do not count as seconds without traffic.
func TestTable_gap(t *testing.T) {
	t.Parallel()
	peer := netip.MustParseAddr("192.0.2.1")
	f := tableOf(t, newSource(t), []capture.Record{
		record(t, 1e9, tcp(peer, own, 50000, 443, 100)), record(t, 1_700_000_000e9, tcp(peer, own, 50000, 443, 100)),
	}).Flows()
	if f.Rate.Observed != 2 || len(f.Rate.Together.Seconds) != 2 || f.Rate.Together.Packets.P95 != 1 {
		t.Errorf("the rate is %+v", f.Rate)
	}
}
