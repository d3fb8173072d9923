package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkLive warns of what is in the way of a rule that is new or gets another
// number.
func (r *filterRuleResource) checkLive(ctx context.Context, plan, state filterRuleModel, resp *resource.ModifyPlanResponse) {
	if plan.FilterID.IsUnknown() || plan.TrafficDirection.IsUnknown() {
		return
	}
	enters := !plan.FilterID.Equal(state.FilterID)
	if enters {
		r.warnOfRules(ctx, plan.FilterID.ValueString(), resp)
	}
	if enters || !plan.TrafficDirection.Equal(state.TrafficDirection) || !plan.RuleNumber.Equal(state.RuleNumber) {
		r.warnOfNumber(ctx, plan, !enters, resp)
	}
}

// warnOfRules warns of more rules in the filter than the quota allows.
func (r *filterRuleResource) warnOfRules(ctx context.Context, filterID string, resp *resource.ModifyPlanResponse) {
	planned := 0
	for _, d := range mirror.Directions {
		planned += r.client.claims.count(ruleDirection(filterID, d), asSeparate)
	}
	r.client.warnOfQuota(&resp.Diagnostics, crowd{
		attribute: "traffic_mirror_filter_id", place: filterID, what: "rules", gloss: ", ingress and egress together",
		planned: planned, strange: len(r.client.strangeRules(ctx, filterID)),
		quota: r.client.policy.quotas.RulesPerFilter, argument: "rules_per_filter",
	})
}

func (r *filterRuleResource) warnOfNumber(ctx context.Context, plan filterRuleModel, exists bool, resp *resource.ModifyPlanResponse) {
	direction := mirror.Direction(plan.TrafficDirection.ValueString())
	for _, rule := range r.client.strangeRules(ctx, plan.FilterID.ValueString()) {
		if plan.RuleNumber.IsUnknown() || rule.Direction != direction || int64(rule.Number) != plan.RuleNumber.ValueInt64() {
			continue
		}
		place := fmt.Sprintf("the %s rules of %s", direction, rule.FilterID)
		r.client.warnOfHolder(&resp.Diagnostics, path.Root("rule_number"), "Rule number in use", place, rule.Number,
			heldError{resource: "trafficmirror_filter_rule", id: rule.ID}, exists)
	}
}
