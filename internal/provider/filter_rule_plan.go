package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
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
	r.warnOfExchange(plan, state, resp)
	if r.asks(resp) {
		r.ask(ctx, req, plan, state, resp)
	}
}

// defaultParallelism is how many objects Terraform changes at a time unless it is
// told otherwise. A provider is not told.
const defaultParallelism = 10

// warnOfExchange warns when so many rules exchange numbers that they may not be under
// way at the same time.
func (r *filterRuleResource) warnOfExchange(plan, state filterRuleModel, resp *resource.ModifyPlanResponse) {
	from, to := state.place(), plan.place()
	if from == "" || to == "" || from == to || !plan.FilterID.Equal(state.FilterID) {
		return
	}
	filterID := state.FilterID.ValueString()
	count := r.client.claims.renumber(state.ID.ValueString(), filterID, move{from, to})
	if count < defaultParallelism || !r.client.claims.isFirst("exchange in "+filterID) {
		return
	}
	resp.Diagnostics.AddAttributeWarning(path.Root("rule_number"), "Many rules exchange numbers", fmt.Sprintf(
		"In this plan, at least %d trafficmirror_filter_rule of %s exchange numbers. They do so in one apply if all of them can change at the same time: "+
			"Terraform changes %d objects at a time, or as many as -parallelism says. With fewer, some of them give up, and another apply finishes. "+
			"The ingress_rules and egress_rules of trafficmirror_filter converge in one apply whatever numbers change.", count, filterID, defaultParallelism))
}

// place is the number in its filter and direction, if it is known, or empty.
func (m filterRuleModel) place() string {
	if m.FilterID.ValueString() == "" || m.TrafficDirection.ValueString() == "" || m.RuleNumber.ValueInt64() == 0 {
		return ""
	}
	return withNumber(ruleDirection(m.FilterID.ValueString(), mirror.Direction(m.TrafficDirection.ValueString())), m.RuleNumber.ValueInt64())
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
