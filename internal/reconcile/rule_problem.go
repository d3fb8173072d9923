package reconcile

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ruleProblem is a change of rules for which an order of calls is needed.
type ruleProblem struct {
	holders []ruleHolder
	goals   []ruleGoal
	matches []mirror.Rule // what rules can match; nothing else of these rules counts
	spaces  [2]*ruleSpace // by direction
	start   *ruleState
	limit   int  // highest number of rules at a time
	isFree  bool // any rule may become any other of its direction
	scratch []placedRule
}

// A ruleHolder is a rule that exists or is to be created, whatever it becomes.
type ruleHolder struct {
	rule             *mirror.Rule // nil if it is to be created
	from             placedRule
	goal             int   // what it becomes, index in goals, or -1
	wide             int32 // what matches both, index in matches, or -1
	changes, isFixed bool
}

// A ruleGoal is a wanted rule.
type ruleGoal struct {
	rule   mirror.Rule
	placed placedRule
}

// mostSpare is how many rules may be created before others are deleted, if there is room.
const mostSpare = 2

// newRuleSearch returns a search. changes are the rules that change. If isFree is true,
// they say what each rule best becomes, and the others may change meanwhile.
func newRuleSearch(present, wanted []mirror.Rule, changes []ruleChange, limit int, isFree bool) *ruleSearch {
	p := &ruleProblem{limit: limit, isFree: isFree}
	for _, r := range present {
		if !slices.ContainsFunc(changes, func(c ruleChange) bool { return c.from != nil && c.from.ID == r.ID }) {
			p.add(ruleChange{&r, &r}, false)
		}
	}
	for _, c := range changes {
		p.add(c, true)
	}
	for range min(mostSpare, limit-max(len(present), len(wanted))) {
		p.add(ruleChange{}, true)
	}
	var before, after []placedRule
	for _, h := range p.holders {
		if h.rule != nil {
			before = append(before, h.from)
		}
	}
	for _, g := range p.goals {
		after = append(after, g.placed)
	}
	sortPlaced(before)
	sortPlaced(after)
	for d := range p.spaces {
		p.spaces[d] = newRuleSpace(p.matches, p.isUsed(mirror.Directions[d]))
		if p.spaces[d].isExact {
			p.spaces[d].setEnds(inPlaces(before, d), inPlaces(after, d))
		}
	}
	p.start = &ruleState{rules: before}
	p.start.pending = p.pending(before)
	return &ruleSearch{ruleProblem: p}
}

func (p *ruleProblem) add(c ruleChange, changes bool) {
	h := ruleHolder{rule: c.from, goal: -1, wide: -1, changes: changes, isFixed: !changes && !p.isFree}
	holder := int32(len(p.holders))
	if c.to != nil {
		h.goal = len(p.goals)
		p.goals = append(p.goals, ruleGoal{*c.to, placedRule{holder, p.match(*c.to), placeOf(*c.to), c.to.Action == mirror.Accept, int32(h.goal)}})
	}
	if c.from != nil {
		h.from = placedRule{holder, p.match(*c.from), placeOf(*c.from), c.from.Action == mirror.Accept, -1}
		if !changes {
			h.from.goal = int32(h.goal)
		}
	}
	if changes && c.from != nil && c.to != nil && c.from.Direction == c.to.Direction {
		if wide, ok := widen(*c.from, *c.to); ok {
			h.wide = p.match(wide)
		}
	}
	p.holders = append(p.holders, h)
}

// match returns the index of what a rule matches.
func (p *ruleProblem) match(r mirror.Rule) int32 {
	i := slices.IndexFunc(p.matches, func(o mirror.Rule) bool { return sameMatch(r, o) })
	if i < 0 {
		i = len(p.matches)
		p.matches = append(p.matches, r)
	}
	return int32(i)
}

// isUsed reports for each match whether rules of a direction can have it.
func (p *ruleProblem) isUsed(d mirror.Direction) []bool {
	isUsed := make([]bool, len(p.matches))
	for _, h := range p.holders {
		if h.rule != nil && h.rule.Direction == d {
			isUsed[h.from.match] = true
			if h.wide >= 0 {
				isUsed[h.wide] = true
			}
		}
	}
	for _, g := range p.goals {
		if g.rule.Direction == d {
			isUsed[g.placed.match] = true
		}
	}
	return isUsed
}

// isExact reports whether packets can be judged.
func (p *ruleProblem) isExact() bool { return p.spaces[0].isExact && p.spaces[1].isExact }

// mayBecome reports whether a rule may take a wanted form.
func (p *ruleProblem) mayBecome(holder, goal int) bool {
	h := p.holders[holder]
	return h.goal == goal || p.isFree && (h.rule == nil || h.rule.Direction == p.goals[goal].rule.Direction)
}

// goalOf returns the wanted rule that a rule is like and may become, or -1.
func (p *ruleProblem) goalOf(r placedRule) int32 {
	return int32(slices.IndexFunc(p.goals, func(g ruleGoal) bool {
		return g.placed.place == r.place && g.placed.match == r.match && g.placed.accepts == r.accepts && p.mayBecome(int(r.holder), int(g.placed.goal))
	}))
}

// pending returns how many calls are needed at least.
func (p *ruleProblem) pending(rules []placedRule) int {
	if !p.isFree {
		pending := 0
		for _, h := range p.holders {
			if h.goal >= 0 {
				pending++
			}
		}
		for _, r := range rules {
			switch {
			case r.goal >= 0:
				pending--
			case p.holders[r.holder].goal < 0:
				pending++
			}
		}
		return pending
	}
	var others, missing [2]int // by direction, rules that are not wanted, and wanted ones that are missing
	for _, g := range p.goals {
		missing[g.placed.place.direction()]++
	}
	for _, r := range rules {
		if r.goal >= 0 {
			missing[r.place.direction()]--
		} else {
			others[r.place.direction()]++
		}
	}
	return max(others[0], missing[0]) + max(others[1], missing[1])
}

// change returns the rules after the one at an index has become r. The index is -1 if
// the rule is created, and r is nil if it is deleted. It reports false if EC2 would refuse that.
// The next change overwrites the result.
func (p *ruleProblem) change(state *ruleState, at int, r *placedRule) ([]placedRule, bool) {
	rules := p.scratch[:0]
	isPlaced := r == nil
	for i, o := range state.rules {
		if i == at {
			continue
		}
		if !isPlaced && o.place >= r.place {
			if o.place == r.place {
				return nil, false
			}
			rules = append(rules, *r)
			isPlaced = true
		}
		rules = append(rules, o)
	}
	if !isPlaced {
		rules = append(rules, *r)
	}
	p.scratch = rules
	return rules, len(rules) <= p.limit
}

// next returns the state after a call.
func (p *ruleProblem) next(state *ruleState, holder int, rules []placedRule, loses [2]bool) *ruleState {
	next := &ruleState{
		rules: slices.Clone(rules), pending: p.pending(rules), calls: state.calls + 1, losses: state.losses, loses: loses,
		parent: state, holder: int32(holder),
	}
	next.missing = len(p.goals)
	for _, r := range rules {
		if r.goal >= 0 {
			next.missing--
		}
	}
	if loses[0] || loses[1] {
		next.losses++
	}
	return next
}

// hash returns a hash of rules. Two different lists have the same one only by a very unlikely
// chance.
func (p *ruleProblem) hash(rules []placedRule) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range rules {
		word := uint64(r.place)<<32 ^ uint64(r.match)<<8
		if !p.isFree {
			word ^= uint64(r.holder) << 52
		}
		if r.accepts {
			word |= 1
		}
		if r.goal >= 0 {
			word |= 2
		}
		h = (h ^ word) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

// gaps returns the highest number of each gap between the numbers that rules have or
// are going to have, from the highest gap down. Every number of a gap does the same, and
// the highest is the least likely one to be taken by somebody else.
func (p *ruleProblem) gaps(rules []placedRule, direction int) []int {
	var used []int
	for _, r := range inPlaces(rules, direction) {
		used = append(used, r.place.number())
	}
	for _, g := range p.goals {
		if g.placed.place.direction() == direction {
			used = append(used, g.placed.place.number())
		}
	}
	return gapsBetween(used)
}

func gapsBetween(used []int) []int {
	slices.Sort(used)
	used = slices.Compact(used)
	var gaps []int
	above := int(mirror.RuleNumbers.Max) + 1
	for _, n := range slices.Backward(used) {
		if n+1 < above {
			gaps = append(gaps, above-1)
		}
		above = n
	}
	if above > int(mirror.RuleNumbers.Min) {
		gaps = append(gaps, above-1)
	}
	return gaps
}

// stepsTo returns the calls on the way to a state.
func (p *ruleProblem) stepsTo(state *ruleState) []ruleStep {
	if state == nil {
		return nil
	}
	var steps []ruleStep
	for ; state.parent != nil; state = state.parent {
		steps = append(steps, p.stepTo(state))
	}
	slices.Reverse(steps)
	return steps
}

// stepTo returns the last call before a state.
func (p *ruleProblem) stepTo(state *ruleState) ruleStep {
	h := p.holders[state.holder]
	at := slices.IndexFunc(state.rules, func(r placedRule) bool { return r.holder == state.holder })
	var step ruleStep
	for d, loses := range state.loses {
		if loses {
			step.loses = append(step.loses, mirror.Directions[d])
		}
	}
	if at < 0 {
		step.call, step.rule = deleteCall, *h.rule
		return step
	}
	switch r := state.rules[at]; {
	case r.goal >= 0:
		step.rule = p.goals[r.goal].rule
	default:
		step.rule = *h.rule
		setMatch(&step.rule, p.matches[r.match])
		step.rule.Direction, step.rule.Number, step.rule.Action = mirror.Directions[r.place.direction()], r.place.number(), mirror.Reject
		if r.accepts {
			step.rule.Action = mirror.Accept
		}
	}
	step.call, step.rule.ID = createCall, ""
	if h.rule != nil {
		step.call, step.rule.ID = modifyCall, h.rule.ID
	}
	return step
}

func sortPlaced(rules []placedRule) {
	slices.SortFunc(rules, func(a, b placedRule) int { return cmp.Compare(a.place, b.place) })
}

// inPlaces returns the rules of a direction. The rules are in the order of their places.
func inPlaces(rules []placedRule, direction int) []placedRule {
	first := 0
	for first < len(rules) && rules[first].place.direction() < direction {
		first++
	}
	end := first
	for end < len(rules) && rules[end].place.direction() == direction {
		end++
	}
	return rules[first:end]
}
