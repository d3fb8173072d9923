package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file is about targets and filters that the plan destroys while it points their
// sessions elsewhere. Terraform deletes such an object before it changes the sessions, and
// EC2 refuses that. Only create_before_destroy, from an earlier apply, reverses the order,
// and a provider cannot see it. Terraform plans the objects in any order, so the object that
// is planned last has the warning.

// leaveReservations returns a reservation for the target and for the filter that an
// existing session leaves. A session on another interface is replaced: it is deleted first.
func leaveReservations(before, after Object[mirror.Session]) []reservation {
	b, a := before.Noun, after.Noun
	if b.ID == "" || !after.isKnown("network_interface_id") || a.InterfaceID != b.InterfaceID {
		return nil
	}
	var left []reservation
	if !after.isKnown("traffic_mirror_target_id") || a.TargetID != b.TargetID {
		left = append(left, reservation{b.TargetID, asLeft})
	}
	if !after.isKnown("traffic_mirror_filter_id") || a.FilterID != b.FilterID {
		left = append(left, reservation{b.FilterID, asLeft})
	}
	return left
}

// warnDeletedFirst warns of a session that leaves an object that the plan destroys.
func (f sessionCheck) warnDeletedFirst(before, after Object[mirror.Session]) {
	for _, left := range leaveReservations(before, after) {
		if f.reservations.objectsOf(left.thing, asDestroyed) == nil {
			continue
		}
		kind, field := mirror.KindTarget, "traffic_mirror_target_id"
		if mirror.KindFilter.Is(left.thing) {
			kind, field = mirror.KindFilter, "traffic_mirror_filter_id"
		}
		f.add(deletedFirst(kind, left.thing, field, before.Noun.ID))
	}
}

// warnStillUsed warns of an object that the plan destroys while it points sessions
// elsewhere. If the apply has changed the sessions already, there is nothing to warn of.
func (f *findings) warnStillUsed(kind mirror.Kind, id string) {
	sessions := slices.DeleteFunc(f.reservations.objectsOf(id, asLeft), f.account.ChangedInThisRun)
	if len(sessions) > 0 {
		f.add(deletedFirst(kind, id, "", strings.Join(sessions, ", ")))
	}
}

func deletedFirst(kind mirror.Kind, id, field, sessions string) Finding {
	noun, keep := "target", "If another interface, load balancer or endpoint takes its place, keep one trafficmirror_target with conditional arguments: "+
		"network_interface_id = var.lb ? null : \"eni-...\" and network_load_balancer_arn = var.lb ? \"arn:...\" : null."
	if kind == mirror.KindFilter {
		noun, keep = "filter", "If other rules take the place of its rules, keep one trafficmirror_filter and change its rules."
	}
	return Finding{
		Severity: Warning, Field: field, Summary: "The " + noun + " is deleted while a session uses it",
		Detail: fmt.Sprintf("The plan destroys %[1]s and gives its sessions another %[2]s: %[3]s. Terraform deletes %[1]s first, and EC2 refuses that while a session uses it. "+
			"The apply fails, unless the %[2]s already had lifecycle { create_before_destroy = true } in an earlier apply. Do one of these:\n\n"+
			"  - If only the name or the key of the %[2]s changes, write a moved block.\n"+
			"  - %[4]s\n"+
			"  - Otherwise keep %[1]s in the configuration for this apply, and remove it in the next one.", id, noun, sessions, keep),
	}
}
