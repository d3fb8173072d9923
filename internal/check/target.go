package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// targetCollisions puts collisions into words, at the argument that has the backing
// resource.
func targetCollisions(field string) map[[2]role]collisionText {
	return map[[2]role]collisionText{
		{asBacking, asBacking}: {
			field, "Two targets on one backing",
			"%s backs this target and another one of this plan: %s. An interface or a load balancer backs one target at a time, which any number of sessions can share. Remove one of the two targets.",
		},
		{asBacking, asSource}: {
			field, "Source and target at once",
			"%s backs this target, and sessions of this plan mirror it: %s. A network interface is either the one or the other. Choose another interface for one of them.",
		},
	}
}

// A targetCheck checks one target.
type targetCheck struct{ *findings }

// Target checks a target. before has no ID where the target is to be created.
func (p *Plan) Target(ctx context.Context, objectID string, before, after Object[mirror.Target]) []Finding {
	f := targetCheck{&findings{Plan: p}}
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
	if before.Noun.ID != "" && textChanges(before, after, "description", targetDescription) {
		f.warnReplaced(ctx, mirror.KindTarget, before.Noun.ID, account.OfTarget(before.Noun.ID))
	}
	questions{f.findings}.target(ctx, before, after)
	return f.all
}

func targetDescription(t mirror.Target) string { return t.Description }

// exclusiveBacking returns what backs the target and no other target, and its argument.
// It is empty where it is not known. A Gateway Load Balancer endpoint can back several.
func exclusiveBacking(t mirror.Target) (field, id string) {
	if t.InterfaceID != "" {
		return mirror.TargetBackings[0], t.InterfaceID
	}
	return mirror.TargetBackings[1], t.LoadBalancerARN
}

// movesTarget reports whether a target that exists gets another backing resource, or may
// get one.
func movesTarget(before, after Object[mirror.Target]) bool {
	a, b := before.Noun, after.Noun
	return !after.isKnown(mirror.TargetBackings...) ||
		a.InterfaceID != b.InterfaceID || a.LoadBalancerARN != b.LoadBalancerARN || a.GatewayLoadBalancerEndpointID != b.GatewayLoadBalancerEndpointID
}

// BackingField returns the argument that says what backs a target. Where several may, it
// is the last one that is not known yet.
func BackingField(t Object[mirror.Target]) string {
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
// It reports false where the target cannot get one.
func (f targetCheck) checkMovedSessions(ctx context.Context, before mirror.Target, after Object[mirror.Target]) bool {
	field := BackingField(after)
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
			"What backs %s cannot change while sessions use it that only their owners can move: %s. "+
				"Create a second target for the new backing, let the owners point their sessions at it, and remove this one then.",
			before.ID, strings.Join(foreign, ", ")))
		return false
	}
	if len(sessions) > 0 {
		// Which of them the configuration manages is not known yet: they are planned later.
		f.add(Finding{Severity: Warning, Field: field, Silence: TargetMoves, Summary: "Sessions move with their target", Detail: fmt.Sprintf(
			"What backs %s changes, which gives the target another ID, and every session of this account on it is pointed at that: %s. "+
				"Where one of them is not managed by this configuration, whoever manages it sees traffic_mirror_target_id change.", before.ID, sessionIDs(sessions))})
	}
	return true
}

// findBackingUsers warns of what has the backing resource now. The plan may be about to
// remove it.
func (f targetCheck) findBackingUsers(ctx context.Context, field, backing string) {
	for _, t := range f.unplannedTargets(ctx, backing) {
		f.add(Finding{Severity: Warning, Field: field, Summary: "Another target stands on this backing", InTheWay: Reference{mirror.KindTarget, t.ID}, Detail: fmt.Sprintf(
			"An interface or a load balancer backs one target at a time, and %s backs another one now. Unless this plan moves or removes that first, the apply fails.", backing)})
	}
	if sessions := f.unplannedSessions(ctx, backing); len(sessions) > 0 {
		f.warn(field, "Sessions mirror this backing", fmt.Sprintf(
			"A network interface is either the source of sessions or backs a target, and %s is the source of %s now. Unless this plan removes them first, the apply fails.", backing, sessionIDs(sessions)))
	}
}

// refuseCycle refuses targets that exchange their backing resources. A move creates the
// new target first, for which the backing resource has to be free, so that no order of
// the moves exists.
func (f targetCheck) refuseCycle(before, after Object[mirror.Target]) {
	field, to := exclusiveBacking(after.Noun)
	_, from := exclusiveBacking(before.Noun)
	if from == "" || to == "" || to == from || textChanges(before, after, "description", targetDescription) {
		return
	}
	id := before.Noun.ID
	cycle := f.reservations.moveTarget(id, move{from, to})
	if cycle == nil {
		return
	}
	f.refuse(field, "Targets that exchange what backs them", fmt.Sprintf(
		"%s shall stand on %s, where %s stands now, and the plan leads back from there to %[1]s. An interface or a load balancer backs one target at a time, so no target can move first. "+
			"Leave the targets as they are and exchange traffic_mirror_target_id of their sessions, or move one of them to a third backing first.",
		id, to, strings.Join(cycle, ", then ")))
}

// warnReplaced warns of an object that is about to be replaced, because EC2 cannot change
// its description, and that sessions use. EC2 refuses to delete it until they are gone.
func (f *findings) warnReplaced(ctx context.Context, kind mirror.Kind, id string, users account.Where) {
	sessions, err := f.account.Sessions(ctx, users)
	if err != nil || len(sessions) == 0 {
		return // the apply says what is wrong
	}
	f.add(Finding{Severity: Warning, Field: "description", Summary: "Sessions use what is about to be replaced", Replaced: kind, Detail: fmt.Sprintf(
		"EC2 cannot change a description, so that %s is replaced, and it cannot be deleted while sessions use it: %s.", id, sessionIDs(sessions))})
}

func sessionIDs(sessions []mirror.Session) string {
	ids := make([]string, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID
	}
	return strings.Join(ids, ", ")
}
