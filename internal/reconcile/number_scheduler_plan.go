package reconcile

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// waiterOf returns the waiter that makes a step.
func (s *numberScheduler) waiterOf(step ruleStep) *waiter {
	i := slices.IndexFunc(s.waiters, func(w *waiter) bool {
		if w.change.from == nil {
			return step.call == createCall && mirror.SameRule(*w.change.to, step.rule)
		}
		return w.change.from.ID == step.rule.ID
	})
	return s.waiters[i]
}

// holder returns the rule that has the number of a waiter.
func (s *numberScheduler) holder(w *waiter) (mirror.Rule, bool) {
	i := slices.IndexFunc(s.rules, func(r mirror.Rule) bool {
		return r.Direction == w.change.to.Direction && r.Number == w.change.to.Number && (w.change.from == nil || w.change.from.ID != r.ID)
	})
	if i < 0 {
		return mirror.Rule{}, false
	}
	return s.rules[i], true
}

// waiter returns the waiter for a rule, or nil.
func (s *numberScheduler) waiter(id string) *waiter {
	i := slices.IndexFunc(s.waiters, func(w *waiter) bool { return w.change.from != nil && w.change.from.ID == id })
	if i < 0 {
		return nil
	}
	return s.waiters[i]
}

// blocked returns a waiter whose number belongs to a rule that is not a waiter, and that rule.
func (s *numberScheduler) blocked() (*waiter, mirror.Rule) {
	for _, w := range s.waiters {
		if holder, held := s.holder(w); held && s.waiter(holder.ID) == nil {
			return w, holder
		}
	}
	return nil, mirror.Rule{}
}

// steps plans the steps of the waiters that can get their numbers without other rules.
func (s *numberScheduler) steps() []ruleStep {
	wanted := slices.Clone(s.rules)
	var changes []ruleChange
	for _, w := range s.waiters {
		if !s.isMovable(w) || isNumberUsed(finalRules(changes), *w.change.to, "") {
			continue // if two waiters need one number, only the first is planned now
		}
		changes = append(changes, w.change)
		wanted = applyStep(wanted, finalStep(w.change))
	}
	return changeSteps(s.rules, wanted, changes)
}

// finalRules returns the rules after the changes.
func finalRules(changes []ruleChange) []mirror.Rule {
	rules := make([]mirror.Rule, len(changes))
	for i, c := range changes {
		rules[i] = *c.to
	}
	return rules
}

// isMovable reports whether the number of a waiter is free, or will be freed by other
// waiters. A cycle of waiters is movable: one of them moves aside.
func (s *numberScheduler) isMovable(w *waiter) bool {
	for range s.waiters {
		holder, held := s.holder(w)
		if !held {
			return true
		}
		if w = s.waiter(holder.ID); w == nil {
			return false
		}
	}
	return true
}

// moveAside returns the step for a waiter that gives up: it moves the rule away from its
// number, so that the number is free for the rest of the run. Without it, two rules that do
// not wait at the same time could never swap their numbers. The rule gets a number that no
// rule has had in this run, because another rule may take one of those. It returns nil if
// every other number would leak a packet, as can happen for a reject.
func (s *numberScheduler) moveAside(w *waiter) *ruleStep {
	if w.change.from == nil || w.alreadyMoved {
		return nil
	}
	search := ruleSearch{present: s.rules, wanted: s.rules, rules: s.rules, pending: slices.Clone(s.used)}
	for _, other := range s.waiters {
		search.pending = append(search.pending, other.change)
	}
	var safe *ruleStep
	for _, number := range search.gaps(w.change.from.Direction) {
		step := ruleStep{modifyCall, *w.change.from}
		step.rule.Number = number
		after := applyStep(s.rules, step)
		switch {
		case !search.isSafe(after, step.rule.Direction):
		case search.isLossless(after, step.rule.Direction):
			return &step
		case safe == nil:
			safe = &step
		}
	}
	return safe
}
