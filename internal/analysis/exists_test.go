package analysis

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// rule builds a rule. A field that is left out matches everything.
func rule(number int, action mirror.Action, source, destination string, protocol int, ports ...int) mirror.Rule {
	r := mirror.Rule{Number: number, Action: action, SourceCIDR: netip.MustParsePrefix(source), DestinationCIDR: netip.MustParsePrefix(destination)}
	if protocol >= 0 {
		p := mirror.Protocol(protocol)
		r.Protocol = &p
	}
	if len(ports) == 2 {
		r.DestinationPorts = &mirror.PortRange{From: ports[0], To: ports[1]}
	}
	return r
}

func TestMayExist(t *testing.T) {
	t.Parallel()
	all := rule(100, mirror.Accept, "0.0.0.0/0", "0.0.0.0/0", -1)
	all6 := rule(101, mirror.Accept, "::/0", "::/0", -1)
	half := rule(1, mirror.Accept, "0.0.0.0/1", "0.0.0.0/0", -1)
	otherHalf := rule(2, mirror.Accept, "128.0.0.0/1", "0.0.0.0/0", -1)
	ssh := rule(10, mirror.Reject, "10.0.0.0/8", "0.0.0.0/0", 6, 22, 22)
	everyPort := rule(11, mirror.Reject, "0.0.0.0/0", "0.0.0.0/0", 6, 0, 65535)
	tcp := rule(12, mirror.Reject, "0.0.0.0/0", "0.0.0.0/0", 6)
	for name, c := range map[string]struct {
		accepting, rejecting [][]mirror.Rule
		want                 bool
	}{
		"nothing is rejected":               {[][]mirror.Rule{{all}}, [][]mirror.Rule{{all}}, false},
		"two halves are the whole":          {[][]mirror.Rule{{all}}, [][]mirror.Rule{{half, otherHalf}}, false},
		"two lists of a half each too":      {[][]mirror.Rule{{all}}, [][]mirror.Rule{{half}, {otherHalf}}, false},
		"a half is less":                    {[][]mirror.Rule{{all}}, [][]mirror.Rule{{half}}, true},
		"IPv6 is not IPv4":                  {[][]mirror.Rule{{all, all6}}, [][]mirror.Rule{{all}}, true},
		"one port is rejected":              {[][]mirror.Rule{{all}}, [][]mirror.Rule{{ssh, all}}, true},
		"and no other":                      {[][]mirror.Rule{{ssh, all}}, [][]mirror.Rule{{all}}, false},
		"a reject behind an accept is dead": {[][]mirror.Rule{{all}}, [][]mirror.Rule{{half, otherHalf, ssh}}, false},
		"fragments have no ports":           {[][]mirror.Rule{{everyPort, all}}, [][]mirror.Rule{{tcp, all}}, true},
		"ports are less than the protocol":  {[][]mirror.Rule{{tcp, all}}, [][]mirror.Rule{{everyPort, all}}, false},
		"an empty list accepts nothing":     {[][]mirror.Rule{{}}, nil, false},
		"the last addresses count":          {[][]mirror.Rule{{rule(1, mirror.Accept, "255.255.255.255/32", "0.0.0.0/0", -1)}}, [][]mirror.Rule{{rule(1, mirror.Accept, "0.0.0.0/1", "0.0.0.0/0", -1)}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := MayExist(c.accepting, c.rejecting); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestMayExist_reference compares the search with a slow one that tries a packet
// of every cell.
func TestMayExist_reference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for i := range 3000 {
		accepting, rejecting := [][]mirror.Rule{randomRules(random)}, [][]mirror.Rule{randomRules(random), randomRules(random)}
		got, want := MayExist(accepting, rejecting), slowlyExists(accepting, rejecting)
		if got != want {
			t.Fatalf("question %d: got %v, want %v for\n%v\n%v", i, got, want, accepting, rejecting)
		}
		if got {
			found++
		}
	}
	if found < 300 || found > 2700 {
		t.Errorf("%d of 3000 questions were answered with yes: the test is not even", found)
	}
}

func randomRules(random *rand.Rand) []mirror.Rule {
	prefixes := []string{"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "255.0.0.0/8", "::/0", "2001:db8::/32"}
	var rules []mirror.Rule
	for n := range random.IntN(5) {
		family := random.IntN(3) / 2 * 4
		pick := func() string { return prefixes[family+random.IntN(4-family/2)] }
		r := rule(n+1, mirror.Actions[random.IntN(2)], pick(), pick(), []int{-1, 1, 6, 17}[random.IntN(4)])
		if r.Protocol != nil && r.Protocol.HasPorts() && random.IntN(2) == 0 {
			r.DestinationPorts = &mirror.PortRange{From: []int{0, 22, 80}[random.IntN(3)], To: []int{80, 443, 65535}[random.IntN(3)]}
		}
		rules = append(rules, r)
	}
	return rules
}

// slowlyExists tries the first packet of every cell.
func slowlyExists(accepting, rejecting [][]mirror.Rule) bool {
	all := slices.Concat(slices.Concat(accepting...), slices.Concat(rejecting...))
	return slices.ContainsFunc(headers(all, ""), func(h mirror.Header) bool {
		for _, rules := range accepting {
			if first := firstMatch(rules, h); first == nil || first.Action != mirror.Accept {
				return false
			}
		}
		return !slices.ContainsFunc(rejecting, func(rules []mirror.Rule) bool {
			first := firstMatch(rules, h)
			return first != nil && first.Action == mirror.Accept
		})
	})
}

func BenchmarkMayExist(b *testing.B) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{10, 30, 100} {
		var lists [3][]mirror.Rule
		for i := range lists {
			for n := range size {
				r := rule(n+1, mirror.Actions[random.IntN(2)], fmt.Sprintf("10.%d.0.0/16", random.IntN(8)), fmt.Sprintf("10.%d.0.0/16", random.IntN(8)), 6, random.IntN(1000), 1000+random.IntN(1000))
				lists[i] = append(lists[i], r)
			}
		}
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				MayExist(lists[:1], lists[1:])
			}
		})
	}
}
