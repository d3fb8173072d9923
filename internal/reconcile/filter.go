package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ConvergeFilter changes the services of a filter, and its rules in the managed directions,
// to those of the wanted filter. It updates filter after each call that succeeds, so that
// after an error filter is what exists. It returns the losses meanwhile.
func (r *Run) ConvergeFilter(ctx context.Context, filter *mirror.Filter, managed []mirror.Direction, wanted mirror.Filter) ([]Loss, error) {
	if err := r.account.ModifyServices(ctx, *filter, wanted.NetworkServices); err != nil {
		return nil, err
	}
	filter.NetworkServices = wanted.NetworkServices
	return r.convergeRules(ctx, filter, managed, wanted.Rules)
}

func (r *Run) convergeRules(ctx context.Context, filter *mirror.Filter, managed []mirror.Direction, wanted []mirror.Rule) ([]Loss, error) {
	defer func() {
		slices.SortFunc(filter.Rules, func(a, b mirror.Rule) int {
			return cmp.Or(-cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Number, b.Number))
		})
	}()
	var present []mirror.Rule
	for _, d := range managed {
		present = append(present, filter.InDirection(d)...)
	}
	steps := ruleSteps(present, wanted)
	var before []mirror.Rule // the rules that the steps so far have changed, as they were
	for i, s := range steps {
		s.rule.FilterID = filter.ID
		done, err := r.convergeStep(ctx, s, before)
		if err != nil {
			return lossesOf(steps[:i]), fmt.Errorf("rule %d of the %s rules: %w", s.rule.Number, s.rule.Direction, err)
		}
		for _, old := range filter.Rules {
			if old.ID == done.rule.ID {
				before = append(before, old)
			}
		}
		filter.Rules = applyStep(filter.Rules, done)
	}
	return lossesOf(steps), nil
}

// convergeStep makes the call of a step. EC2 may see a rule for a while where it was before, so
// a number that an earlier step has freed is tried again.
func (r *Run) convergeStep(ctx context.Context, s ruleStep, before []mirror.Rule) (done ruleStep, err error) {
	mayBeStale := func(err error) bool { return account.IsNumberTaken(err) && isNumberUsed(before, s.rule) }
	err = r.account.RetryFor(ctx, Patience, mayBeStale, func() (err error) {
		done, err = r.rules.step(ctx, s)
		return err
	})
	return done, err
}

// DeleteFilter deletes a filter with its rules, as soon as no session uses it. It may be
// gone already. created is when it was created, or the zero time if that is not known.
func (r *Run) DeleteFilter(ctx context.Context, id string, created time.Time) error {
	return untilUnused(ctx, r.account, account.OfFilter(id), func() error { return r.account.DeleteFilter(ctx, id, created) })
}

// untilUnused calls f until no session uses the object any more. It waits for sessions that
// this run changes or deletes. If other sessions use the object, it fails at once. where
// lists the sessions that use the object.
func untilUnused(ctx context.Context, a *account.Account, where account.Where, f func() error) error {
	var others []mirror.Session
	passes := func(err error) bool {
		if !account.IsInUse(err) {
			return false
		}
		sessions, listErr := a.Sessions(ctx, where)
		others = slices.DeleteFunc(sessions, func(s mirror.Session) bool { return a.ChangedInThisRun(s.ID) })
		return listErr == nil && len(others) == 0
	}
	err := a.Retry(ctx, passes, f)
	if err != nil && len(others) > 0 {
		return &InUseError{err, others}
	}
	return err
}
