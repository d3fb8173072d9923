package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// targetCollisions returns the texts of collisions, for the argument with the backing
// resource.
func targetCollisions(field string) map[[2]role]collisionText {
	return map[[2]role]collisionText{
		{asBacking, asBacking}: {
			field, "Two targets on one interface or load balancer",
			"%s backs this target and another one of this plan (%s). An interface or a load balancer can back only one target. Remove one of the two targets, and let the sessions share the other.",
		},
		{asBacking, asSource}: {
			field, "One interface is both source and target",
			"%s backs this target, and it is also the source of sessions of this plan (%s). A network interface cannot be both. Choose another interface for one of them.",
		},
	}
}

// A targetCheck checks one target.
type targetCheck struct{ *findings }

// Target checks a target. before has no ID if the target is new.
func (p *Plan) Target(ctx context.Context, objectID string, before, after Object[mirror.Target]) []Finding {
	f := targetCheck{&findings{Plan: p, about: []string{before.Noun.ID}}}
	f.planned.putTarget(objectID, plannedTarget{after, before.Noun.ID != "" && movesTarget(before, after)})
	field, backing := exclusiveBacking(after.Noun)
	_, present := exclusiveBacking(before.Noun)
	var needed []reservation
	if backing != "" {
		needed = []reservation{{backing, asBacking}}
	}
	if before.Noun.ID != "" && movesTarget(before, after) && !f.checkMovedSessions(ctx, before.Noun, after) {
		return f.all
	}
	f.reserve(objectID, targetCollisions(field), needed...)
	f.refuseCycle(before, after)
	if backing != "" && backing != present {
		f.findBackingUsers(ctx, field, backing)
	}
	if after.isKnown(mirror.TargetBackings...) && after.Noun.Backing() != before.Noun.Backing() {
		f.checkBacking(ctx, after.Noun)
	}
	if before.Noun.ID != "" && textChanges(before, after, "description", targetDescription) {
		f.warnReplaced(ctx, mirror.KindTarget, before.Noun.ID, account.OfTarget(before.Noun.ID))
	}
	noteTarget(ctx, f.findings, objectID, before, after)
	questions(f).target(ctx, before, after)
	return f.all
}

func targetDescription(t mirror.Target) string { return t.Description }

// exclusiveBacking returns the backing resource and its argument, if the resource can back
// only one target. It is empty if it is not known, or if it is a Gateway Load Balancer
// endpoint, which can back several targets.
func exclusiveBacking(t mirror.Target) (field, id string) {
	if t.InterfaceID != "" {
		return mirror.TargetBackings[0], t.InterfaceID
	}
	return mirror.TargetBackings[1], t.LoadBalancerARN
}

// movesTarget reports whether the plan gives an existing target another backing resource,
// or may give it one.
func movesTarget(before, after Object[mirror.Target]) bool {
	a, b := before.Noun, after.Noun
	return !after.isKnown(mirror.TargetBackings...) ||
		a.InterfaceID != b.InterfaceID || a.LoadBalancerARN != b.LoadBalancerARN || a.GatewayLoadBalancerEndpointID != b.GatewayLoadBalancerEndpointID
}

// backingField returns the argument with the backing resource of a target. If that is not
// known yet, it returns the last argument that is unknown.
func backingField(t Object[mirror.Target]) string {
	field := ""
	for i, backing := range []string{t.Noun.InterfaceID, t.Noun.LoadBalancerARN, t.Noun.GatewayLoadBalancerEndpointID} {
		switch {
		case !t.isKnown(mirror.TargetBackings[i]):
			field = mirror.TargetBackings[i]
		case backing != "":
			return mirror.TargetBackings[i]
		}
	}
	return field
}

// checkMovedSessions checks the sessions of a target that gets another backing resource.
// It reports false if the target cannot get one.
func (f targetCheck) checkMovedSessions(ctx context.Context, before mirror.Target, after Object[mirror.Target]) bool {
	field := backingField(after)
	sessions, err := f.account.Sessions(ctx, account.OfTarget(before.ID))
	if err != nil {
		f.add(Finding{Severity: Error, Summary: "Error reading the sessions of a traffic mirror target", Cause: err})
		return false
	}
	var foreign []string
	for _, s := range sessions {
		if s.OwnerID != before.OwnerID {
			foreign = append(foreign, fmt.Sprintf("%s (account %s)", s.ID, s.OwnerID))
		}
	}
	if foreign != nil {
		f.refuse(field, "Sessions of other accounts use the traffic mirror target", fmt.Sprintf(
			"%s cannot get another backing resource while sessions of other accounts use it, because only their owners can change them: %s. "+
				"Create a second target with the new backing resource, let the owners change traffic_mirror_target_id of their sessions, and then remove this target.",
			before.ID, strings.Join(foreign, ", ")))
		return false
	}
	if len(sessions) > 0 {
		// The sessions are planned later, so it is not known yet which ones the configuration
		// manages.
		f.add(Finding{Severity: Warning, Field: field, Silence: TargetMoves, Summary: "Sessions move with their target", Detail: fmt.Sprintf(
			"%s gets another backing resource and therefore a new ID. The apply changes traffic_mirror_target_id of every session of this account that uses it: %s. "+
				"If another configuration manages one of these sessions, that configuration shows the change as drift.", before.ID, sessionIDs(sessions))})
	}
	return true
}

var backingName = map[string]string{mirror.TargetBackings[0]: "network interface", mirror.TargetBackings[1]: "load balancer"}

// findBackingUsers warns of a target or sessions that use the backing resource now. The
// plan may remove them.
func (f targetCheck) findBackingUsers(ctx context.Context, field, backing string) {
	for _, t := range f.unplannedTargets(ctx, backing) {
		f.add(Finding{Severity: Warning, Field: field, Summary: "This " + backingName[field] + " already has a traffic mirror target", Holder: Reference{mirror.KindTarget, t.ID}, Detail: fmt.Sprintf(
			"%s backs %s now. An interface or a load balancer can back only one target. The apply fails unless this plan moves or deletes %[2]s first.", backing, t.ID)})
	}
	if sessions := f.unplannedSessions(ctx, backing); len(sessions) > 0 {
		f.warn(field, "The network interface is the source of sessions", fmt.Sprintf(
			"%s is the source of %s now. A network interface cannot be a source and back a target. The apply fails unless this plan deletes these sessions first.", backing, sessionIDs(sessions)))
	}
}

// refuseCycle refuses targets that swap their backing resources. A move creates the new
// target first, and needs a free backing resource for it. In a cycle none is free.
func (f targetCheck) refuseCycle(before, after Object[mirror.Target]) {
	field, to := exclusiveBacking(after.Noun)
	_, from := exclusiveBacking(before.Noun)
	if from == "" || to == "" || to == from || textChanges(before, after, "description", targetDescription) {
		return
	}
	id := before.Noun.ID
	cycle := f.reservations.moveTarget(id, plannedMove{from, to})
	if cycle == nil {
		return
	}
	f.refuse(field, "Targets swap their backing resources", fmt.Sprintf(
		"%s has to move to %s, which backs %s now, and the moves of this plan form a cycle back to %[1]s. An interface or a load balancer can back only one target, so no target can move first. "+
			"Leave the targets unchanged and swap traffic_mirror_target_id of their sessions, or move one target to a third backing resource in a separate apply first.",
		id, to, strings.Join(cycle, ", then ")))
}

// warnReplaced warns if a new description replaces an object that sessions use. EC2 cannot
// change a description, and it refuses to delete the object while sessions use it.
func (f *findings) warnReplaced(ctx context.Context, kind mirror.Kind, id string, users account.Where) {
	sessions, err := f.account.Sessions(ctx, users)
	if err != nil || len(sessions) == 0 {
		return // the apply reports the error
	}
	f.add(Finding{Severity: Warning, Field: "description", Summary: "Sessions use an object that is replaced", Replaced: kind, Detail: fmt.Sprintf(
		"EC2 cannot change a description, so %s is replaced. EC2 cannot delete it while sessions use it: %s.", id, sessionIDs(sessions))})
}

func sessionIDs(sessions []mirror.Session) string {
	ids := make([]string, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID
	}
	return strings.Join(ids, ", ")
}
