package reconcile

import (
	"context"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleNumbers lets separate rules that need numbers wait for each other.
type ruleNumbers struct {
	account *account.Account
	clock   account.Clock

	mu         sync.Mutex
	schedulers map[string]*numberScheduler // by filter
}

// scheduler returns the scheduler for the separate rules of a filter.
func (n *ruleNumbers) scheduler(filterID string) *numberScheduler {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.schedulers[filterID] == nil {
		correct := func(rules []mirror.Rule) []mirror.Rule { return n.account.CorrectRules(filterID, rules) }
		n.schedulers[filterID] = newNumberScheduler(n.clock, correct)
	}
	return n.schedulers[filterID]
}

// step makes the call of a step, and returns the step with the rule that EC2 returned.
func (n *ruleNumbers) step(ctx context.Context, s ruleStep) (ruleStep, error) {
	switch s.call {
	case createCall:
		created, err := n.account.CreateRule(ctx, s.rule, nil, account.NewToken())
		if err == nil {
			s.rule = created.Noun
		}
		return s, err
	case modifyCall:
		changed, err := n.account.ModifyRule(ctx, s.rule)
		if err == nil {
			s.rule = changed
		}
		return s, err
	}
	return s, n.account.DeleteRule(ctx, s.rule.ID, time.Time{})
}

// take changes a rule together with the other rules of the filter that need a number at the
// same time. It returns the rule as EC2 has it, or nil if it was not created, and the losses
// after its calls.
func (n *ruleNumbers) take(ctx context.Context, take takeStep, change ruleChange, alreadyMoved bool) (*mirror.Rule, []Loss, error) {
	s := n.scheduler(change.to.FilterID)
	w := s.join(change, alreadyMoved)
	var err error
	for done := false; !done && err == nil; {
		select {
		case <-ctx.Done():
			err = whyStopped(ctx, s.waitedFor(w, ctx.Err()))
		case t := <-w.tasks:
			done, err = n.do(ctx, s, w, t, take)
		}
	}
	s.leave(w)
	return w.change.from, lossesOf(w.made), err
}

// A takeStep makes the call of a step, and returns the step with the rule that EC2 returned.
type takeStep = func(context.Context, ruleStep) (ruleStep, error)

// do does a task of a waiter, and reports whether the change of its rule is complete.
func (n *ruleNumbers) do(ctx context.Context, s *numberScheduler, w *waiter, t task, take takeStep) (done bool, err error) {
	switch {
	case t.giveUp != nil:
		return false, n.giveUp(ctx, s, w, t)
	case t.noSafeOrder:
		return false, &NoSafeOrderError{Wanted: *w.change.to}
	case t.step == nil:
		filter, err := n.account.Filter(ctx, w.change.to.FilterID)
		if err == nil {
			s.rulesRead(filter.Noun.Rules)
		}
		return false, err
	}
	step, err := take(ctx, *t.step)
	switch {
	case account.IsNumberTaken(err):
		w.refusal = err
		if s.refused(w) {
			err = nil
		}
		return false, err
	case err != nil:
		return false, err
	}
	w.made = append(w.made, step)
	done = mirror.SameRule(t.step.rule, *w.change.to)
	s.stepDone(w, step, done)
	return done, nil
}

// giveUp moves a rule away from its number, if possible, and returns the error: which rule
// has the number that it needs.
func (n *ruleNumbers) giveUp(ctx context.Context, s *numberScheduler, w *waiter, t task) error {
	taken := &NumberTakenError{Wanted: *w.change.to, Holder: *t.giveUp}
	if t.step != nil {
		if step, err := n.step(ctx, *t.step); err == nil {
			w.made = append(w.made, step)
			taken.MovedTo = step.rule.Number
			s.movedAway(w, step.rule)
		}
	}
	return taken
}

// waitedFor returns an error that names the rule with the wanted number, or else err.
func (s *numberScheduler) waitedFor(w *waiter, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	holder, held := s.holder(w)
	switch {
	case held:
		return &NumberTakenError{Wanted: *w.change.to, Holder: holder}
	case w.refusal != nil:
		return w.refusal
	}
	return err
}
