package reconcile

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// A smallWorld is small enough to try every order of calls: few numbers, and few matches.
// A state is a set of rules, each of them a byte: three bits for the number, four for the
// match and one for the action.
type smallWorld struct {
	limit  int
	walk   *headerWalk
	ends   [2]headers
	judged map[uint32]judgement
}

type judgement struct{ isSafe, isLossless bool }

// worldNumbers are the numbers of a small world: rules begin and end with the first five.
const worldNumbers = 7

// worldMatches has with every two matches one that holds both.
var worldMatches = func() (matches []mirror.Rule) {
	for _, source := range []string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"} {
		for _, destination := range []string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"} {
			matches = append(matches, mirror.Rule{Direction: mirror.Ingress, SourceCIDR: netip.MustParsePrefix(source), DestinationCIDR: netip.MustParsePrefix(destination)})
		}
	}
	return matches
}()

// smallPair makes a random change in a small world.
func (f ruleFuzz) smallPair() rulePair {
	list := func(count int) []mirror.Rule {
		numbers := f.Perm(5)
		rules := make([]mirror.Rule, count)
		for i := range rules {
			rules[i] = worldMatches[f.IntN(len(worldMatches))]
			rules[i].Number, rules[i].Action = numbers[i]+1, mirror.Actions[f.IntN(2)]
		}
		return rules
	}
	count := 2 + f.IntN(4)/3
	p := rulePair{list(count), list(count - f.IntN(2))}
	for i := range p.present {
		p.present[i].ID = string(rune('a' + i))
	}
	return p
}

func worldState(rules []mirror.Rule) uint32 {
	var bytes []byte
	for _, r := range rules {
		match := slices.IndexFunc(worldMatches, func(o mirror.Rule) bool { return matchOf(o) == matchOf(r) })
		bytes = append(bytes, byte(r.Number)<<5|byte(match)<<1|byte(slices.Index(mirror.Actions, r.Action)))
	}
	return stateOf(bytes)
}

func stateOf(bytes []byte) (state uint32) {
	slices.Sort(bytes)
	for _, b := range bytes {
		state = state<<8 | uint32(b)
	}
	return state
}

func rulesOf(state uint32) (bytes []byte) {
	for ; state != 0; state >>= 8 {
		bytes = append(bytes, byte(state))
	}
	return bytes
}

func (w *smallWorld) judge(state uint32) judgement {
	if j, known := w.judged[state]; known {
		return j
	}
	var rules []mirror.Rule
	for _, b := range rulesOf(state) {
		r := worldMatches[b>>1&15]
		r.Number, r.Action = int(b>>5), mirror.Actions[b&1]
		rules = append(rules, r)
	}
	accepted := w.walk.accepted(rules)
	j := judgement{accepted.isWithin(w.ends[0], w.ends[1]), accepted.holdsBoth(w.ends[0], w.ends[1])}
	w.judged[state] = j
	return j
}

// minimum returns the fewest losses of all orders without a leak, and the fewest calls
// of those. Any call may make any rule of any other.
func (p rulePair) minimum() (losses, calls int) {
	w := smallWorld{limit: max(len(p.present), len(p.wanted)), walk: newHeaderWalk(worldMatches), judged: map[uint32]judgement{}}
	w.ends = [2]headers{w.walk.accepted(p.present), w.walk.accepted(p.wanted)}
	goal := worldState(p.wanted)
	type entry struct {
		state uint32
		calls int
	}
	seen := map[uint32]bool{}
	level := []entry{{worldState(p.present), 0}}
	for losses = 0; ; losses++ {
		// All states of this level are found before the next: those that lose
		// packets begin the next one.
		var next []entry
		slices.SortStableFunc(level, func(a, b entry) int { return a.calls - b.calls })
		for len(level) > 0 {
			e := level[0]
			level = level[1:]
			if e.state == goal {
				return losses, e.calls
			}
			if seen[e.state] {
				continue
			}
			seen[e.state] = true
			w.eachCall(e.state, func(state uint32) {
				switch j := w.judge(state); {
				case seen[state] || !j.isSafe:
				case j.isLossless:
					level = append(level, entry{state, e.calls + 1})
				default:
					next = append(next, entry{state, e.calls + 1})
				}
			})
		}
		level = next
	}
}

// eachCall calls f with the states after each possible call.
func (w *smallWorld) eachCall(state uint32, f func(uint32)) {
	rules := rulesOf(state)
	for i := range len(rules) + 1 {
		others := slices.Clone(rules)
		if i < len(rules) {
			others = slices.Delete(others, i, i+1)
			f(stateOf(slices.Clone(others)))
		}
		if len(others) == w.limit {
			continue
		}
		for number := 1; number <= worldNumbers; number++ {
			if slices.ContainsFunc(others, func(b byte) bool { return int(b>>5) == number }) {
				continue
			}
			for content := range 2 * len(worldMatches) {
				f(stateOf(append(slices.Clone(others), byte(number<<5|content))))
			}
		}
	}
}

// In a small world the order is compared with the best of all orders. It hardly ever loses
// packets where another order does not, and hardly ever takes more calls than needed. The best
// order may need a rule that is neither an old nor a new one, nor holds two of them: the
// search does not try those.
func TestRuleSteps_minimum(t *testing.T) {
	t.Parallel()
	seed, count := sample.Seed(t), fuzzCount(500, 10_000)
	found, least := &tally{}, &tally{}
	moreLosses, moreCalls, compared := 0, 0, 0
	for i := range count {
		p := ruleFuzz{rand.New(rand.NewPCG(seed, uint64(i)))}.smallPair()
		cost := found.check(t, seed, i, p, ruleSteps(p.present, p.wanted))
		best := cost
		if cost.losses > 0 || cost.calls > cost.least { // otherwise nothing can be better
			compared++
			best.losses, best.calls = p.minimum()
			if best.losses < cost.losses {
				moreLosses++
				t.Logf("avoidable:%v\nby%s\nminimum %d calls", p, lines(ruleSteps(p.present, p.wanted)), best.calls)
			} else if best.calls < cost.calls {
				moreCalls++
			}
		}
		least.add(best)
	}
	t.Logf("TRAFFICMIRROR_SEED=%d: %v", seed, found)
	t.Logf("the minimum of %d of them: %v", compared, least)
	t.Logf("%d lose packets for more calls than needed, %d take more calls than needed", moreLosses, moreCalls)
	if moreLosses > max(5, count/100) || moreCalls > max(5, count/100) {
		t.Errorf("%d changes lose packets for more calls than needed, %d take more calls than needed", moreLosses, moreCalls)
	}
}
