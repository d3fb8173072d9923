package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
)

// ModifyPlan checks the plan.
func (r *filterRuleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.finishPlan(ctx, req, resp)
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	r.checkPlan(ctx, req, resp, func(now planned) []check.Finding {
		var plan, state filterRuleModel
		resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
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
	if r.conn == nil {
		return
	}
	var state filterRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, isLeft := check.Handover{Plan: r.at(&state).plan}.DeleteRule(ctx, state.checked().Noun)
	reportFindings(&resp.Diagnostics, r.failuresIn(r.at(&state)), found)
	if isLeft {
		resp.Diagnostics.Append(writePrivate(ctx, resp.Private, leftKey, true)...)
	}
}
