package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// scheduler returns the scheduler for the separate rules of a filter.
func (r *Run) scheduler(filterID string) *numberScheduler {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.schedulers[filterID] == nil {
		correct := func(rules []mirror.Rule) []mirror.Rule { return r.account.CorrectRules(filterID, rules) }
		r.schedulers[filterID] = newNumberScheduler(r.clock, correct)
	}
	return r.schedulers[filterID]
}

// CreateRule creates a separate rule, as soon as its number is free.
func (r *Run) CreateRule(ctx context.Context, rule mirror.Rule, tags map[string]string) (account.Tagged[mirror.Rule], error) {
	var created account.Tagged[mirror.Rule]
	token := account.NewToken()
	create := func() (err error) {
		created, err = r.account.CreateRule(ctx, rule, tags, token)
		return err
	}
	err := create()
	if err == nil {
		r.scheduler(rule.FilterID).written()
	}
	if !account.IsNumberTaken(err) {
		return created, err
	}
	take := func(_ context.Context, s ruleStep) (ruleStep, error) {
		err := create()
		s.rule = created.Noun
		return s, err
	}
	_, late := r.takeNumber(ctx, take, ruleChange{to: &rule}, false)
	var taken *NumberTakenError
	if errors.As(late, &taken) || account.IsNumberTaken(late) {
		return created, r.ruleConflict(ctx, err, rule)
	}
	return created, late
}

// ChangeRule changes a separate rule. It returns the rule as EC2 has it, as far as that is
// known, also after an error. alreadyMoved says that an earlier run gave up and moved the
// rule away from its number. Then the rule keeps its number if it has to give up again.
func (r *Run) ChangeRule(ctx context.Context, from, to mirror.Rule, alreadyMoved bool) (mirror.Rule, error) {
	if mirror.SameRule(from, to) {
		return from, nil
	}
	if from.Number == to.Number && from.Direction == to.Direction {
		changed, err := r.account.ModifyRule(ctx, to)
		if err != nil {
			return from, err
		}
		r.scheduler(from.FilterID).written()
		return changed, nil
	}
	at, err := r.takeNumber(ctx, r.takeStep, ruleChange{&from, &to}, alreadyMoved)
	return *at, err
}

// DeleteRule deletes a separate rule, which may be gone already. created is when it was
// created, or the zero time if that is not known.
func (r *Run) DeleteRule(ctx context.Context, filterID, id string, created time.Time) error {
	end := r.scheduler(filterID).delete(id)
	err := r.account.DeleteRule(ctx, id, created)
	end(err == nil)
	return err
}

// takeStep makes the call of a step, and returns the step with the rule that EC2 returned.
func (r *Run) takeStep(ctx context.Context, s ruleStep) (ruleStep, error) {
	switch s.call {
	case createCall:
		created, err := r.account.CreateRule(ctx, s.rule, nil, account.NewToken())
		if err == nil {
			s.rule = created.Noun
		}
		return s, err
	case modifyCall:
		changed, err := r.account.ModifyRule(ctx, s.rule)
		if err == nil {
			s.rule = changed
		}
		return s, err
	}
	return s, r.account.DeleteRule(ctx, s.rule.ID, time.Time{})
}

// takeNumber changes a rule together with the other rules of the filter that need a number
// at the same time. It returns the rule as EC2 has it, or nil if it was not created.
func (r *Run) takeNumber(ctx context.Context, take takeStep, change ruleChange, alreadyMoved bool) (*mirror.Rule, error) {
	s := r.scheduler(change.to.FilterID)
	w := s.join(change, alreadyMoved)
	var err error
	for done := false; !done && err == nil; {
		select {
		case <-ctx.Done():
			err = whyStopped(ctx, s.waitedFor(w, ctx.Err()))
		case t := <-w.tasks:
			done, err = r.doTask(ctx, s, w, t, take)
		}
	}
	s.leave(w)
	return w.change.from, err
}

// A takeStep makes the call of a step, and returns the step with the rule that EC2 returned.
type takeStep = func(context.Context, ruleStep) (ruleStep, error)

// doTask does a task of a waiter, and reports whether the change of its rule is complete.
func (r *Run) doTask(ctx context.Context, s *numberScheduler, w *waiter, t task, take takeStep) (done bool, err error) {
	switch {
	case t.giveUp != nil:
		return false, r.giveUp(ctx, s, w, t)
	case t.step == nil:
		filter, err := r.account.Filter(ctx, w.change.to.FilterID)
		if err == nil {
			s.rulesRead(filter.Noun.Rules)
		}
		return false, err
	}
	step, err := take(ctx, *t.step)
	switch {
	case account.IsNumberTaken(err):
		w.refusal = err
		if s.refused() {
			err = nil
		}
		return false, err
	case err != nil:
		return false, err
	}
	done = mirror.SameRule(t.step.rule, *w.change.to)
	s.stepDone(w, step, done)
	return done, nil
}

// giveUp moves a rule away from its number, if possible, and returns the error: which rule
// has the number that it needs.
func (r *Run) giveUp(ctx context.Context, s *numberScheduler, w *waiter, t task) error {
	taken := &NumberTakenError{Wanted: *w.change.to, Holder: *t.giveUp}
	if t.step != nil {
		if step, err := r.takeStep(ctx, *t.step); err == nil {
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
