package reconcile

import (
	"container/heap"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleSteps returns the calls that change present to wanted. Their order has these goals, the
// most important first:
//
//   - safety: at no time is a packet accepted that neither present nor wanted
//     accepts, so that nothing leaks to a target;
//   - no loss: at all times every packet is accepted that both accept;
//   - few calls: one for each rule that changes, and one more for each rule that has
//     to move aside first.
//
// There is always a safe order: see lastResort. If no order without loss was found, the steps
// say after which of them packets are missing.
//
// Each call uses a free number. There are never more rules than at the start or at the end,
// whichever is more. So the quota is never exceeded in between.
func ruleSteps(present, wanted []mirror.Rule) []ruleStep {
	var steps []ruleStep
	for _, s := range searchesFor(present, wanted) {
		steps = append(steps, s.stepsTo(s.best())...)
	}
	return steps
}

// searchesFor returns the searches of ruleSteps: one direction after the other.
func searchesFor(present, wanted []mirror.Rule) []*ruleSearch {
	limit := max(len(present), len(wanted))
	var all []*ruleSearch
	for _, d := range growth(present, wanted) {
		before, after := inDirection(present, d), inDirection(wanted, d)
		others := slices.DeleteFunc(slices.Clone(present), func(r mirror.Rule) bool { return r.Direction == d })
		all = append(all, newRuleSearch(before, after, pairRules(before, after), limit-len(others), true))
		present = slices.Concat(others, after)
	}
	return all
}

// growth returns the directions, first the one whose rules become fewer, so that the others may
// become more.
func growth(present, wanted []mirror.Rule) []mirror.Direction {
	more := func(d mirror.Direction) int { return len(inDirection(wanted, d)) - len(inDirection(present, d)) }
	return slices.SortedStableFunc(slices.Values(mirror.Directions), func(a, b mirror.Direction) int { return more(a) - more(b) })
}

// changeSteps is ruleSteps if it is known which rule becomes which, and no other rule may
// change. Then there may be no safe order: it returns none.
func changeSteps(present, wanted []mirror.Rule, changes []ruleChange) []ruleStep {
	s := newRuleSearch(present, wanted, changes, max(len(present), len(wanted)), false)
	return s.stepsTo(s.best())
}

// A ruleSearch looks for an order of calls. It is a best-first search: a state is what the
// rules are after some calls, and a search begins with the cheapest states.
type ruleSearch struct {
	*ruleProblem
	open    stateHeap
	seen    map[uint64]bool
	mayLose bool
	effort  int // how many calls may still be tried

	// Of the state that is expanded:
	at    []int  // by holder, where its rule is, or -1
	isMet []bool // by goal
}

// A ruleState is what the rules are after some calls.
type ruleState struct {
	rules   []placedRule // in the order of their places
	pending int          // calls that are needed at least
	missing int          // wanted rules that are missing
	calls   int
	losses  int     // calls after which packets are missing
	loses   [2]bool // by direction, whether packets are missing now
	parent  *ruleState
	holder  int32 // of the rule that the last call has changed

	stage    searchStage
	tried    int // how many final calls have been tried
	cost     int
	sequence int
}

// A searchStage says which calls are tried next from a state.
type searchStage int

const (
	finalCalls  searchStage = iota // that give a rule its wanted form
	detours                        // that move a rule aside, or give it something of its wanted form
	wideDetours                    // that give a rule something of any wanted form
)

// searches are made one after the other until one finds an order. The first allows no loss.
// The second looks for few losses. In the last one a loss costs as little as a call, and it goes
// on with the states that are nearest to the end, so that it finds something soon. effort is
// how many calls a search tries. It bounds the time, which is some milliseconds for a filter of
// the usual size.
var searches = []struct {
	mayLose               bool
	lossCost, pendingCost int
	effort                int
}{
	{mayLose: false, pendingCost: 2, effort: 20_000},
	{mayLose: true, lossCost: 4, pendingCost: 2, effort: 6_000},
	{mayLose: true, lossCost: 1, pendingCost: 6, effort: 6_000},
}

// best returns the end of the best order that it finds, or nil if there is none.
func (s *ruleSearch) best() *ruleState {
	if s.start.pending == 0 {
		return s.start
	}
	if s.isExact() {
		for i := range searches {
			if found := s.find(i); found != nil {
				return found
			}
		}
	}
	return s.lastResort()
}

// find makes one of the searches. It returns the end of the order, or nil.
func (s *ruleSearch) find(i int) *ruleState {
	settings := searches[i]
	s.open, s.seen, s.effort, s.mayLose = nil, map[uint64]bool{}, settings.effort, settings.mayLose
	push := func(state *ruleState) {
		state.cost = state.calls + settings.pendingCost*state.pending + settings.lossCost*state.losses + int(state.stage)
		state.sequence = len(s.open) + 2*len(s.seen)
		heap.Push(&s.open, state)
	}
	start := *s.start
	push(&start)
	for len(s.open) > 0 && s.effort > 0 {
		state := heap.Pop(&s.open).(*ruleState)
		if state.pending == 0 {
			return state
		}
		s.locate(state)
		if state.stage == finalCalls {
			s.expandFinals(state, push)
		} else {
			s.expandDetours(state, push)
			state.stage++
		}
		if state.stage <= wideDetours && (state.stage < wideDetours || s.isFree) {
			push(state)
		}
	}
	return nil
}

// locate notes where the rules of a state are.
func (s *ruleSearch) locate(state *ruleState) {
	s.at = slices.Grow(s.at[:0], len(s.holders))[:len(s.holders)]
	s.isMet = slices.Grow(s.isMet[:0], len(s.goals))[:len(s.goals)]
	for i := range s.at {
		s.at[i] = -1
	}
	clear(s.isMet)
	for i, r := range state.rules {
		s.at[r.holder] = i
		if r.goal >= 0 {
			s.isMet[r.goal] = true
		}
	}
}

// expandFinals makes calls that give a rule its wanted form, up to the first one without loss.
func (s *ruleSearch) expandFinals(state *ruleState, push func(*ruleState)) {
	count := len(s.goals) + 1
	for ; state.tried < len(s.holders)*count; state.tried++ {
		holder, goal := state.tried/count, state.tried%count-1
		h := s.holders[holder]
		at := s.at[holder]
		if at >= 0 && state.rules[at].goal >= 0 {
			state.tried += count - 1 - state.tried%count
			continue
		}
		if goal < 0 {
			goal = h.goal // the goal of its own is tried first
		} else if goal == h.goal {
			goal = -1
		}
		if goal < 0 && (at < 0 || !s.isFree && h.goal >= 0) || goal >= 0 && (s.isMet[goal] || !s.mayBecome(holder, goal)) {
			continue
		}
		var to *placedRule
		if goal >= 0 {
			to = &placedRule{}
			*to = s.goals[goal].placed
			to.holder = int32(holder)
		}
		child := s.after(state, holder, to, state.pending-1)
		if child == nil {
			continue
		}
		push(child)
		if child.losses == state.losses {
			state.tried++
			return
		}
	}
	state.stage++
}

// expandDetours makes calls that give no rule its wanted form.
func (s *ruleSearch) expandDetours(state *ruleState, push func(*ruleState)) {
	gaps := make([][]int, len(mirror.Directions))
	for d := range gaps {
		gaps[d] = s.gaps(state.rules, d)
	}
	for i, h := range s.holders {
		if s.at[i] < 0 && h.rule == nil && state.stage == detours {
			for goal := range s.goals { // created before another one is deleted
				if to := s.goals[goal].placed; !s.isMet[goal] {
					to.holder = int32(i)
					if child := s.after(state, i, &to, state.pending); child != nil {
						push(child)
					}
				}
			}
		}
		if s.at[i] < 0 || h.isFixed {
			continue
		}
		now := state.rules[s.at[i]]
		if now.goal >= 0 && (h.changes || !s.mayLose) {
			continue
		}
		d := now.place.direction()
		places := []rulePlace{now.place}
		for _, n := range gaps[d] {
			places = append(places, placeAt(d, n))
		}
		for goal, g := range s.goals {
			if (goal == h.goal || state.stage == wideDetours) && !s.isMet[goal] && g.placed.place.direction() == d && g.placed.place != now.place {
				places = append(places, g.placed.place)
			}
		}
		for _, c := range s.contents(state, i) {
			for _, p := range places {
				c.place = p
				if c.goal = s.goalOf(c); c == now || c.goal >= 0 && h.changes {
					continue // nothing, or a final call
				}
				if child := s.after(state, i, &c, state.pending+1); child != nil {
					push(child)
				}
			}
		}
	}
}

// contents returns what a rule can match and do meanwhile.
func (s *ruleSearch) contents(state *ruleState, holder int) []placedRule {
	h, now := s.holders[holder], state.rules[s.at[holder]]
	var contents []placedRule
	add := func(match int32, accepts ...bool) {
		for _, a := range accepts {
			c := placedRule{holder: now.holder, match: match, accepts: a}
			if match >= 0 && !slices.Contains(contents, c) {
				contents = append(contents, c)
			}
		}
	}
	add(now.match, now.accepts, false)
	for i, g := range s.goals {
		if i == h.goal && g.placed.place.direction() == now.place.direction() {
			add(g.placed.match, g.placed.accepts, false)
			add(h.wide, g.placed.accepts, h.from.accepts)
		}
		if state.stage == wideDetours && !s.isMet[i] && g.placed.place.direction() == now.place.direction() {
			add(g.placed.match, true, false)
		}
	}
	return contents
}

// after returns the state after the rule of a holder has become r, or has been deleted if r
// is nil. It returns nil for a state that is no use: EC2 would refuse the call, more calls than
// pending would still be needed, or the state is known. It also returns nil if a packet would
// leak, or would be missing where no packet may be.
func (s *ruleSearch) after(state *ruleState, holder int, r *placedRule, pending int) *ruleState {
	s.effort--
	rules, ok := s.change(state, s.at[holder], r)
	if !ok || s.pending(rules) > pending {
		return nil
	}
	loses := state.loses
	for d, space := range s.spaces {
		if r != nil && r.place.direction() == d || s.at[holder] >= 0 && state.rules[s.at[holder]].place.direction() == d {
			isSafe, isLossless := space.judge(inPlaces(rules, d))
			if !isSafe || !isLossless && !s.mayLose {
				return nil
			}
			loses[d] = !isLossless
		}
	}
	key := s.hash(rules)
	if s.seen[key] {
		return nil
	}
	s.seen[key] = true
	return s.next(state, holder, rules, loses)
}

// A stateHeap has the states that are to be expanded, the best first.
type stateHeap []*ruleState

// Len implements heap.Interface.
func (h stateHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h stateHeap) Less(i, j int) bool {
	switch a, b := h[i], h[j]; {
	case a.cost != b.cost:
		return a.cost < b.cost
	case a.missing != b.missing:
		return a.missing < b.missing
	default:
		return a.sequence < b.sequence
	}
}

// Swap implements heap.Interface.
func (h stateHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *stateHeap) Push(x any) { *h = append(*h, x.(*ruleState)) }

// Pop implements heap.Interface.
func (h *stateHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
