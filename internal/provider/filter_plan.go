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
	var config, plan, state filterModel
	resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
		resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
		planRules(ctx, req, resp, config, &plan, state)
	}
	r.finishPlan(ctx, req, resp)
	r.checkPlan(ctx, req, resp, func(now planned) []check.Finding {
		resp.Diagnostics.Append(resp.Plan.GetAttribute(ctx, path.Root("tags_all"), &plan.TagsAll)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		if now.arrives {
			state = filterModel{}
		}
		found := now.plan.Filter(ctx, now.objectID, state.checked(nil), plan.checked(config.managed()))
		return append(found, now.takeRules(ctx, req, resp, state.ID.ValueString(), config)...)
	})
}

// takeRules plans an update of a filter that may miss rules of its maps, because the run
// deletes separate rules in a direction that the filter now owns. An unknown tags_all makes
// Terraform call Update, even if nothing else changes.
//
// Terraform plans an update again in the apply. If all unknown values turn out not to
// change, it does not call Update. So tags_all has to be unknown then too: a value that was
// known in the plan may not become unknown in the apply.
func (now planned) takeRules(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, filterID string, config filterModel) []check.Finding {
	if filterID == "" || config.IngressRules.IsNull() && config.EgressRules.IsNull() {
		return nil
	}
	managed := config.managed()
	missesRules := reconcile.OwnRules(now.run, filterID, managed)
	handover := check.Handover{Plan: now.plan}
	leaving := handover.TakesRules(filterID, managed)
	if isUnchanged := resp.Plan.Raw.Equal(req.State.Raw); isUnchanged && (missesRules || leaving != nil) || !resp.Plan.Raw.IsFullyKnown() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("tags_all"), types.MapUnknown(types.StringType))...)
	}
	if leaving == nil {
		return nil
	}
	return handover.TakenRules(filterID, leaving)
}

// planRules plans the rules of a direction that is not in the configuration: they do not
// change, and a new filter has none.
func planRules(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, config filterModel, plan *filterModel, state filterModel) {
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		state.IngressRules, state.EgressRules = types.MapNull(ruleMapType.ElemType), types.MapNull(ruleMapType.ElemType)
	}
	changes := false
	for _, d := range mirror.Directions {
		if config.rules(d).IsNull() && !plan.rules(d).Equal(*state.rules(d)) {
			*plan.rules(d) = *state.rules(d)
			changes = true
		}
	}
	if changes {
		resp.Diagnostics.Append(set(ctx, &resp.Plan, *plan)...)
	}
}
