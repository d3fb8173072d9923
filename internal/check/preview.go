package check

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Preview has the sessions of an interface as they are after the apply. It is what EC2 has
// now, with the changes that are planned so far laid over it by ID.
//
// What the plan changes is as the plan has it. What the plan leaves as it is, is as EC2 has it,
// also if that has changed since the last apply.
type Preview struct {
	Sessions []account.MirrorSession // by number
	Waits    []string                // what is known only after apply, for a message; nil: Sessions are complete
}

// Preview returns the sessions of an interface after the apply.
//
// In an apply, it asks EC2 again, and what this run has changed is as EC2 has it.
func (s *Simulations) Preview(ctx context.Context, interfaceID string) (Preview, error) {
	now, err := readPresent(ctx, s.plan)
	if err != nil {
		return Preview{}, err
	}
	l := overlay{Plan: s.plan, now: now}
	found := l.sessions(interfaceID)
	var preview Preview
	if preview.Sessions, err = l.complete(ctx, interfaceID, found); err != nil {
		return Preview{}, err
	}
	slices.Sort(l.waits)
	preview.Waits = slices.Compact(l.waits)
	return preview, nil
}

// A present is what EC2 has now.
type present struct {
	sessions []mirror.Session
	targets  []mirror.Target
	filters  []mirror.Filter
}

// usedTargets returns the targets that sessions use.
func (p present) usedTargets() []mirror.Target {
	isUsed := map[string]bool{}
	for _, s := range p.sessions {
		isUsed[s.TargetID] = true
	}
	return slices.DeleteFunc(slices.Clone(p.targets), func(t mirror.Target) bool { return !isUsed[t.ID] })
}

// readPresent returns what EC2 has now. A plan reads it once. An apply reads it again: it
// changes it.
func readPresent(ctx context.Context, p *Plan) (now present, err error) {
	if !p.run.isApply() {
		return p.snapshot.present(ctx)
	}
	if now.sessions, err = p.account.Sessions(ctx); err != nil {
		return present{}, err
	}
	if now.targets, err = p.account.Targets(ctx); err != nil {
		return present{}, err
	}
	now.filters, err = p.account.Filters(ctx)
	return now, err
}

// An overlay lays the objects of a plan over those of EC2.
type overlay struct {
	*Plan
	now   present
	waits []string
}

func (l *overlay) wait(format string, args ...any) {
	l.waits = append(l.waits, fmt.Sprintf(format, args...))
}

// isPresent reports whether an existing object stays as EC2 has it: the plan has not planned
// it or does not write it, or the apply has written it already.
func (l *overlay) isPresent(id string, isFound, updates bool) bool {
	return l.account.ChangedInThisRun(id) || !l.reservations.isPlanned(id) || isFound && !updates
}

// sessions returns the sessions of an interface after the apply, complete or not.
func (l *overlay) sessions(interfaceID string) []plannedSession {
	var all []plannedSession
	listed := map[string]bool{}
	for _, s := range l.now.sessions {
		listed[s.ID] = true
		own, isFound := existingSession(&l.planned, s.ID)
		if s.InterfaceID == interfaceID && l.isPresent(s.ID, isFound, own.updates) {
			all = append(all, plannedSession{
				Object: Object[mirror.Session]{Noun: s}, objectID: s.ID, filter: reference{key: s.FilterID}, target: reference{key: s.TargetID},
			})
		}
	}
	for _, s := range l.planned.sessionsOn(interfaceID) {
		switch id := s.Noun.ID; {
		case id == "" && l.isCreated(s), id != "" && l.account.ChangedInThisRun(id), listed[id] && !s.updates:
		case id != "" && !listed[id]:
			l.wait("%s, which EC2 does not list now", id)
			all = append(all, s)
		default:
			all = append(all, s)
		}
	}
	for _, s := range l.planned.sessionsOn(ofUnknown) {
		l.wait("the network interface of %s", sessionNoun(s))
	}
	return all
}

// isCreated reports whether this run has created a session that it has planned before.
func (l *overlay) isCreated(planned plannedSession) bool {
	return slices.ContainsFunc(l.now.sessions, func(s mirror.Session) bool {
		return l.account.ChangedInThisRun(s.ID) && s.InterfaceID == planned.Noun.InterfaceID &&
			(s.Number == planned.Noun.Number || !planned.isKnown("session_number"))
	})
}

// complete returns the sessions that are known, by number.
func (l *overlay) complete(ctx context.Context, interfaceID string, found []plannedSession) ([]account.MirrorSession, error) {
	var all []account.MirrorSession
	var targets []mirror.Target
	for _, s := range found {
		hasNumber := l.knows(s, "session_number", "the number")
		hasLength := slices.Contains(s.Unset, "packet_length") || l.knows(s, "packet_length", "the packet length")
		filter, hasFilter := l.filterOf(s)
		target, hasTarget, err := l.targetOf(s)
		if err != nil {
			return nil, err
		}
		if hasNumber && hasLength && hasFilter && hasTarget {
			all, targets = append(all, account.MirrorSession{Session: s.Noun, Filter: filter}), append(targets, target)
		}
	}
	endpoints, err := l.endpoints(ctx, interfaceID, targets)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Target = endpoints[i]
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Number < all[j].Number })
	for i := range all[:max(len(all)-1, 0)] {
		if all[i].Number == all[i+1].Number && !l.policy.Variants.RepeatedSessionNumbers {
			l.wait("which session of %s has the number %d: the plan would give it to two", interfaceID, all[i].Number)
		}
	}
	return all, nil
}

// knows reports whether a field of a session is known. Otherwise the preview waits for it.
func (l *overlay) knows(s plannedSession, field, noun string) bool {
	if s.isKnown(field) {
		return true
	}
	l.wait("%s of %s", noun, sessionNoun(s))
	return false
}

// sessionNoun names a session in a message.
func sessionNoun(s plannedSession) string {
	switch {
	case s.Noun.ID != "":
		return s.Noun.ID
	case mirror.KindSession.Is(s.objectID):
		return "the session that replaces " + s.objectID
	case s.isKnown("session_number"):
		return fmt.Sprintf("the new session with number %d", s.Noun.Number)
	}
	return "a new session"
}

// targetOf returns the target of a session, with its backing resource after the apply. It has
// no ID if that is known only after apply.
func (l *overlay) targetOf(s plannedSession) (mirror.Target, bool, error) {
	if !l.knows(s, "traffic_mirror_target_id", "the target") {
		return mirror.Target{}, false, nil
	}
	id := s.Noun.TargetID
	i := slices.IndexFunc(l.now.targets, func(t mirror.Target) bool { return t.ID == id })
	if i < 0 {
		return mirror.Target{}, false, fmt.Errorf("%s uses a target that this account does not see, deleted or shared no longer: %w",
			sessionNoun(s), &account.NotFoundError{Kind: mirror.KindTarget, ID: id})
	}
	target := l.now.targets[i]
	own, isFound := existingTarget(&l.planned, id)
	switch {
	case l.isPresent(id, isFound, own.Noun.ID == ""):
		return target, true, nil
	case !own.moves:
		l.wait("what takes the place of the target %s", id)
		return mirror.Target{}, false, nil
	case !own.isKnown(mirror.TargetBackings...):
		l.wait("the backing resource of %s", id)
		return mirror.Target{}, false, nil
	}
	moved := own.Noun
	moved.OwnerID = target.OwnerID
	return moved, true, nil
}

// endpoints returns the endpoints of the targets of sessions on an interface, in their order.
func (l *overlay) endpoints(ctx context.Context, interfaceID string, targets []mirror.Target) ([]mirror.Endpoint, error) {
	viewer := l.account.ID // if it is not known, it is most likely that of the sessions, or of their interface
	if i := slices.IndexFunc(l.now.sessions, func(s mirror.Session) bool { return s.InterfaceID == interfaceID }); i >= 0 {
		viewer = cmp.Or(viewer, l.now.sessions[i].OwnerID)
	}
	if viewer == "" && len(targets) > 0 {
		i, err := l.snapshot.networkInterface(ctx, interfaceID)
		if err != nil {
			return nil, err
		}
		viewer = i.OwnerID
	}
	if l.run.isApply() {
		return l.account.Endpoints(ctx, viewer, targets...)
	}
	return l.snapshot.endpoints(ctx, viewer, l.now, targets)
}
