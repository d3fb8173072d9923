package reconcile

import (
	"context"
	"errors"
	"sync"
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
		return created, ofCreate(ruleConflict(ctx, r.account, err, rule))
	}
	return created, late
}

// ChangeRule changes a separate rule. It returns the rule as EC2 has it, as far as that is
// known, also after an error, and the losses after its calls. alreadyMoved says that an
// earlier run gave up and moved the rule away from its number. Then the rule keeps its number
// if it has to give up again.
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
// created, or the zero time if that is not known. It leaves a rule in a direction that the
// filter owns.
func (r *Run) DeleteRule(ctx context.Context, rule mirror.Rule, created time.Time) error {
	owner := r.owners.of(rule.FilterID)
	owner.mu.RLock()
	defer owner.mu.RUnlock()
	if owner.owned[rule.Direction] {
		return nil
	}
	end := r.rules.scheduler(rule.FilterID).delete(rule.ID)
	err := r.account.DeleteRule(ctx, rule.ID, created)
	end(err == nil)
	owner.deleted.Store(rule.Direction, true)
	return err
}

// OwnRules records which directions a filter owns in this run. It waits for the separate
// rules that are being deleted. It reports whether this run has deleted separate rules of
// these directions, so that the filter may miss rules of its maps.
func OwnRules(r *Run, filterID string, managed []mirror.Direction) (missesRules bool) {
	owner := r.owners.of(filterID)
	owner.mu.Lock()
	defer owner.mu.Unlock()
	owner.owned = map[mirror.Direction]bool{}
	for _, d := range managed {
		owner.owned[d] = true
		_, deleted := owner.deleted.Load(d)
		missesRules = missesRules || deleted
	}
	return missesRules
}

// ruleOwners says which directions the filters of a run own.
type ruleOwners struct {
	mu       sync.Mutex
	byFilter map[string]*ruleOwner
}

// A ruleOwner is a filter. A delete of a separate rule holds mu for reading, so that owned
// does not change meanwhile.
type ruleOwner struct {
	mu      sync.RWMutex
	owned   map[mirror.Direction]bool
	deleted sync.Map // the directions of the separate rules that this run has deleted
}

func (o *ruleOwners) of(filterID string) *ruleOwner {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byFilter == nil {
		o.byFilter = map[string]*ruleOwner{}
	}
	if o.byFilter[filterID] == nil {
		o.byFilter[filterID] = &ruleOwner{}
	}
	return o.byFilter[filterID]
}
