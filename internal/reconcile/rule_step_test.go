package reconcile

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkSteps makes the steps of a change, and checks each moment.
func checkSteps(t *testing.T, present, wanted []mirror.Rule) orderCost {
	t.Helper()
	p := rulePair{present, wanted}
	return new(tally).check(t, 0, 0, p, ruleSteps(present, wanted))
}

func numbered(numbers ...int) []mirror.Rule {
	rules := make([]mirror.Rule, len(numbers))
	for i, n := range numbers {
		rules[i] = mirror.Rule{
			ID: fmt.Sprint(i), Direction: mirror.Ingress, Number: n, Action: mirror.Actions[i%2],
			SourceCIDR: netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", i/2)), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
		}
	}
	return rules
}

// Rules in the reverse order: one call each, also where there are far more of them
// than the usual quota allows.
func TestRuleSteps_reverse(t *testing.T) {
	t.Parallel()
	for _, count := range []int{10, 60, 200} {
		var up, down []int
		for n := range count {
			up, down = append(up, n+1), append(down, count-n)
		}
		if cost := checkSteps(t, numbered(up...), numbered(down...)); cost.calls != count || cost.losses > 0 {
			t.Errorf("%d rules: %+v", count, cost)
		}
	}
}

// Inserting before dense rules shifts them all: one call each.
func TestRuleSteps_insert(t *testing.T) {
	t.Parallel()
	wanted := numbered(2, 3, 4, 5)
	first := wanted[0]
	first.Number, first.SourceCIDR = 1, netip.MustParsePrefix("10.9.0.0/16")
	if cost := checkSteps(t, numbered(1, 2, 3, 4), append(wanted, first)); cost.calls != 5 || cost.losses > 0 {
		t.Errorf("%+v", cost)
	}
}

// What is as it should be takes no call.
func TestRuleSteps_none(t *testing.T) {
	t.Parallel()
	if steps := ruleSteps(numbered(1, 2, 3), numbered(1, 2, 3)); steps != nil {
		t.Errorf("%v", steps)
	}
}

// rules reads rules such as "ingress 6 accept tcp 10.0.0.0/8 > 10.2.0.0/16:22-443". Their IDs
// are their places in the list.
func rules(t *testing.T, lines ...string) []mirror.Rule {
	t.Helper()
	all := make([]mirror.Rule, len(lines))
	for i, text := range lines {
		fields := strings.Fields(text)
		r := mirror.Rule{ID: fmt.Sprint(i), Direction: mirror.Direction(fields[0]), Action: mirror.Action(fields[2])}
		slash := strings.Index(fields[6], "/")
		length, ports, hasPorts := strings.Cut(fields[6][slash:], ":")
		r.SourceCIDR, r.DestinationCIDR = netip.MustParsePrefix(fields[4]), netip.MustParsePrefix(fields[6][:slash]+length)
		if protocol := map[string]mirror.Protocol{"tcp": mirror.TCP, "udp": mirror.UDP}; fields[3] != "all" {
			r.Protocol = new(protocol[fields[3]])
		}
		_, err := fmt.Sscan(fields[1], &r.Number)
		if hasPorts && err == nil {
			r.DestinationPorts = &mirror.PortRange{}
			_, err = fmt.Sscanf(ports, "%d-%d", &r.DestinationPorts.From, &r.DestinationPorts.To)
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all[i] = r
	}
	return all
}

// Changes that are hard: no packet leaks, and packets are missing only if there is no other
// way, in as few calls as can be.
func TestRuleSteps_hard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []string
		want          orderCost
	}{
		"rules of other packets at other numbers": {
			[]string{"ingress 6 accept tcp 10.0.0.0/8 > 10.2.0.0/16:22-443", "ingress 3 reject udp 10.2.0.0/16 > 10.2.0.0/16:22-443", "ingress 5 reject tcp 10.1.0.0/16 > 10.2.0.0/16"},
			[]string{"ingress 1 reject all 10.0.0.0/8 > 10.1.0.0/16", "ingress 3 accept tcp 10.2.0.0/16 > 10.0.0.0/8:0-79", "ingress 2 accept tcp 10.2.0.0/16 > 10.0.0.0/8:22-443"},
			orderCost{calls: 3, least: 3},
		},
		"a reject goes to the other family": {
			[]string{"ingress 3 reject all ::/0 > ::/0", "ingress 8 accept tcp ::/0 > ::/0:80-65535"},
			[]string{"egress 3 reject all 0.0.0.0/0 > 0.0.0.0/0", "ingress 8 accept tcp 10.0.0.0/8 > 10.0.0.0/8"},
			orderCost{calls: 3, least: 3},
		},
		"no order keeps all packets": {
			[]string{"ingress 7 accept all 10.1.0.0/16 > 10.1.0.0/16", "ingress 4 accept tcp 10.2.0.0/16 > 10.2.0.0/16"},
			[]string{"ingress 7 reject tcp 0.0.0.0/0 > 10.0.0.0/8:22-443", "ingress 9 accept all 0.0.0.0/0 > 0.0.0.0/0"},
			orderCost{calls: 2, least: 2, losses: 1},
		},
		"room for more rules keeps all packets": {
			[]string{"ingress 6288 accept all 0.0.0.0/0 > 0.0.0.0/0", "ingress 3356 reject udp 10.0.0.0/8 > 0.0.0.0/0:0-79"},
			[]string{"ingress 10418 accept tcp 10.0.0.0/8 > 10.2.0.0/16:0-79", "ingress 56 accept udp 10.0.0.0/8 > 10.0.0.0/8:80-90", "egress 3 accept all 10.2.0.0/16 > 10.0.0.0/8", "egress 4 accept all 10.2.0.0/16 > 10.0.0.0/8"},
			orderCost{calls: 5, least: 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := checkSteps(t, rules(t, c.before...), rules(t, c.after...)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// Rules of which too many classes of packets can be told apart change too, without a leak.
func TestRuleSteps_many(t *testing.T) {
	t.Parallel()
	random := ruleFuzz{rand.New(rand.NewPCG(1, 2))}
	list := func() []mirror.Rule {
		all := make([]mirror.Rule, 80)
		for i := range all {
			from, to := random.IntN(40000), random.IntN(40000)
			all[i] = mirror.Rule{
				ID: fmt.Sprint(i), Direction: mirror.Ingress, Number: i + 1, Action: mirror.Actions[random.IntN(2)], Protocol: new(mirror.TCP),
				SourceCIDR:      netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(random.IntN(256))}), random.IntN(3)).Masked(),
				DestinationCIDR: netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(random.IntN(256))}), random.IntN(3)).Masked(),
				SourcePorts:     &mirror.PortRange{From: from, To: from + 20000}, DestinationPorts: &mirror.PortRange{From: to, To: to + 20000},
			}
		}
		return all
	}
	before, after := list(), list()
	s := searchesFor(before, after)[0]
	if s.isExact() {
		t.Fatal("there are too few classes for this test")
	}
	new(tally).checkLeaks(t, 0, 0, rulePair{before, after}, ruleSteps(before, after))
}
