package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// RulesField returns the argument that has the rules of a direction.
func RulesField(d mirror.Direction) string { return string(d) + "_rules" }

// A Filter is a filter as it is, or as it is planned. RulesField of a direction is among
// its unknown fields where not every rule of that direction is known.
type Filter struct {
	Object[mirror.Filter]
	Managed []mirror.Direction       // the directions whose rules the filter owns
	Count   map[mirror.Direction]int // of rules, those that are not known yet included
}

func filterCollisions(d mirror.Direction) map[[2]role]collisionText {
	return map[[2]role]collisionText{{asInline, asSeparate}: {
		RulesField(d), "Rules of one direction in two places",
		"%s owns every rule of this direction, because " + RulesField(d) + " is set. In the same direction this plan has trafficmirror_filter_rule: %s. " +
			"Move its rules into the map, or leave the map out and keep all rules of the direction as trafficmirror_filter_rule.",
	}}
}

// A filterCheck checks one filter.
type filterCheck struct{ *findings }

// Filter checks a filter. before has no ID where the filter is to be created.
func (p *Plan) Filter(ctx context.Context, objectID string, before, after Filter) []Finding {
	f := filterCheck{&findings{Plan: p}}
	collisions := f.reservations.reserve(objectID, filterReservations(after.Noun.ID, after.Managed)...)
	for _, d := range mirror.Directions {
		own := slices.DeleteFunc(slices.Clone(collisions), func(c collision) bool { return c.thing != ruleDirection(after.Noun.ID, d) })
		f.reportCollisions(own, filterCollisions(d))
	}
	f.judgeRules(after)
	f.countRules(after)
	if before.Noun.ID != "" && textChanges(before.Object, after.Object, "description", filterDescription) {
		f.warnReplaced(ctx, mirror.KindFilter, before.Noun.ID, account.OfFilter(before.Noun.ID))
	}
	questions{f.findings}.filter(ctx, before, after)
	return f.all
}

func filterDescription(f mirror.Filter) string { return f.Description }

// FilterCreated notes the ID of a filter that has just been created, for the separate
// rules that are planned once more with that ID.
func (p *Plan) FilterCreated(id string, managed []mirror.Direction) {
	p.reservations.reserve(id, filterReservations(id, managed)...)
}

// filterReservations are the directions whose rules the filter owns. A filter without an
// ID collides with nothing yet.
func filterReservations(id string, managed []mirror.Direction) []reservation {
	var needed []reservation
	for _, d := range managed {
		if id != "" {
			needed = append(needed, reservation{ruleDirection(id, d), asInline})
		}
	}
	return needed
}

// countRules warns of more rules than the quota allows.
func (f filterCheck) countRules(filter Filter) {
	ingress, egress, quota := filter.Count[mirror.Ingress], filter.Count[mirror.Egress], f.policy.Quotas.RulesPerFilter
	if ingress+egress <= quota {
		return
	}
	field := RulesField(mirror.Ingress)
	if egress > ingress {
		field = RulesField(mirror.Egress)
	}
	f.warnQuota(field, "rules", "rules_per_filter",
		fmt.Sprintf("The filter has %d rules, ingress and egress together, and the quota is taken to be %d.", ingress+egress, quota))
}
