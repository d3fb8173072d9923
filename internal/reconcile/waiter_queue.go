package reconcile

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A waiterQueue has the waiters of one filter and its view of the rules. It plans the steps
// of the waiters.
type waiterQueue struct {
	waiters []*waiter // in the order in which they came
	ruleView
}

// remove removes a waiter, and reports whether it was in the queue.
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

// holder returns the rule that has the number of a waiter.
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

// blocker returns the rule that has the number of a waiter and is no waiter.
func (q *waiterQueue) blocker(w *waiter) (mirror.Rule, bool) {
	holder, held := q.holder(w)
	return holder, held && q.waiter(holder.ID) == nil
}

// isBlocked reports whether a rule that is no waiter has the number of a waiter.
func (q *waiterQueue) isBlocked() bool {
	return slices.ContainsFunc(q.waiters, func(w *waiter) bool {
		_, isBlocked := q.blocker(w)
		return isBlocked
	})
}

// givesUp returns a waiter that has waited long enough, and the rule that keeps its number: the
// waiter has waited for Patience, or the rule does not change any more.
func (q *waiterQueue) givesUp() (*waiter, mirror.Rule) {
	for _, w := range q.waiters {
		holder, isBlocked := q.blocker(w)
		if isBlocked && !q.deleting[holder.ID] && (w.waitedEnough || q.final[holder.ID]) {
			return w, holder
		}
	}
	return nil, mirror.Rule{}
}

// setWaitedEnough records that nothing has changed for Patience.
func (q *waiterQueue) setWaitedEnough() {
	for _, w := range q.waiters {
		w.waitedEnough = true
	}
}

// longestWaiter returns the first waiter that has waited for Patience, or nil.
func (q *waiterQueue) longestWaiter() *waiter {
	for _, w := range q.waiters {
		if w.waitedEnough {
			return w
		}
	}
	return nil
}

// steps plans the steps of the waiters that can get their numbers without other rules.
func (q *waiterQueue) steps() []ruleStep {
	wanted := slices.Clone(q.rules)
	var changes []ruleChange
	for _, w := range q.waiters {
		if !q.isMovable(w) || isNumberUsed(finalRules(changes), *w.change.to) {
			continue // if two waiters need one number, only the first is planned now
		}
		changes = append(changes, w.change)
		wanted = applyStep(wanted, finalStep(w.change))
	}
	return changeSteps(q.rules, wanted, changes)
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

// moveAside returns the step for a waiter that gives up: it moves the rule away from its
// number, so that the number is free for the rest of the run. Without it, two rules that do
// not wait at the same time could never swap their numbers. The rule gets a number that no
// rule has had in this run, because another rule may take one of those. It returns nil if
// every other number would leak a packet, as can happen for a reject.
func (q *waiterQueue) moveAside(w *waiter) *ruleStep {
	if w.change.from == nil || w.alreadyMoved {
		return nil
	}
	search := newRuleSearch(q.rules, q.rules, nil, len(q.rules), true)
	at := slices.IndexFunc(search.start.rules, func(r placedRule) bool { return search.holders[r.holder].rule.ID == w.change.from.ID })
	if at < 0 || !search.isExact() {
		return nil
	}
	moved := search.start.rules[at]
	d := moved.place.direction()
	var safe *ruleStep
	for _, number := range gapsBetween(q.numbers(w.change.from.Direction)) {
		moved.place = placeAt(d, number)
		rules, _ := search.change(search.start, at, &moved)
		isSafe, isLossless := search.spaces[d].judge(inPlaces(rules, d))
		step := &ruleStep{call: modifyCall, rule: *w.change.from}
		step.rule.Number = number
		switch {
		case isSafe && isLossless:
			return step
		case isSafe && safe == nil:
			step.loses = []mirror.Direction{w.change.from.Direction}
			safe = step
		}
	}
	return safe
}

// numbers returns the numbers that rules of a direction have, have had in this run, or
// need.
func (q *waiterQueue) numbers(d mirror.Direction) []int {
	rules := slices.Concat(q.rules, finalRules(q.used))
	for _, w := range q.waiters {
		rules = append(rules, *w.change.to)
	}
	var numbers []int
	for _, r := range inDirection(rules, d) {
		numbers = append(numbers, r.Number)
	}
	return numbers
}
