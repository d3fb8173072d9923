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
		"On %s, another session of this plan has the same number: %s. Give one of them another number, or leave session_number out to get the lowest that is free.",
	},
	{asSource, asBacking}: {
		"network_interface_id", "Source and target at once",
		"%s is the source of this session, and a target of this plan stands on it: %s. A network interface is either the one or the other. Choose another interface for one of them.",
	},
}

// A sessionCheck checks one session.
type sessionCheck struct{ *findings }

// Session checks a session. before has no ID where the session is to be created.
func (p *Plan) Session(ctx context.Context, objectID string, before, after Object[mirror.Session]) []Finding {
	f := sessionCheck{&findings{Plan: p}}
	f.reserve(objectID, sessionCollisions, sessionReservations(after)...)
	wanted, present := after.Noun, before.Noun
	if after.isKnown("traffic_mirror_target_id") && wanted.TargetID != present.TargetID {
		f.checkTarget(ctx, wanted.TargetID)
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
	questions{f.findings}.session(ctx, before, after)
	return f.all
}

// sessionReservations are what a session needs, as far as it is known.
func sessionReservations(s Object[mirror.Session]) []reservation {
	if !s.isKnown("network_interface_id") {
		return nil
	}
	needed := []reservation{{s.Noun.InterfaceID, asSource}}
	if s.isKnown("session_number") {
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
			"EC2 knows no target %s. Write the ID of a target of this Region that this account owns or that is shared with it.", id))
	case err != nil && allowed != nil && !errors.Is(err, context.Canceled):
		f.refuse(field, "The guard cannot tell whose target this is", fmt.Sprintf(
			"guard in the provider block allows the targets of some accounts only, and the owner of %s could not be read: %s", id, account.Explain(err)))
	case err == nil && allowed != nil && !slices.Contains(allowed, owner):
		f.refuse(field, "The guard refuses the target", fmt.Sprintf(
			"%s belongs to account %s, to which guard in the provider block does not allow sessions to send copies. "+
				"Use a target of another account, or add this one to target_owner_ids.", id, owner))
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

// findNumber warns of a session that has the number now.
func (f sessionCheck) findNumber(ctx context.Context, s Object[mirror.Session], exists bool) {
	if !s.isKnown("session_number") {
		return
	}
	for _, other := range f.unplannedSessions(ctx, s.Noun.InterfaceID) {
		if other.Number == s.Noun.Number {
			f.warnNumberInUse("session_number", "Session number in use", "the sessions of "+s.Noun.InterfaceID, s.Noun.Number,
				Reference{mirror.KindSession, other.ID}, exists)
		}
	}
}

// Shadowed warns of a session that has just been created and can never copy a packet,
// because a session before it on the interface has the same filter and target. An
// earlier run may have left that one behind: where the configuration gives no number,
// the two do not collide.
func (p *Plan) Shadowed(ctx context.Context, created mirror.Session) []Finding {
	sessions, err := p.account.Sessions(ctx, account.OnInterface(created.InterfaceID))
	if err != nil {
		return nil // the session exists, and this was only a hint
	}
	for _, s := range sessions {
		if s.Number < created.Number && s.TargetID == created.TargetID && s.FilterID == created.FilterID {
			return []Finding{{Severity: Warning, Summary: "A session before this one takes its packets", Detail: fmt.Sprintf(
				"%s has session number %d on %s, and the same filter and target as %s, which has %d. So it takes every packet first. "+
					"If an apply that was cut off left it behind, delete it, or remove %[4]s from the state, delete that, and import %[1]s in its place.",
				s.ID, s.Number, s.InterfaceID, created.ID, created.Number)}}
		}
	}
	return nil
}
