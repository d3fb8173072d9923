package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A sourcesCheck checks how many sources a target has.
type sourcesCheck struct{ *findings }

// countSources warns of more sources of a target on a network interface than the quota allows.
func (f sourcesCheck) countSources(ctx context.Context, own plannedSession) {
	keys := []string{own.target.key}
	sessions := f.planned.sessionsOf(own.target.key)
	if !own.isKnown("traffic_mirror_target_id") {
		keys = f.planned.newTargets()
		sessions = f.planned.sessionsOf(ofUnknown)
	}
	if len(keys) == 0 || f.isSilenced(Quota) {
		return // a target that is not new has an ID from another provider
	}
	quota, isCertain := 0, true
	for _, key := range keys {
		target, found := f.targetWith(ctx, key)
		if !found {
			return
		}
		of, certain, limited := f.sourcesQuota(ctx, target)
		if !limited {
			return
		}
		quota, isCertain = quota+of, isCertain && certain
	}
	use := f.sourcesOf(sessions)
	existing := mirrorSources{}
	if own.isKnown("traffic_mirror_target_id") {
		for _, s := range f.snapshot.sessions(ctx) {
			if s.TargetID == own.Noun.TargetID && f.isUnplanned(s.ID) {
				existing.add(s.InterfaceID)
			}
		}
	}
	f.warnSources(keys, use, existing, quota, isCertain)
}

// mirrorSources counts the sources of a target.
type mirrorSources struct {
	interfaces map[string]bool
	sessions   int
	unknown    int // sessions whose interfaces are not known
}

func (m *mirrorSources) add(interfaceID string) {
	if m.interfaces == nil {
		m.interfaces = map[string]bool{}
	}
	m.interfaces[interfaceID] = true
	m.sessions++
}

func (f sourcesCheck) sourcesOf(sessions []plannedSession) mirrorSources {
	var m mirrorSources
	for _, s := range sessions {
		if s.isKnown("network_interface_id") {
			m.add(s.Noun.InterfaceID)
		} else {
			m.unknown++
		}
	}
	return m
}

// count returns how many sources there are, also with those of another count.
func (f sourcesCheck) count(m, other mirrorSources) int {
	if f.policy.Variants.SessionsPerTarget {
		return m.sessions + m.unknown + other.sessions
	}
	n := len(m.interfaces) + m.unknown
	for id := range other.interfaces {
		if !m.interfaces[id] {
			n++
		}
	}
	return n
}

func (f sourcesCheck) warnSources(keys []string, use, existing mirrorSources, quota int, isCertain bool) {
	count, where, condition := f.count(use, mirrorSources{}), "In this plan,", ""
	if count <= quota {
		count, where, condition = f.count(use, existing), "Including existing ones,", " The apply fails unless this plan deletes or moves some first."
	}
	if count <= quota || !f.reservations.warnOnce("sources of "+strings.Join(keys, " ")) {
		return
	}
	place := keys[0] + " has"
	switch {
	case len(keys) > 1:
		place = fmt.Sprintf("the %d new targets together have", len(keys))
	case isNewKey(keys[0]):
		place = "the new target has"
	}
	text := fmt.Sprintf("%s %s at least %d sources. The assumed quota is %d.%s", where, place, count, quota, condition)
	if !isCertain {
		text += fmt.Sprintf(" For an interface of an instance of a large type it is %d.", f.policy.Quotas.SourcesPerLargeTarget)
	}
	if use.unknown > 0 {
		text += " Sessions whose network_interface_id is known only after apply are counted as if each had its own interface."
	}
	if isNewKey(keys[0]) {
		text += " Sessions whose traffic_mirror_target_id is known only after apply are counted as sessions of what this plan creates."
	}
	f.warnQuota("traffic_mirror_target_id", "sources", "sources_per_target", keys[0], text+" A Network Load Balancer has no such quota.")
}

// targetWith returns a target, as it is after the plan.
func (f sourcesCheck) targetWith(ctx context.Context, key string) (Object[mirror.Target], bool) {
	if target, found := f.planned.target(key); found {
		return target.Object, true
	}
	for _, t := range f.snapshot.targets(ctx) {
		if t.ID == key {
			return Object[mirror.Target]{Noun: t}, true
		}
	}
	return Object[mirror.Target]{}, false
}

// sourcesQuota returns the quota of sources of a target, and whether it is certain: it depends
// on the instance of the interface. A load balancer or an endpoint has none.
func (f sourcesCheck) sourcesQuota(ctx context.Context, t Object[mirror.Target]) (quota int, isCertain, isLimited bool) {
	quota = f.policy.Quotas.SourcesPerTarget
	if backingField(t) != mirror.TargetBackings[0] {
		return 0, false, false
	}
	if !t.isKnown(mirror.TargetBackings[0]) {
		return quota, false, true
	}
	i, err := f.snapshot.networkInterface(ctx, t.Noun.InterfaceID)
	if err != nil || i.InstanceID == "" {
		return quota, false, true
	}
	instance, err := f.snapshot.instance(ctx, i.InstanceID)
	return f.policy.Quotas.SourcesOf(instance.Type), err == nil, true
}
