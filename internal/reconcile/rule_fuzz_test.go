package reconcile

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
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

// fuzzCount returns how many changes a test tries: a fixed number of them if it is long.
func fuzzCount(usual, long int) int {
	switch {
	case testing.Short():
		return usual / 20
	case sample.All():
		return long
	}
	return usual
}

// check makes the steps of a change and sums up what they cost.
func (t *tally) check(tt *testing.T, seed uint64, i int, p rulePair, steps []ruleStep) orderCost {
	tt.Helper()
	cost, err := p.cost(steps)
	if err != nil || cost.leaks > 0 {
		tt.Errorf("change %d of TRAFFICMIRROR_SEED=%d: after %d calls a packet is accepted that is accepted neither before nor after, error %v:%v\nby%s", i, seed, cost.leaks, err, p, lines(steps))
	}
	said := 0
	for _, s := range steps {
		if len(s.loses) > 0 {
			said++
		}
	}
	if said != cost.losses {
		tt.Errorf("change %d of TRAFFICMIRROR_SEED=%d: packets are missing after %d calls, and %d say so:%v\nby%s", i, seed, cost.losses, said, p, lines(steps))
	}
	t.add(cost)
	return cost
}

func lines(steps []ruleStep) (text string) {
	for _, s := range steps {
		text += fmt.Sprintf("\n  %s %s: %s", s.call, s.rule.ID, line(s.rule))
	}
	return text
}

// Random changes: at no moment does a packet leak, hardly any change loses packets, and
// hardly any takes more calls than rules change.
func TestRuleSteps_fuzz(t *testing.T) {
	t.Parallel()
	seed, count, sum := sample.Seed(t), fuzzCount(20_000, 1_000_000), &tally{}
	for i := range count {
		p := ruleFuzz{rand.New(rand.NewPCG(seed, uint64(i)))}.pair(2 + i%9)
		sum.check(t, seed, i, p, ruleSteps(p.present, p.wanted))
		if t.Failed() {
			break
		}
	}
	t.Logf("TRAFFICMIRROR_SEED=%d: %v", seed, sum)
	if sum.lossyMoments > max(5, count/1000) || sum.longestLoss > 4 {
		t.Errorf("%d changes lose packets, for %d calls together and %d at most", sum.lossy, sum.lossyMoments, sum.longestLoss)
	}
	if sum.extraPairs > max(5, count/100) || sum.calls > sum.least+sum.least/100+5 {
		t.Errorf("%d calls for %d rules that change, %d changes take more calls than rules change", sum.calls, sum.least, sum.extraPairs)
	}
}

// Random changes of separate rules, of which each keeps its identity and others do not change.
func TestChangeSteps_fuzz(t *testing.T) {
	t.Parallel()
	seed, count, sum, none := sample.Seed(t), fuzzCount(10_000, 100_000), &tally{}, 0
	for i := range count {
		p, changes := ruleFuzz{rand.New(rand.NewPCG(seed, uint64(i)))}.separate(2 + i%9)
		steps := changeSteps(p.present, p.wanted, changes)
		if len(changes) > 0 && steps == nil {
			none++
			continue
		}
		for _, s := range steps {
			if !slices.ContainsFunc(changes, func(c ruleChange) bool {
				return s.rule.ID == "" && c.from == nil || c.from != nil && c.from.ID == s.rule.ID
			}) {
				t.Errorf("change %d of TRAFFICMIRROR_SEED=%d: rule %s does not change:%v\nby%s", i, seed, s.rule.ID, p, lines(steps))
			}
		}
		sum.check(t, seed, i, p, steps)
		if t.Failed() {
			break
		}
	}
	t.Logf("TRAFFICMIRROR_SEED=%d: %v; no order for %d", seed, sum, none)
	if none > max(5, count/200) {
		t.Errorf("no order was found for %d changes", none)
	}
}

// separate makes a change in which each rule keeps its identity, and none is deleted.
func (f ruleFuzz) separate(most int) (rulePair, []ruleChange) {
	p := f.pair(most)
	p.wanted = slices.Clone(p.present)
	highest := []int{most + 1, 1000}[f.IntN(2)]
	for range 1 + f.IntN(5) {
		if len(p.wanted) == 0 {
			break
		}
		i, j := f.IntN(len(p.wanted)), f.IntN(len(p.wanted))
		r := p.wanted[i]
		switch f.IntN(5) {
		case 0, 1: // exchanged numbers
			if r.Direction == p.wanted[j].Direction {
				p.wanted[i].Number, p.wanted[j].Number = p.wanted[j].Number, r.Number
			}
			continue
		case 2:
			r.Number = 1 + f.IntN(highest)
		case 3: // the number and other packets
			r = f.rule(r.Direction, 0.5, f.IntN(3))
			r.ID, r.Number = p.wanted[i].ID, 1+f.IntN(highest)
		case 4: // the other direction
			r.Direction = mirror.Directions[(slices.Index(mirror.Directions, r.Direction)+1)%2]
		}
		if !isNumberUsed(slices.Delete(slices.Clone(p.wanted), i, i+1), r) {
			p.wanted[i] = r
		}
	}
	var changes []ruleChange
	for i := range p.wanted {
		if !mirror.SameRule(p.present[i], p.wanted[i]) {
			changes = append(changes, ruleChange{&p.present[i], &p.wanted[i]})
		}
	}
	for range f.IntN(3) { // created ones, maybe with a number that another one leaves
		r := f.rule(mirror.Directions[f.IntN(2)], 0.5, f.IntN(3))
		if len(p.present) > 0 && f.IntN(2) == 0 {
			left := p.present[f.IntN(len(p.present))]
			r.Direction, r.Number = left.Direction, left.Number
		} else {
			r.Number = 1 + f.IntN(highest)
		}
		if !isNumberUsed(p.wanted, r) {
			p.wanted = append(p.wanted, r)
			changes = append(changes, ruleChange{to: &r})
		}
	}
	return p, changes
}

// The last resort needs no analysis: it is safe too if there are too many classes of
// packets to look at.
func TestLastResort(t *testing.T) {
	t.Parallel()
	seed, count := sample.Seed(t), fuzzCount(2000, 20_000)
	maps, separate, none := &tally{}, &tally{}, 0
	for i := range count {
		for _, isExact := range []bool{true, false} {
			f := ruleFuzz{rand.New(rand.NewPCG(seed, uint64(i)))}
			p := f.pair(2 + i%9)
			var steps []ruleStep
			for _, s := range searchesFor(p.present, p.wanted) {
				s.spaces[0].isExact, s.spaces[1].isExact = isExact, isExact
				steps = append(steps, s.stepsTo(s.lastResort())...)
			}
			maps.checkLeaks(t, seed, i, p, steps)
			p, changes := f.separate(2 + i%9)
			s := newRuleSearch(p.present, p.wanted, changes, max(len(p.present), len(p.wanted)), false)
			s.spaces[0].isExact, s.spaces[1].isExact = isExact, isExact
			if end := s.lastResort(); end != nil {
				separate.checkLeaks(t, seed, i, p, s.stepsTo(end))
			} else {
				none++
			}
		}
	}
	t.Logf("rules of a filter: %v", maps)
	t.Logf("separate rules: %v; no order for %d", separate, none)
	if none > count/2 {
		t.Errorf("no order for %d of %d changes of separate rules", none, 2*count)
	}
}

// If a rule that does not change leaves no number for the rejects that exchange theirs, there
// is no safe order, and none is made without a look at the packets.
func TestLastResort_noRoom(t *testing.T) {
	t.Parallel()
	present := rules(t, "ingress 1 reject udp 10.2.0.0/16 > 10.2.0.0/16", "ingress 2 reject udp 0.0.0.0/0 > 10.0.0.0/8:80-90", "ingress 3 accept udp 0.0.0.0/0 > 0.0.0.0/0")
	wanted := slices.Clone(present)
	wanted[0].Number, wanted[1].Number = 2, 1
	for _, isExact := range []bool{true, false} {
		s := newRuleSearch(present, wanted, []ruleChange{{&present[0], &wanted[0]}, {&present[1], &wanted[1]}}, 3, false)
		s.spaces[0].isExact = isExact
		if end := s.lastResort(); end != nil {
			t.Errorf("exact: %v, the order is%s", isExact, lines(s.stepsTo(end)))
		}
	}
}

// An accept that becomes a reject does so before a reject moves away behind an accept that may
// not change.
func TestLastResort_acceptBecomesReject(t *testing.T) {
	t.Parallel()
	present := rules(t, "ingress 1 accept all 10.2.0.0/16 > 10.1.0.0/16", "ingress 3 reject all 10.0.0.0/8 > 10.2.0.0/16", "ingress 5 accept all 0.0.0.0/0 > 10.0.0.0/8")
	wanted := slices.Clone(present)
	wanted[0] = rules(t, "ingress 3 reject tcp 0.0.0.0/0 > 10.0.0.0/8")[0]
	wanted[0].ID = present[0].ID
	wanted[1].Number = 267
	for _, isExact := range []bool{true, false} {
		s := newRuleSearch(present, wanted, []ruleChange{{&present[1], &wanted[1]}, {&present[0], &wanted[0]}}, 3, false)
		s.spaces[0].isExact = isExact
		end := s.lastResort()
		if end == nil {
			t.Fatalf("exact: %v, there is no order", isExact)
		}
		new(tally).checkLeaks(t, 0, 0, rulePair{present: present, wanted: wanted}, s.stepsTo(end))
	}
}

// checkLeaks is check for steps that do not know whether they lose packets.
func (t *tally) checkLeaks(tt *testing.T, seed uint64, i int, p rulePair, steps []ruleStep) {
	tt.Helper()
	cost, err := p.cost(steps)
	if err != nil || cost.leaks > 0 {
		tt.Errorf("change %d of TRAFFICMIRROR_SEED=%d: after %d calls a packet leaks, error %v:%v\nby%s", i, seed, cost.leaks, err, p, lines(steps))
	}
	t.add(cost)
}

// The walk over the headers judges every header as the first rule that matches it does.
func TestHeaderWalk(t *testing.T) {
	t.Parallel()
	accepts, rejects := 0, 0
	for i := range 300 {
		p := ruleFuzz{rand.New(rand.NewPCG(1, uint64(i)))}.pair(8)
		rules := inDirection(p.present, mirror.Ingress)
		w := newHeaderWalk(rules, inDirection(p.wanted, mirror.Ingress))
		accepted := w.accepted(rules)
		for header := range len(w.pairs) * len(w.kinds) {
			want := w.accepts(rules, header)
			if accepted.has(header) != want {
				t.Fatalf("change %d: header %v %v is accepted: %v:%v", i, w.pairs[header/len(w.kinds)], w.kinds[header%len(w.kinds)], !want, p)
			}
			if want {
				accepts++
			} else {
				rejects++
			}
		}
	}
	if accepts < rejects/20 || rejects < accepts/20 {
		t.Errorf("%d headers are accepted, and %d are not", accepts, rejects)
	}
}
