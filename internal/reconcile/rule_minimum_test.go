package reconcile

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A smallWorld is small enough to try every order of calls: few numbers, and few matches.
// A state is a set of rules, each of them a byte: three bits for the number and the
// match and the action in the others.
type smallWorld struct {
	matches []mirror.Rule
	limit   int
	walk    *headerWalk
	ends    [2]headers
	judged  map[uint32]judgement
}

type judgement struct{ isSafe, isLossless bool }

// worldNumbers are the numbers of a small world: rules begin and end with the first five.
const worldNumbers = 8

var worldMatches = func() (matches []mirror.Rule) {
	for _, source := range []string{"0.0.0.0/0", "10.0.0.0/14", "10.1.0.0/16", "10.2.0.0/16"} {
		for _, destination := range []string{"0.0.0.0/0", "10.1.0.0/16"} {
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
	count := 2 + f.IntN(2)
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
		bytes = append(bytes, byte(r.Number-1)<<5|byte(match)<<2|byte(slices.Index(mirror.Actions, r.Action))<<1|1)
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
		r := worldMatches[b>>2&7]
		r.Number, r.Action = int(b>>5)+1, mirror.Actions[b>>1&1]
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
		for number := range worldNumbers {
			if slices.ContainsFunc(others, func(b byte) bool { return int(b>>5) == number }) {
				continue
			}
			for content := range 2 * len(worldMatches) {
				f(stateOf(append(slices.Clone(others), byte(number<<5|content<<1|1))))
			}
		}
	}
}

func TestMinimumTry(t *testing.T) {
	var ours, least tally
	better, betterCalls := 0, 0
	for i := range 3000 {
		f := ruleFuzz{rand.New(rand.NewPCG(7, uint64(i)))}
		p := f.smallPair()
		steps := ruleSteps(p.present, p.wanted)
		cost, err := p.cost(steps)
		if err != nil || cost.leaks > 0 {
			t.Error(i, p, err)
		}
		ours.add(cost)
		m := cost
		if cost.losses > 0 || cost.calls > cost.least {
			m.losses, m.calls = p.minimum()
			if m.losses < cost.losses {
				better++
				t.Logf("%v %+v min %d %d %v", p, cost, m.losses, m.calls, steps)
			} else if m.calls < cost.calls {
				betterCalls++
				t.Logf("CALLS %v %+v min %d %d", p, cost, m.losses, m.calls)
			}
		}
		least.add(m)
	}
	t.Log(&ours)
	t.Log(&least)
	t.Log(better, betterCalls)
}
