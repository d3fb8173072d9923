package reconcile

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A waiterQueue is the waiters of one filter and what is known of its rules. It plans what
// the waiters can do.
type waiterQueue struct {
	waiters []*waiter // in the order in which they came
	ruleView
}

// remove removes a waiter, and reports whether it was there.
func (q *waiterQueue) remove(w *waiter) bool {
	i := slices.Index(q.waiters, w)
	if i < 0 {
		return false
	}
	q.waiters = slices.Delete(q.waiters, i, i+1)
	if w.change.from != nil {
		q.final[w.change.from.ID] = true
	}
	return true
}

// waiterOf returns the waiter that makes a step.
func (q *waiterQueue) waiterOf(step ruleStep) *waiter {
	i := slices.IndexFunc(q.waiters, func(w *waiter) bool {
		if w.change.from == nil {
			return step.call == createCall && mirror.SameRule(*w.change.to, step.rule)
		}
		return w.change.from.ID == step.rule.ID
	})
	return q.waiters[i]
}

// holder returns the rule that has the number which a waiter needs.
func (q *waiterQueue) holder(w *waiter) (mirror.Rule, bool) {
	i := slices.IndexFunc(q.rules, func(r mirror.Rule) bool {
		return r.Direction == w.change.to.Direction && r.Number == w.change.to.Number && (w.change.from == nil || w.change.from.ID != r.ID)
	})
	if i < 0 {
		return mirror.Rule{}, false
	}
	return q.rules[i], true
}

// waiter returns the waiter for a rule, or nil.
func (q *waiterQueue) waiter(id string) *waiter {
	i := slices.IndexFunc(q.waiters, func(w *waiter) bool { return w.change.from != nil && w.change.from.ID == id })
	if i < 0 {
		return nil
	}
	return q.waiters[i]
}

// blocked returns a waiter whose number a rule has that is no waiter, and that rule.
func (q *waiterQueue) blocked() (*waiter, mirror.Rule) {
	for _, w := range q.waiters {
		if holder, held := q.holder(w); held && q.waiter(holder.ID) == nil {
			return w, holder
		}
	}
	return nil, mirror.Rule{}
}

// steps plans the waiters that can get their numbers among themselves.
func (q *waiterQueue) steps() []ruleStep {
	wanted := slices.Clone(q.rules)
	var changes []ruleChange
	for _, w := range q.waiters {
		if !q.isMovable(w) || isNumberUsed(finalRules(changes), *w.change.to, "") {
			continue // of two waiters that need one number, the second comes later
		}
		changes = append(changes, w.change)
		wanted = applyStep(wanted, finalStep(w.change))
	}
	return changeSteps(q.rules, wanted, changes)
}

// finalRules returns what the rules are when the changes are made.
func finalRules(changes []ruleChange) []mirror.Rule {
	rules := make([]mirror.Rule, len(changes))
	for i, c := range changes {
		rules[i] = *c.to
	}
	return rules
}

// isMovable reports whether the number of a waiter is free, or will be freed by other
// waiters. A cycle of waiters is movable: one of them moves aside.
func (q *waiterQueue) isMovable(w *waiter) bool {
	for range q.waiters {
		holder, held := q.holder(w)
		if !held {
			return true
		}
		if w = q.waiter(holder.ID); w == nil {
			return false
		}
	}
	return true
}

// moveAside returns the step that moves the rule of a waiter which gives up away from
// its number, so that the number is free for the rest of the run. Otherwise two rules
// that do not wait at the same time could never exchange their numbers. The rule gets a
// number that no rule has had, because another rule may be about to take one of those.
// A reject stays if it let a packet through at every other number.
func (q *waiterQueue) moveAside(w *waiter) *ruleStep {
	if w.change.from == nil || w.alreadyMoved {
		return nil
	}
	search := ruleSearch{present: q.rules, wanted: q.rules, rules: q.rules, pending: slices.Clone(q.used)}
	for _, other := range q.waiters {
		search.pending = append(search.pending, other.change)
	}
	var safe *ruleStep
	for _, number := range search.gaps(w.change.from.Direction) {
		step := ruleStep{modifyCall, *w.change.from}
		step.rule.Number = number
		after := applyStep(q.rules, step)
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
