package check

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var sessionCollisions = map[[2]role]collisionText{
	{asSessionNumber, asSessionNumber}: {
		"session_number", "Session number given twice",
		"Another session of this plan (%[2]s) has the same number on %[1]s. Give one of them another number, or remove session_number to get the lowest free number.",
	},
	{asSource, asBacking}: {
		"network_interface_id", "One interface is both source and target",
		"%s is the source of this session, and it also backs a target of this plan (%s). A network interface cannot be both. Choose another interface for one of them.",
	},
}

// A sessionCheck checks one session.
type sessionCheck struct{ *findings }

// Session checks a session. before has no ID if the session is new.
func (p *Plan) Session(ctx context.Context, objectID string, before, after Object[mirror.Session]) []Finding {
	f := sessionCheck{&findings{Plan: p}}
	own := plannedSession{
		after, objectID, f.planned.filterOf(after.Noun.FilterID, after.isKnown("traffic_mirror_filter_id")),
		f.planned.targetOf(after.Noun.TargetID, after.isKnown("traffic_mirror_target_id")), updates(before, after),
	}
	f.planned.putSession(objectID, own)
	f.reserve(objectID, sessionCollisions, append(f.sessionReservations(after), leaveReservations(before, after)...)...)
	f.warnDeletedFirst(before, after)
	wanted, present := after.Noun, before.Noun
	if !after.isKnown("traffic_mirror_filter_id") || wanted.FilterID != present.FilterID {
		checkRegion(f.findings, mirror.KindFilter, "traffic_mirror_filter_id", wanted.FilterID, after.isKnown("traffic_mirror_filter_id"))
	}
	if isKnown := after.isKnown("traffic_mirror_target_id"); !isKnown || wanted.TargetID != present.TargetID {
		if isElsewhere := checkRegion(f.findings, mirror.KindTarget, "traffic_mirror_target_id", wanted.TargetID, isKnown); isKnown && !isElsewhere {
			f.checkTarget(ctx, wanted.TargetID)
		}
	}
	switch {
	case !after.isKnown("network_interface_id"):
	case wanted.InterfaceID != present.InterfaceID:
		f.checkSource(ctx, wanted.InterfaceID)
		f.countSessions(ctx, wanted.InterfaceID)
		f.findNumber(ctx, after, false)
	case !after.isKnown("session_number") || wanted.Number != present.Number:
		f.findNumber(ctx, after, true)
	}
	noteSession(ctx, f.findings, objectID, before, after)
	if !f.hasError() {
		f.judge(ctx, own, before)
	}
	questions(f).session(ctx, before, after)
	return f.all
}

// judge warns of a session that is probably a mistake, together with its filter and target.
func (f sessionCheck) judge(ctx context.Context, own plannedSession, before Object[mirror.Session]) {
	wanted, present := own.Noun, before.Noun
	moves := !own.isKnown("network_interface_id") || wanted.InterfaceID != present.InterfaceID
	filters := !own.isKnown("traffic_mirror_filter_id") || wanted.FilterID != present.FilterID
	if moves || !own.isKnown("traffic_mirror_target_id") || wanted.TargetID != present.TargetID {
		sourcesCheck(f).countSources(ctx, own)
		f.checkDelivery(ctx, own)
	}
	filterUseCheck(f).judgeFilter(ctx, own, moves || filters)
	shadowCheck(f).findShadowed(ctx, own, moves || filters || wanted.Number != present.Number)
}

// sessionReservations returns the reservations of a session, as far as they are known.
func (f sessionCheck) sessionReservations(s Object[mirror.Session]) []reservation {
	if !s.isKnown("network_interface_id") {
		return nil
	}
	needed := []reservation{{s.Noun.InterfaceID, asSource}}
	if s.isKnown("session_number") && !f.policy.Variants.RepeatedSessionNumbers {
		needed = append(needed, reservation{withNumber(s.Noun.InterfaceID, s.Noun.Number), asSessionNumber})
	}
	return needed
}

// checkTarget refuses a target that does not exist, or that the guard refuses.
func (f sessionCheck) checkTarget(ctx context.Context, id string) {
	const field = "traffic_mirror_target_id"
	owner, err := f.snapshot.ownerOf(ctx, id)
	allowed := f.policy.TargetOwnerIDs
	switch {
	case account.IsNotFound(err):
		f.refuse(field, "The target does not exist", fmt.Sprintf(
			"EC2 has no target %s in %s. Write the ID of a target in this Region that this account owns or that is shared with it.", id, f.account.Region))
	case err != nil && allowed != nil && !errors.Is(err, context.Canceled):
		f.refuse(field, "The guard cannot read the owner of the target", fmt.Sprintf(
			"guard in the provider block allows only targets of some accounts, and the owner of %s could not be read: %s", id, account.Explain(err)))
	case err == nil && allowed != nil && !slices.Contains(allowed, owner):
		f.refuse(field, "The guard refuses the target", fmt.Sprintf(
			"%s belongs to account %s, which target_owner_ids of guard in the provider block does not list. "+
				"Use a target of a listed account, or add this account to the list.", id, owner))
	}
}

// countSessions warns of more sessions on the interface than the quota allows.
func (f sessionCheck) countSessions(ctx context.Context, interfaceID string) {
	f.checkQuota(quotaUse{
		field: "network_interface_id", place: interfaceID, of: "sessions",
		planned: f.reservations.countOf(interfaceID, asSource), existing: len(f.unplannedSessions(ctx, interfaceID)),
		quota: f.policy.Quotas.SessionsPerInterface, argument: "sessions_per_interface",
	})
}

// findNumber warns if another session has the wanted number now.
func (f sessionCheck) findNumber(ctx context.Context, s Object[mirror.Session], exists bool) {
	if !s.isKnown("session_number") || f.policy.Variants.RepeatedSessionNumbers {
		return
	}
	for _, other := range f.unplannedSessions(ctx, s.Noun.InterfaceID) {
		if other.Number == s.Noun.Number {
			f.warnNumberInUse("session_number", "Session number in use", "the sessions of "+s.Noun.InterfaceID, s.Noun.Number,
				Reference{mirror.KindSession, other.ID}, exists)
		}
	}
}

// Shadowed warns if a new session can never copy a packet, because an earlier session on
// the interface has the same filter and target. An interrupted apply may have created that
// session. If the configuration sets no number, the two get different numbers and EC2
// accepts both.
func (p *Plan) Shadowed(ctx context.Context, created mirror.Session) []Finding {
	sessions, err := p.account.Sessions(ctx, account.OnInterface(created.InterfaceID))
	if err != nil {
		return nil // the session exists; the warning is only a hint
	}
	for _, s := range sessions {
		if s.Number < created.Number && s.TargetID == created.TargetID && s.FilterID == created.FilterID {
			f := &findings{Plan: p}
			f.add(Finding{Severity: Warning, Silence: ShadowedSession, About: []string{created.ID}, Summary: "An earlier session copies all packets of this one", Detail: fmt.Sprintf(
				"%s is session %d on %s. The new session %s is session %d, with the same filter and target, so it never copies a packet. "+
					"If an interrupted apply created %[1]s, delete it. Or keep %[1]s: remove %[4]s from the state, delete it, and import %[1]s.",
				s.ID, s.Number, s.InterfaceID, created.ID, created.Number)})
			return f.all
		}
	}
	return nil
}
