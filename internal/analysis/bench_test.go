package analysis

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// likeACL returns ingress rules as access lists have them: hosts and networks of one site,
// single services, some wide rules, and one for everything at the end. They accept and reject
// in turn.
func likeACL(seed uint64, n int) []mirror.Rule {
	w := rand.New(rand.NewPCG(seed, 1))
	hosts := func() netip.Addr { return netip.AddrFrom4([4]byte{10, 7, byte(w.IntN(8)), byte(1 + w.IntN(100))}) }
	networks := make([]netip.Prefix, 40)
	for i := range networks {
		networks[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(1 + w.IntN(220)), byte(w.IntN(256)), byte(w.IntN(256))}), 8+w.IntN(17)).Masked()
	}
	services := []int{21, 22, 53, 80, 123, 135, 161, 389, 443, 445, 636, 1433, 1521, 3306, 3389, 5432, 8080, 8443}
	rules := make([]mirror.Rule, 0, n)
	for number := 1; number < n; number++ {
		r := mirror.Rule{
			Number: number, Direction: mirror.Ingress, Action: mirror.Actions[number%2], Protocol: new(mirror.TCP),
			SourceCIDR: netip.PrefixFrom(hosts(), 32), DestinationCIDR: networks[w.IntN(len(networks))],
		}
		switch w.IntN(10) {
		case 0:
			r.SourceCIDR = mirror.EveryIPv4
		case 1:
			r.SourceCIDR = netip.PrefixFrom(hosts(), 24).Masked()
		case 2:
			r.DestinationCIDR = mirror.EveryIPv4
		case 3, 4, 5:
			r.DestinationCIDR = netip.PrefixFrom(r.DestinationCIDR.Addr().Next(), 32)
		}
		if w.IntN(8) == 0 {
			r.Protocol = new(mirror.UDP)
		}
		port := services[w.IntN(len(services))]
		switch w.IntN(10) {
		case 0:
			r.DestinationPorts = &mirror.PortRange{From: 1024, To: 65535}
		case 1:
			r.Protocol = nil
		case 2:
			r.DestinationPorts = &mirror.PortRange{From: port, To: port + w.IntN(100)}
		default:
			r.DestinationPorts = &mirror.PortRange{From: port, To: port}
		}
		rules = append(rules, r)
	}
	return append(rules, mirror.Rule{Number: n, Direction: mirror.Ingress, Action: mirror.Reject, SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4})
}

// egressOf returns rules with their replies as egress rules.
func egressOf(rules []mirror.Rule) []mirror.Rule {
	all := slices.Clone(rules)
	for _, r := range rules {
		r.Direction = mirror.Egress
		r.SourceCIDR, r.DestinationCIDR = r.DestinationCIDR, r.SourceCIDR
		r.SourcePorts, r.DestinationPorts = r.DestinationPorts, r.SourcePorts
		all = append(all, r)
	}
	return all
}

// ask asks every question about the rules. The second filter differs in one action.
func ask(rules []mirror.Rule) map[string]func() (int, error) {
	f := mirror.Filter{Rules: egressOf(rules)}
	other := mirror.Filter{Rules: slices.Clone(f.Rules), NetworkServices: mirror.NetworkServices}
	middle := &other.Rules[len(rules)/2]
	middle.Action = mirror.Actions[1-slices.Index(mirror.Actions, middle.Action)]
	space := mirror.Space{Protocol: new(mirror.TCP), DestinationPorts: &mirror.PortRange{From: 1, To: 1023}}
	return map[string]func() (int, error){
		"mirrors":        func() (int, error) { s, err := Mirrors(f, space); return len(s.Amount), err },
		"mirrorsOutside": func() (int, error) { s, err := MirrorsOutside(f, space); return len(s.Amount), err },
		"compare":        func() (int, error) { d, err := Compare(f, other); return len(d), err },
		"unreachable":    func() (int, error) { c, err := Unreachable(rules); return len(c), err },
		"redundant":      func() (int, error) { r, err := Redundant(rules); return len(r), err },
		"decides":        func() (int, error) { p, err := DecidedPackets(f); return len(p), err },
		"touching":       func() (int, error) { r, err := Touching(f, space); return len(r), err },
		"oneWayFlows":    func() (int, error) { o, err := OneWayFlows(f); return len(o), err },
		"neverTakes":     func() (int, error) { i, err := NeverTakes([]mirror.Filter{f, other, f}); return len(i), err },
	}
}

func BenchmarkQuestions(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		for name, question := range ask(likeACL(1, n)) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := question(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// TestClassBench answers every question about a list of rules of ClassBench, read as accept and
// reject in turn.
func TestClassBench(t *testing.T) {
	t.Parallel()
	path := os.Getenv("TRAFFICMIRROR_RULES")
	if path == "" {
		t.Skip("TRAFFICMIRROR_RULES does not name a file of rules")
	}
	rules := classBench(t, path)
	questions := ask(rules)
	for name, question := range questions {
		begin := time.Now()
		n, err := question()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d in %s", name, n, time.Since(begin).Round(time.Millisecond))
	}
	covered, err := Unreachable(rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range covered {
		var by []int
		for _, r := range c.By {
			by = append(by, r.Number)
		}
		t.Logf("rule %d by %v, another action: %v", c.Rule.Number, by, c.DifferentAction)
	}
}

// classBench reads lines such as "@10.0.0.1/32 10.0.0.0/8 0 : 65535 22 : 22 0x06/0xFF".
func classBench(t *testing.T, path string) []mirror.Rule {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rules []mirror.Rule
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var source, destination string
		var from, to mirror.PortRange
		var protocol, mask int
		if _, err := fmt.Sscanf(strings.Join(strings.Fields(lines.Text()), " "), "@%s %s %d : %d %d : %d 0x%x/0x%x",
			&source, &destination, &from.From, &from.To, &to.From, &to.To, &protocol, &mask); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		r := mirror.Rule{
			Number: len(rules) + 1, Direction: mirror.Ingress, Action: mirror.Actions[len(rules)%2],
			SourceCIDR: netip.MustParsePrefix(source).Masked(), DestinationCIDR: netip.MustParsePrefix(destination).Masked(),
		}
		if mask != 0 {
			r.Protocol = new(mirror.Protocol(protocol))
		}
		every := mirror.PortRange{From: 0, To: 65535}
		if from != every {
			r.SourcePorts = &from
		}
		if to != every {
			r.DestinationPorts = &to
		}
		rules = append(rules, r)
	}
	return rules
}
