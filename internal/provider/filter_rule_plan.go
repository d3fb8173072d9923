package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
)

// ModifyPlan checks the plan.
func (r *filterRuleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.finishPlan(ctx, req, resp)
	if r.conn == nil || resp.Diagnostics.HasError() {
		return
	}
	before, after, diags := r.conn.plannedRegions(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	if before != nil && before != after { // it is destroyed, or replaced in another Region
		r.planDestroy(ctx, req, resp)
	}
	if after == nil {
		return
	}
	r.checkPlan(ctx, req, resp, func(now planned) []check.Finding {
		var plan, state filterRuleModel
		resp.Diagnostics.Append(get(ctx, resp.Plan, &plan)...)
		resp.Diagnostics.Append(now.prior(ctx, req, &state)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		found := now.plan.Rule(ctx, now.objectID, state.checked(), plan.checked())
		handover := check.Handover{Plan: now.plan}
		if handover.LeavesRule(state.checked().Noun, plan.checked().Noun) {
			resp.Diagnostics.Append(writePrivate(ctx, resp.Private, leftKey, true)...)
		}
		return found
	})
}

// planDestroy checks the destroy of a rule, and plans whether it leaves the rule in EC2.
// Terraform does not plan a destroy again in the apply, so that the private state of the
// plan reaches Delete.
func (r *filterRuleResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state filterRuleModel
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, isLeft := check.Handover{Plan: r.at(&state).plan}.DeleteRule(ctx, state.checked().Noun)
	reportFindings(&resp.Diagnostics, r.failuresIn(r.at(&state)), found)
	if isLeft {
		resp.Diagnostics.Append(writePrivate(ctx, resp.Private, leftKey, true)...)
	}
}
