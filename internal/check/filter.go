package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// RulesField returns the name of the argument with the rules of a direction.
func RulesField(d mirror.Direction) string { return string(d) + "_rules" }

// A Filter is a filter, before or after the plan. If a rule of a direction is not fully
// known, the unknown fields include RulesField of that direction.
type Filter struct {
	Object[mirror.Filter]
	Managed    []mirror.Direction       // the directions whose rules the filter owns
	Count      map[mirror.Direction]int // number of rules, including rules that are not known yet
	Assertions []Assertion
}

func filterCollisions(d mirror.Direction) map[[2]role]collisionText {
	return map[[2]role]collisionText{{asInline, asMoving}: {
		RulesField(d), "A rule leaves a direction that its filter takes",
		"%s owns every rule of this direction, because " + RulesField(d) + " is set. In this plan, trafficmirror_filter_rule %s gets another traffic_direction, and the filter would lose it. " +
			"Change traffic_direction first and set the map in the next apply. Or keep the rule in the map, and write a trafficmirror_filter_rule with another name for the other direction.",
	}, {asInline, asSeparate}: {
		RulesField(d), "Rules of one direction in two places",
		"%s owns every rule of this direction, because " + RulesField(d) + " is set. This plan also has trafficmirror_filter_rule in this direction: %s. " +
			"Move these rules into the map, or remove the map and write all rules of the direction as trafficmirror_filter_rule.",
	}}
}

// A filterCheck checks one filter.
type filterCheck struct{ *findings }

// Filter checks a filter. before has no ID if the filter is new.
func (p *Plan) Filter(ctx context.Context, objectID string, before, after Filter) []Finding {
	f := filterCheck{&findings{Plan: p}}
	f.planned.putFilter(objectID, plannedFilter{after, changesRules(before, after), updates(before.Object, after.Object)})
	collisions := f.reservations.reserve(objectID, filterReservations(after.Noun.ID, after.Managed)...)
	for _, d := range mirror.Directions {
		own := slices.DeleteFunc(slices.Clone(collisions), func(c collision) bool { return c.thing != ruleDirection(after.Noun.ID, d) })
		f.reportCollisions(own, filterCollisions(d))
	}
	f.judgeAssertions(ctx, objectID, before, after)
	f.judgeWidening(ctx, before, after)
	f.judgeRules(after)
	f.findForgottenPorts(after)
	f.countRules(after)
	if before.Noun.ID != "" && textChanges(before.Object, after.Object, "description", filterDescription) {
		f.warnReplaced(ctx, mirror.KindFilter, before.Noun.ID, account.OfFilter(before.Noun.ID))
	}
	noteFilter(ctx, f.findings, objectID, before, after)
	questions(f).filter(ctx, before, after)
	return f.all
}

func filterDescription(f mirror.Filter) string { return f.Description }

// FilterCreated records a new filter with its ID. Its separate rules and its sessions are
// planned again with this ID.
func (p *Plan) FilterCreated(created Filter) {
	id := created.Noun.ID
	p.reservations.reserve(id, filterReservations(id, created.Managed)...)
	p.planned.putFilter(id, plannedFilter{created, true, true})
}

// changesRules reports whether the plan changes rules that the filter owns.
func changesRules(before, after Filter) bool {
	return before.Noun.ID == "" || slices.ContainsFunc(after.Managed, func(d mirror.Direction) bool {
		return !after.isKnown(RulesField(d)) || !slices.EqualFunc(before.Noun.InDirection(d), after.Noun.InDirection(d), mirror.SameRule)
	})
}

// changedDirection returns the first direction of which changesRules is true.
func changedDirection(before, after Filter) mirror.Direction {
	for _, d := range after.Managed {
		if !after.isKnown(RulesField(d)) || !slices.EqualFunc(before.Noun.InDirection(d), after.Noun.InDirection(d), mirror.SameRule) {
			return d
		}
	}
	return after.Managed[0]
}

// filterReservations returns a reservation for each direction whose rules the filter owns.
// A filter without an ID cannot collide yet.
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
	count := ingress + egress
	if f.policy.Variants.RulesPerDirection {
		count = max(ingress, egress)
	}
	if count <= quota {
		return
	}
	field := RulesField(mirror.Ingress)
	if egress > ingress {
		field = RulesField(mirror.Egress)
	}
	f.warnQuota(field, "rules", "rules_per_filter", filter.Noun.ID, fmt.Sprintf("The filter has %d rules%s. The assumed quota is %d.", count, f.policy.ruleNote(), quota))
}
