package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkLive warns of what is in the way of a rule that is new or gets another
// number. The plan may be about to move or remove it, which nobody can tell yet.
func (r *filterRuleResource) checkLive(ctx context.Context, plan, state filterRuleModel, resp *resource.ModifyPlanResponse) {
	if plan.FilterID.IsUnknown() || plan.TrafficDirection.IsUnknown() {
		return
	}
	enters := !plan.FilterID.Equal(state.FilterID)
	if enters {
		r.warnOfRules(ctx, plan.FilterID.ValueString(), resp)
	}
	if enters || !plan.TrafficDirection.Equal(state.TrafficDirection) || !plan.RuleNumber.Equal(state.RuleNumber) {
		r.warnOfNumber(ctx, plan, resp)
	}
}

// warnOfRules warns of more rules in the filter than the quota allows.
func (r *filterRuleResource) warnOfRules(ctx context.Context, filterID string, resp *resource.ModifyPlanResponse) {
	quota := r.client.policy.quotas.RulesPerFilter
	planned := 0
	for _, d := range mirror.Directions {
		planned += r.client.claims.count(ruleDirection(filterID, d), asSeparate)
	}
	all := planned + len(r.client.strangeRules(ctx, filterID))
	var text string
	switch {
	case planned > quota:
		text = fmt.Sprintf("With this rule, %s has %d rules in this plan, ingress and egress together, and the quota is taken to be %d.", filterID, planned, quota)
	case all > quota:
		text = fmt.Sprintf("With this rule and those that exist, %s has %d rules, ingress and egress together, and the quota is taken to be %d. Unless this plan removes some first, the apply fails.", filterID, all, quota)
	default:
		return
	}
	r.client.policy.warnOfQuota(&resp.Diagnostics, path.Root("traffic_mirror_filter_id"), "rules", "rules_per_filter", text)
}

func (r *filterRuleResource) warnOfNumber(ctx context.Context, plan filterRuleModel, resp *resource.ModifyPlanResponse) {
	direction := mirror.Direction(plan.TrafficDirection.ValueString())
	for _, rule := range r.client.strangeRules(ctx, plan.FilterID.ValueString()) {
		if plan.RuleNumber.IsUnknown() || rule.Direction != direction || int64(rule.Number) != plan.RuleNumber.ValueInt64() {
			continue
		}
		held := heldError{resource: "trafficmirror_filter_rule", id: rule.ID}
		resp.Diagnostics.AddAttributeWarning(path.Root("rule_number"), "Rule number in use", fmt.Sprintf(
			"Another %s rule of %s has number %d now. Unless this plan gives it another number or removes it, the apply fails. %s", direction, rule.FilterID, rule.Number, held.adoption()))
	}
}
