package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var ruleCollisions = map[[2]role]wording{
	{asRuleNumber, asRuleNumber}: {
		"rule_number", "Rule number given twice",
		"In %s, another rule of this plan has the same number and direction: %s. Give one of them another number.",
	},
	{asSeparate, asInline}: {
		"traffic_direction", "Rules of one direction in two places",
		"%s owns every rule of this direction, because ingress_rules or egress_rules of the trafficmirror_filter (%s) is set: it would remove this one. " +
			"Move this rule into that map, or leave the map out and keep all rules of the direction as trafficmirror_filter_rule.",
	},
}

// ModifyPlan finds what other objects of the plan are in the way of.
func (r *filterRuleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.finishPlan(ctx, req, resp)
	if r.client == nil || resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.stake(ctx, req, resp)
		r.askDelete(ctx, req, resp, r.client.ruleDeletion)
		return
	}
	var plan, state filterRuleModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	reportCollisions(&resp.Diagnostics, r.stake(ctx, req, resp, plan.claims()...), ruleCollisions)
	r.checkLive(ctx, plan, state, resp)
	if r.asks(resp) {
		r.ask(ctx, req, plan, state, resp)
	}
}

// claims are what the rule takes, as far as that is known.
func (m filterRuleModel) claims() []claim {
	if m.FilterID.IsUnknown() || m.TrafficDirection.IsUnknown() {
		return nil
	}
	direction := ruleDirection(m.FilterID.ValueString(), mirror.Direction(m.TrafficDirection.ValueString()))
	taken := []claim{{direction, asSeparate}}
	if !m.RuleNumber.IsUnknown() {
		taken = append(taken, claim{withNumber(direction, m.RuleNumber.ValueInt64()), asRuleNumber})
	}
	return taken
}
