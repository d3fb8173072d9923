package provider

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// owner returns the member whose step it is.
func (e *exchange) owner(step ruleStep) *member {
	i := slices.IndexFunc(e.members, func(m *member) bool {
		if m.change.from == nil {
			return step.call == createCall && sameRule(*m.change.to, step.rule)
		}
		return m.change.from.ID == step.rule.ID
	})
	return e.members[i]
}

// holder returns the rule that has the number which a member shall take.
func (e *exchange) holder(m *member) (mirror.Rule, bool) {
	i := slices.IndexFunc(e.rules, func(r mirror.Rule) bool {
		return r.Direction == m.change.to.Direction && r.Number == m.change.to.Number && (m.change.from == nil || m.change.from.ID != r.ID)
	})
	if i < 0 {
		return mirror.Rule{}, false
	}
	return e.rules[i], true
}

// member returns the member that stands for a rule, or nil.
func (e *exchange) member(id string) *member {
	i := slices.IndexFunc(e.members, func(m *member) bool { return m.change.from != nil && m.change.from.ID == id })
	if i < 0 {
		return nil
	}
	return e.members[i]
}

// stuck returns a member whose number a rule has that is no member, and that rule.
func (e *exchange) stuck() (*member, mirror.Rule) {
	for _, m := range e.members {
		if holder, held := e.holder(m); held && e.member(holder.ID) == nil {
			return m, holder
		}
	}
	return nil, mirror.Rule{}
}

// steps plans the members that can come to their end among themselves.
func (e *exchange) steps() []ruleStep {
	wanted := slices.Clone(e.rules)
	var changes []ruleChange
	for _, m := range e.members {
		if !e.movable(m) || taken(finals(changes), *m.change.to, "") {
			continue // two that want one number come one after the other
		}
		changes = append(changes, m.change)
		wanted = applyStep(wanted, finalStep(m.change))
	}
	return changeSteps(e.rules, wanted, changes)
}

func finals(changes []ruleChange) []mirror.Rule {
	rules := make([]mirror.Rule, len(changes))
	for i, c := range changes {
		rules[i] = *c.to
	}
	return rules
}

// movable reports whether the number of a member is free, or held by members that
// can make room in their turn. A circle of them can: one of them steps aside.
func (e *exchange) movable(m *member) bool {
	for range e.members {
		holder, held := e.holder(m)
		if !held {
			return true
		}
		if m = e.member(holder.ID); m == nil {
			return false
		}
	}
	return true
}

// park returns the step that moves a rule which gives up out of the way of others, so
// that the number which it has is free for the rest of the run: rules that do not
// meet could not exchange their numbers in any number of runs otherwise. It goes to a
// number that no rule has had, which another could be about to take. A reject that
// would let something through wherever it went stays.
func (e *exchange) park(m *member) *ruleStep {
	if m.change.from == nil || m.aside {
		return nil
	}
	s := ruleSearch{present: e.rules, wanted: e.rules, rules: e.rules, pending: slices.Clone(e.used)}
	for _, other := range e.members {
		s.pending = append(s.pending, other.change)
	}
	var safe *ruleStep
	for _, number := range s.gaps(m.change.from.Direction) {
		step := ruleStep{modifyCall, *m.change.from}
		step.rule.Number = number
		after := applyStep(e.rules, step)
		switch {
		case !s.isSafe(after, step.rule.Direction):
		case s.isLossless(after, step.rule.Direction):
			return &step
		case safe == nil:
			safe = &step
		}
	}
	return safe
}
