package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// ModifyPlan plans the rules of a direction that is not in the configuration, and checks
// the plan.
func (r *filterResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.planRules(ctx, req, resp)
	r.finishPlan(ctx, req, resp)
	r.checkPlan(ctx, req, resp, func(objectID string) []check.Finding {
		var config, plan, state filterModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
		resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		found := r.conn.plan.Filter(ctx, objectID, state.checked(nil), plan.checked(config.managed()))
		return append(found, r.takeRules(ctx, req, resp, state.ID.ValueString(), config.managed())...)
	})
}

// takeRules plans an update of a filter that may miss rules of its maps, because the run
// deletes separate rules in a direction that the filter now owns.
func (r *filterResource) takeRules(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, filterID string, managed []mirror.Direction) []check.Finding {
	if filterID == "" {
		return nil
	}
	missesRules := reconcile.OwnRules(r.conn.run, filterID, managed)
	leaving := check.Handover{Plan: r.conn.plan}.TakesRules(filterID, managed)
	if !missesRules && leaving == nil {
		return nil
	}
	if resp.Plan.Raw.Equal(req.State.Raw) {
		// An unknown value makes Terraform call Update.
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("tags_all"), types.MapUnknown(types.StringType))...)
	}
	if leaving == nil {
		return nil
	}
	return check.Handover{Plan: r.conn.plan}.TakenRules(filterID, leaving)
}

// planRules plans the rules of a direction that is not in the configuration: they do not
// change, and a new filter has none.
func (r *filterResource) planRules(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var config, state, plan filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	state.IngressRules, state.EgressRules = types.MapNull(ruleMapType.ElemType), types.MapNull(ruleMapType.ElemType)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	for _, d := range mirror.Directions {
		if config.rules(d).IsNull() {
			*plan.rules(d) = *state.rules(d)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}
