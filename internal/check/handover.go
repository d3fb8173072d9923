package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file is about separate rules that the plan destroys because their filter now owns
// their direction. EC2 has only one rule for both, so that the destroy would delete a rule
// of the filter. Terraform plans the two in any order:
//
//   - If the filter is planned first, the destroy of the rule leaves the rule in EC2.
//   - If the rule is planned first, and its destroy deletes it, the filter needs an update
//     that creates the rule again, even if its own plan has no change.

// A Handover has the checks of such rules and filters.
type Handover struct{ *Plan }

// planTime is how long the plan of a rule's destroy waits for the plan of the filter. All
// destroys of a plan together wait this long.
const planTime = time.Second

// DeleteRule is Delete for a separate rule. isLeft reports that the filter owns the
// direction, so that the rule must not be deleted.
func (h Handover) DeleteRule(ctx context.Context, rule mirror.Rule) (found []Finding, isLeft bool) {
	direction := ruleDirection(rule.FilterID, rule.Direction)
	h.waits.await(ctx, &h.reservations, rule.FilterID)
	f := &findings{Plan: h.Plan}
	f.planned.forget(rule.ID)
	if !f.reservations.leave(rule.ID, direction) {
		noteChange(ctx, f, change{kind: mirror.KindFilterRule, id: rule.ID, of: []string{rule.FilterID}, isDelete: true})
		if _, isKept := f.planned.filter(rule.FilterID); isKept { // otherwise the plan may destroy the filter too
			judgeSeparateRules(ctx, f, rule.FilterID, changedDirections(rule), "")
		}
		questions{f}.delete(ctx, mirror.KindFilterRule, rule.ID)
		return f.all, false
	}
	if f.reservations.warnOnce("handover of " + direction) {
		f.warn("", "Rules stay in the map of their filter", fmt.Sprintf(
			"%s is removed only from the state, because %s of %s now owns every rule of this direction. The rule stays in EC2, as the map has it. "+
				"This is shown only once for %[3]s.", rule.ID, RulesField(rule.Direction), rule.FilterID))
	}
	return f.all, true
}

// leavingRule returns the reservation of a rule that leaves its direction, if it has one.
func leavingRule(r *reservations, ruleID string) []reservation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.byObject[ruleID]), func(own reservation) bool { return own.as != asLeaving })
}

// LeavesRule reports whether a rule that changes its filter leaves a direction that the old
// filter now owns. Then the old rule must not be deleted.
func (h Handover) LeavesRule(before, after mirror.Rule) bool {
	return before.ID != "" && before.FilterID != after.FilterID && h.reservations.objectsOf(ruleDirection(before.FilterID, before.Direction), asInline) != nil
}

// TakesRules returns the separate rules that this plan destroys in directions that the
// filter owns. The filter has to make sure that EC2 has the rules of its maps. It does not
// return the rules whose destroy leaves them in EC2.
func (h Handover) TakesRules(filterID string, managed []mirror.Direction) []string {
	var rules []string
	for _, d := range managed {
		rules = append(rules, h.reservations.objectsOf(ruleDirection(filterID, d), asLeaving)...)
	}
	return rules
}

// TakenRules warns of rules of TakesRules: their filter was planned too late.
func (h Handover) TakenRules(filterID string, rules []string) []Finding {
	return []Finding{{Severity: Warning, Summary: "Rules may be deleted and created again", Detail: fmt.Sprintf(
		"The plan destroys %s, and a map of %s now owns the rules of this direction. Terraform may delete these rules before it updates the filter, which then creates them again. "+
			"For this moment, packets are mirrored as if the rules did not exist. To avoid this, remove the rules from the state with terraform state rm, or plan again with a higher -parallelism.", strings.Join(rules, ", "), filterID)}}
}

// planWaits are the waits of one plan for the plans of other objects.
type planWaits struct {
	mu    sync.Mutex
	count int // how many wait now
	begin time.Time
	used  time.Duration // of planTime, without the waits of now
}

// maxPlanWaits is how many destroys of a plan wait at the same time. The rest of Terraform's
// default parallelism has to be free for the filter.
const maxPlanWaits = defaultParallelism - 2

// start returns how long a wait may last, or 0. The caller calls end after the wait.
func (w *planWaits) start() (left time.Duration, end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == maxPlanWaits || w.used >= planTime {
		return 0, func() {}
	}
	if w.count++; w.count == 1 {
		w.begin = time.Now()
	}
	return planTime - w.used, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.count--; w.count == 0 {
			w.used += time.Since(w.begin)
		}
	}
}

// await waits for the plan of an object.
func (w *planWaits) await(ctx context.Context, planned *reservations, objectID string) {
	left, end := w.start()
	defer end()
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	for ctx.Err() == nil {
		next, isPlanned := planned.nextPlan(objectID)
		if isPlanned {
			return
		}
		select {
		case <-next:
		case <-ctx.Done():
		}
	}
}

// leave replaces the reservations of a separate rule that the plan destroys. It reports
// whether a filter owns the direction. Otherwise a filter that is planned later finds the
// rule.
func (r *reservations) leave(ruleID, direction string) (isOwned bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, roles := range r.byThing[direction] {
		if slices.Contains(roles, asInline) {
			r.replace(ruleID, nil)
			return true
		}
	}
	r.replace(ruleID, []reservation{{direction, asLeaving}})
	return false
}

// objectsOf returns the objects that have a thing in a role.
func (r *reservations) objectsOf(thing string, as role) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for id, roles := range r.byThing[thing] {
		if slices.Contains(roles, as) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// nextPlan reports whether an object is planned. If not, it returns a channel that is
// closed when the next object is planned.
func (r *reservations) nextPlan(objectID string) (next <-chan struct{}, isPlanned bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.planned == nil {
		r.planned = make(chan struct{})
	}
	_, isPlanned = r.byObject[objectID]
	return r.planned, isPlanned
}
