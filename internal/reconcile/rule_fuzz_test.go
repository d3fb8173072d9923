package reconcile

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A rulePair is a change of the rules of a filter.
type rulePair struct{ present, wanted []mirror.Rule }

// An orderCost is what the steps of a change cost.
type orderCost struct {
	calls, least int // least: one for each rule that changes
	leaks        int // moments in which a packet leaks
	losses       int // moments in which a packet is missing that is accepted before and after
}

// cost makes the steps one after another. It looks at every moment with a walk over the
// headers, and returns an error if EC2 would refuse a step or the result is wrong.
func (p rulePair) cost(steps []ruleStep) (orderCost, error) {
	cost := orderCost{calls: len(steps)}
	limit := max(len(p.present), len(p.wanted))
	rules := slices.Clone(p.present)
	type ends struct {
		walk          *headerWalk
		before, after headers
	}
	directions := map[mirror.Direction]ends{}
	for _, d := range mirror.Directions {
		before, after := inDirection(p.present, d), inDirection(p.wanted, d)
		w := newHeaderWalk(before, after)
		directions[d] = ends{w, w.accepted(before), w.accepted(after)}
		same := 0
		for _, r := range before {
			if slices.ContainsFunc(after, func(o mirror.Rule) bool { return mirror.SameRule(r, o) }) {
				same++
			}
		}
		cost.least += max(len(before), len(after)) - same
	}
	for i, s := range steps {
		if s.call != createCall && !slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.ID == s.rule.ID }) {
			return cost, fmt.Errorf("step %d changes a rule that does not exist", i)
		}
		rules = applyStep(rules, s)
		if s.call == createCall {
			rules[len(rules)-1].ID = fmt.Sprintf("created-%d", i)
		}
		if len(rules) > limit {
			return cost, fmt.Errorf("there are %d rules after step %d", len(rules), i)
		}
		leaks, loses := false, false
		for _, d := range mirror.Directions {
			now, e := inDirection(rules, d), directions[d]
			for i := range now[:max(0, len(now)-1)] {
				if now[i].Number == now[i+1].Number {
					return cost, fmt.Errorf("two rules have number %d after step %d", now[i].Number, i)
				}
			}
			accepted := e.walk.accepted(now)
			leaks = leaks || !accepted.isWithin(e.before, e.after)
			loses = loses || !accepted.holdsBoth(e.before, e.after)
		}
		if leaks {
			cost.leaks++
		}
		if loses {
			cost.losses++
		}
	}
	for _, d := range mirror.Directions {
		if got, want := inDirection(rules, d), inDirection(p.wanted, d); !slices.EqualFunc(got, want, mirror.SameRule) {
			return cost, fmt.Errorf("the rules are %v in the end", got)
		}
	}
	return cost, nil
}

func (p rulePair) String() string {
	text := ""
	for name, rules := range map[string][]mirror.Rule{"before": p.present, "after": p.wanted} {
		text += "\n" + name
		for _, r := range rules {
			text += "\n  " + line(r)
		}
	}
	return text
}

func line(r mirror.Rule) string {
	text := fmt.Sprintf("%s %d %s", r.Direction, r.Number, r.Action)
	if r.Protocol != nil {
		text += " " + r.Protocol.String()
	}
	text += " " + r.SourceCIDR.String()
	if r.SourcePorts != nil {
		text += ":" + r.SourcePorts.String()
	}
	text += " > " + r.DestinationCIDR.String()
	if r.DestinationPorts != nil {
		text += ":" + r.DestinationPorts.String()
	}
	return text
}

// A ruleFuzz makes random changes. The rules overlap, so that their order matters.
type ruleFuzz struct{ *rand.Rand }

var (
	fuzzPrefixes = map[bool][]netip.Prefix{
		true:  {netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("10.2.0.0/16")},
		false: {netip.MustParsePrefix("::/0"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2001:db8:1::/48")},
	}
	fuzzPorts = []*mirror.PortRange{nil, nil, {From: 0, To: 79}, {From: 22, To: 443}, {From: 80, To: 65535}}
)

// rule returns a rule without a number.
func (f ruleFuzz) rule(d mirror.Direction, rejects float64, families int) mirror.Rule {
	r := mirror.Rule{Direction: d, Action: mirror.Accept}
	if f.Float64() < rejects {
		r.Action = mirror.Reject
	}
	prefixes := fuzzPrefixes[f.IntN(5) >= families]
	r.SourceCIDR, r.DestinationCIDR = prefixes[f.IntN(len(prefixes))], prefixes[f.IntN(len(prefixes))]
	if f.IntN(2) == 0 {
		p := []mirror.Protocol{mirror.TCP, mirror.UDP, mirror.TCP, 50}[f.IntN(4)]
		r.Protocol = &p
		if p.HasPorts() {
			r.DestinationPorts = fuzzPorts[f.IntN(len(fuzzPorts))]
			if f.IntN(8) == 0 {
				r.SourcePorts = fuzzPorts[f.IntN(len(fuzzPorts))]
			}
		}
	}
	if f.IntN(6) == 0 { // a wide rule
		r.SourceCIDR, r.DestinationCIDR, r.Protocol, r.SourcePorts, r.DestinationPorts = prefixes[0], prefixes[0], nil, nil, nil
	}
	return r
}

// pair returns a change of up to so many rules: of dense or of sparse numbers, to rules
// that are all new, or to ones that a user might have made of the present ones.
func (f ruleFuzz) pair(most int) rulePair {
	highest := []int{most + 1, 2 * most, 1000, int(mirror.RuleNumbers.Max)}[f.IntN(4)]
	rejects, families, egress := []float64{0.3, 0.5, 0.7}[f.IntN(3)], f.IntN(3), f.IntN(3)
	p := rulePair{present: f.list(f.IntN(most+1), highest, rejects, families, egress)}
	for i := range p.present {
		p.present[i].ID = fmt.Sprint(i)
	}
	switch f.IntN(3) {
	case 0:
		count := f.IntN(most + 1)
		if f.IntN(2) == 0 {
			count = len(p.present) // as where the quota is full
		}
		p.wanted = f.list(count, highest, rejects, families, egress)
	default:
		p.wanted = slices.Clone(p.present)
		for range 1 + f.IntN(4) {
			p.wanted = f.edit(p.wanted, most, highest, rejects, families)
		}
	}
	for i := range p.wanted {
		p.wanted[i].ID = ""
	}
	return p
}

func (f ruleFuzz) list(count, highest int, rejects float64, families, egress int) []mirror.Rule {
	numbers := map[mirror.Direction][]int{}
	for _, d := range mirror.Directions {
		for len(numbers[d]) < count {
			if n := 1 + f.IntN(highest); !slices.Contains(numbers[d], n) {
				numbers[d] = append(numbers[d], n)
			}
		}
	}
	rules := make([]mirror.Rule, count)
	for i := range rules {
		d := mirror.Ingress
		if f.IntN(4) < egress {
			d = mirror.Egress
		}
		rules[i] = f.rule(d, rejects, families)
		if i > 0 && f.IntN(6) == 0 { // the match of another rule
			action, other := rules[i].Action, rules[f.IntN(i)]
			rules[i] = other
			rules[i].Action = action
		}
		rules[i].Number = numbers[rules[i].Direction][i]
	}
	return rules
}

// edit changes rules in one way.
func (f ruleFuzz) edit(rules []mirror.Rule, most, highest int, rejects float64, families int) []mirror.Rule {
	free := func(d mirror.Direction) (n int) {
		for n = 1 + f.IntN(highest); slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.Direction == d && r.Number == n }); {
			n = 1 + f.IntN(highest)
		}
		return n
	}
	if len(rules) == 0 || len(rules) < most && f.IntN(6) == 0 {
		r := f.rule(mirror.Directions[f.IntN(2)], rejects, families)
		r.Number = free(r.Direction)
		return append(rules, r)
	}
	i, j := f.IntN(len(rules)), f.IntN(len(rules))
	switch f.IntN(6) {
	case 0: // other packets
		number := rules[i].Number
		rules[i] = f.rule(rules[i].Direction, rejects, families)
		rules[i].Number = number
	case 1: // the other action
		rules[i].Action = mirror.Actions[(slices.Index(mirror.Actions, rules[i].Action)+1)%2]
	case 2: // another number
		rules[i].Number = free(rules[i].Direction)
	case 3: // exchanged numbers
		if rules[i].Direction == rules[j].Direction {
			rules[i].Number, rules[j].Number = rules[j].Number, rules[i].Number
		}
	case 4: // all shifted, if there is room
		d, by := rules[i].Direction, 1+f.IntN(3)
		if !slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.Direction == d && r.Number+by > int(mirror.RuleNumbers.Max) }) {
			for i := range rules {
				if rules[i].Direction == d {
					rules[i].Number += by
				}
			}
		}
	case 5:
		rules = slices.Delete(rules, i, i+1)
	}
	return rules
}

// A tally sums up the costs of many changes.
type tally struct {
	pairs, leaky, lossy, lossyMoments, longestLoss int
	calls, least, extraPairs                       int
}

func (t *tally) add(c orderCost) {
	t.pairs++
	t.calls, t.least = t.calls+c.calls, t.least+c.least
	if c.leaks > 0 {
		t.leaky++
	}
	if c.losses > 0 {
		t.lossy++
		t.lossyMoments += c.losses
		t.longestLoss = max(t.longestLoss, c.losses)
	}
	if c.calls > c.least {
		t.extraPairs++
	}
}

func (t *tally) String() string {
	return fmt.Sprintf("%d pairs: %d leak; %d lose packets, for %d calls together and %d at most; %d calls for %d rules that change, %d pairs take more calls than rules change",
		t.pairs, t.leaky, t.lossy, t.lossyMoments, t.longestLoss, t.calls, t.least, t.extraPairs)
}

// fuzzRules tries random changes. A failure names the seed and the change.
func fuzzRules(t *testing.T, seed uint64, pairs int) *tally {
	t.Helper()
	sum := &tally{}
	for i := range pairs {
		f := ruleFuzz{rand.New(rand.NewPCG(seed, uint64(i)))}
		p := f.pair(2 + i%9)
		steps := ruleSteps(p.present, p.wanted)
		cost, err := p.cost(steps)
		if err != nil || cost.leaks > 0 {
			t.Errorf("pair %d of seed %d: %d moments with a leak, %v:%v\nby %v", i, seed, cost.leaks, err, p, steps)
		}
		sum.add(cost)
	}
	return sum
}

func TestFuzzTry(t *testing.T) {
	seed := uint64(time.Now().UTC().Truncate(24 * time.Hour).Unix())
	n := 20000
	fmt.Sscan(os.Getenv("N"), &n)
	start := time.Now()
	t.Log(fuzzRules(t, seed, n), time.Since(start))
}
