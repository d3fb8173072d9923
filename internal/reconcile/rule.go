package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

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
		r.rules.scheduler(rule.FilterID).written()
	}
	if !account.IsNumberTaken(err) {
		return created, err
	}
	take := func(_ context.Context, s ruleStep) (ruleStep, error) {
		err := create()
		s.rule = created.Noun
		return s, err
	}
	_, _, late := r.rules.take(ctx, take, ruleChange{to: &rule}, false)
	var taken *NumberTakenError
	if errors.As(late, &taken) || account.IsNumberTaken(late) {
		return created, ruleConflict(ctx, r.account, err, rule)
	}
	return created, late
}

// ChangeRule changes a separate rule. It returns the rule as EC2 has it, as far as that is
// known, also after an error, and the losses after its calls. alreadyMoved says that an earlier run gave up and moved the
// rule away from its number. Then the rule keeps its number if it has to give up again.
func (r *Run) ChangeRule(ctx context.Context, from, to mirror.Rule, alreadyMoved bool) (mirror.Rule, []Loss, error) {
	if mirror.SameRule(from, to) {
		return from, nil, nil
	}
	if from.Number == to.Number && from.Direction == to.Direction {
		changed, err := r.account.ModifyRule(ctx, to)
		if err != nil {
			return from, nil, err
		}
		r.rules.scheduler(from.FilterID).written()
		return changed, nil, nil
	}
	at, losses, err := r.rules.take(ctx, r.rules.step, ruleChange{&from, &to}, alreadyMoved)
	return *at, losses, err
}

// DeleteRule deletes a separate rule, which may be gone already. created is when it was
// created, or the zero time if that is not known.
func (r *Run) DeleteRule(ctx context.Context, filterID, id string, created time.Time) error {
	end := r.rules.scheduler(filterID).delete(id)
	err := r.account.DeleteRule(ctx, id, created)
	end(err == nil)
	return err
}
