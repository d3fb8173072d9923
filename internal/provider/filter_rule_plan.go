package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
)

// ModifyPlan checks the plan.
func (r *filterRuleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.finishPlan(ctx, req, resp)
	r.checkPlan(ctx, req, resp, func(objectID string) []check.Finding {
		var plan, state filterRuleModel
		resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
		resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		return r.conn.plan.Rule(ctx, objectID, state.checked(), plan.checked())
	})
}
