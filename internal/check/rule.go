package check

import (
	"context"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var ruleCollisions = map[[2]role]collisionText{
	{asRuleNumber, asRuleNumber}: {
		"rule_number", "Rule number given twice",
		"Another rule of this plan (%[2]s) has the same number and direction in %[1]s. Give one of them another number.",
	},
	{asMoving, asInline}: {
		"traffic_direction", "A rule leaves a direction that its filter takes",
		"%s owns every rule of the old direction, because ingress_rules or egress_rules of its trafficmirror_filter (%s) is set. The filter would lose this rule. " +
			"Change traffic_direction first and set the map in the next apply. Or keep the rule in the map, and write a trafficmirror_filter_rule with another name for the other direction.",
	},
	{asSeparate, asInline}: {
		"traffic_direction", "Rules of one direction in two places",
		"%s owns every rule of this direction, because ingress_rules or egress_rules of its trafficmirror_filter (%s) is set. The filter would remove this rule. " +
			"Move this rule into that map, or remove the map and write all rules of the direction as trafficmirror_filter_rule.",
	},
}

// A ruleCheck checks one separate rule.
type ruleCheck struct{ *findings }

// Rule checks a separate rule. before has no ID if the rule is new.
func (p *Plan) Rule(ctx context.Context, objectID string, before, after Object[mirror.Rule]) []Finding {
	f := ruleCheck{&findings{Plan: p}}
	own := plannedRule{after, objectID, f.planned.filterOf(after.Noun.FilterID, after.isKnown("traffic_mirror_filter_id")), ruleUpdates(before, after)}
	f.planned.putRule(objectID, own)
	left := leftReservations(before, after)
	if before.Noun.ID == "" {
		left = leavingRule(&f.reservations, objectID) // Terraform plans a replacement again, without the state
	}
	f.reserve(objectID, ruleCollisions, append(ruleReservations(after), left...)...)
	if isKnown := after.isKnown("traffic_mirror_filter_id"); before.Noun.ID == "" {
		checkRegion(f.findings, mirror.KindFilter, "traffic_mirror_filter_id", after.Noun.FilterID, isKnown)
	}
	f.findNumber(ctx, before, after)
	f.warnExchange(before, after)
	noteRule(ctx, f.findings, objectID, before, after)
	f.judgeSeparate(own)
	f.judgeChange(ctx, before, after)
	if !after.isKnown("traffic_mirror_filter_id") {
		f.countNewRules()
	}
	questions(f).rule(ctx, before, after)
	return f.all
}

// judgeChange judges the filters that a rule belongs to before and after a change.
func (f ruleCheck) judgeChange(ctx context.Context, before, after Object[mirror.Rule]) {
	b, a := before.Noun, after.Noun
	if f.hasError() || keepsPackets(before, after) {
		return
	}
	directions := changedDirections(b, a)
	if !after.isKnown("traffic_direction") {
		directions = mirror.Directions
	}
	if after.isKnown("traffic_mirror_filter_id") {
		judgeSeparateRules(ctx, f.findings, a.FilterID, directions, "rule_number")
	}
	if b.ID != "" && b.FilterID != a.FilterID {
		judgeSeparateRules(ctx, f.findings, b.FilterID, changedDirections(b), "traffic_mirror_filter_id")
	}
}

// ruleReservations returns the reservations of a separate rule, as far as they are known.
func ruleReservations(r Object[mirror.Rule]) []reservation {
	if !r.isKnown("traffic_mirror_filter_id", "traffic_direction") {
		return nil
	}
	direction := ruleDirection(r.Noun.FilterID, r.Noun.Direction)
	needed := []reservation{{direction, asSeparate}}
	if r.isKnown("rule_number") {
		needed = append(needed, reservation{withNumber(direction, r.Noun.Number), asRuleNumber})
	}
	return needed
}

// leftReservations returns a reservation for the direction that an existing rule leaves.
func leftReservations(before, after Object[mirror.Rule]) []reservation {
	b, a := before.Noun, after.Noun
	switch old := ruleDirection(b.FilterID, b.Direction); {
	case b.ID == "" || !after.isKnown("traffic_mirror_filter_id", "traffic_direction"):
		return nil
	case b.FilterID != a.FilterID:
		return []reservation{{old, asLeaving}}
	case b.Direction != a.Direction:
		return []reservation{{old, asMoving}}
	}
	return nil
}

// findNumber warns if the plan creates or renumbers a rule, and another rule has the
// wanted number now.
func (f ruleCheck) findNumber(ctx context.Context, before, after Object[mirror.Rule]) {
	if !after.isKnown("traffic_mirror_filter_id", "traffic_direction") {
		return
	}
	wanted, present := after.Noun, before.Noun
	isNew := wanted.FilterID != present.FilterID
	if isNew {
		f.countRules(ctx, wanted)
	}
	moves := isNew || wanted.Direction != present.Direction || wanted.Number != present.Number
	if !moves || !after.isKnown("rule_number") {
		return
	}
	for _, other := range f.unplannedRules(ctx, wanted.FilterID) {
		if other.Direction == wanted.Direction && other.Number == wanted.Number {
			f.warnNumberInUse("rule_number", "Rule number in use", fmt.Sprintf("the %s rules of %s", other.Direction, other.FilterID), other.Number,
				Reference{mirror.KindFilterRule, other.ID}, !isNew)
		}
	}
}

// countRules warns of more rules in the filter than the quota allows.
func (f ruleCheck) countRules(ctx context.Context, rule mirror.Rule) {
	filterID, planned, existing := rule.FilterID, 0, 0
	counts := func(d mirror.Direction) bool { return !f.policy.Variants.RulesPerDirection || d == rule.Direction }
	for _, d := range mirror.Directions {
		if counts(d) {
			planned += f.reservations.countOf(ruleDirection(filterID, d), asSeparate)
		}
	}
	for _, r := range f.unplannedRules(ctx, filterID) {
		if counts(r.Direction) {
			existing++
		}
	}
	f.checkQuota(quotaUse{
		field: "traffic_mirror_filter_id", place: filterID, of: "rules", note: f.policy.ruleNote(),
		planned: planned, existing: existing,
		quota: f.policy.Quotas.RulesPerFilter, argument: "rules_per_filter",
	})
}

// defaultParallelism is the default of Terraform's -parallelism. A provider cannot read
// the value in use.
const defaultParallelism = 10

// warnExchange warns if more rules swap numbers than Terraform may change at the same
// time.
func (f ruleCheck) warnExchange(before, after Object[mirror.Rule]) {
	if !after.isKnown("traffic_mirror_filter_id", "traffic_direction", "rule_number") || before.Noun.ID == "" || before.Noun.FilterID != after.Noun.FilterID {
		return
	}
	place := func(r mirror.Rule) string { return withNumber(ruleDirection(r.FilterID, r.Direction), r.Number) }
	from, to, filterID := place(before.Noun), place(after.Noun), after.Noun.FilterID
	if from == to {
		return
	}
	count := f.reservations.moveRule(before.Noun.ID, filterID, plannedMove{from, to})
	if count < defaultParallelism || !f.reservations.warnOnce("exchange in "+filterID) {
		return
	}
	f.warn("rule_number", "Many rules swap numbers", fmt.Sprintf(
		"In this plan, at least %d trafficmirror_filter_rule of %s swap numbers. One apply is enough only if all of them can change at the same time. "+
			"Terraform changes %d objects at a time by default: set -parallelism to at least the number of these rules. Otherwise some rules fail, and you have to apply again. "+
			"With ingress_rules and egress_rules of trafficmirror_filter, one apply is always enough.", count, filterID, defaultParallelism))
}
