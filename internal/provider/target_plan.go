package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
)

// EC2 cannot change what backs a target. To replace the target would first delete it,
// which fails while sessions use it. So a change of the backing resource is an update
// in which the ID changes: see reconcile.MoveTarget.

// ModifyPlan plans a change of the backing resource, and checks the plan.
func (r *targetResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.planMove(ctx, req, resp)
	r.finishPlan(ctx, req, resp)
	r.checkPlan(ctx, req, resp, func(now planned) []check.Finding {
		var plan, state targetModel
		resp.Diagnostics.Append(get(ctx, resp.Plan, &plan)...)
		resp.Diagnostics.Append(now.prior(ctx, req, &state)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		return now.plan.Target(ctx, now.objectID, state.checked(), plan.checked())
	})
}

// planMove plans the computed attributes if the backing resource changes: the target then
// gets a new ID and ARN. If an earlier move has left its old target behind, planMove plans
// an update that deletes it.
func (r *targetResource) planMove(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var plan, state targetModel
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	leftover, diags := readPrivate[[]string](ctx, req.Private, leftoverKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if leftover != nil {
		// The configuration may be unchanged. An unknown value makes Terraform call Update,
		// which deletes the leftover.
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("owner_id"), types.StringUnknown())...)
	}
	if plan.backings() == state.backings() {
		return
	}
	for _, name := range []string{"id", "arn"} {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), types.StringUnknown())...)
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("type"), plan.backingType())...)
}
