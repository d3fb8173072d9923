package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var sessionCollisions = map[[2]role]wording{
	{asSessionNumber, asSessionNumber}: {
		"session_number", "Session number given twice",
		"On %s, another session of this plan has the same number: %s. Give one of them another number, or leave session_number out to get the lowest that is free.",
	},
	{asSource, asBacking}: {
		"network_interface_id", "Source and target at once",
		"%s is the source of this session, and a target of this plan stands on it: %s. A network interface is either the one or the other. Choose another interface for one of them.",
	},
}

// checkPlan finds what other objects of the plan are in the way of.
func (r *sessionResource) checkPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.client == nil || resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.stake(ctx, req, resp)
		r.askDelete(ctx, req, resp, r.deletion)
		return
	}
	var plan, state sessionModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	reportCollisions(&resp.Diagnostics, r.stake(ctx, req, resp, plan.claims()...), sessionCollisions)
	r.checkLive(ctx, plan, state, resp)
	if r.asks(resp) {
		r.ask(ctx, req, plan, state, resp)
	}
}

// claims are what the session takes, as far as that is known.
func (m sessionModel) claims() []claim {
	if m.NetworkInterfaceID.IsUnknown() {
		return nil
	}
	id := m.NetworkInterfaceID.ValueString()
	taken := []claim{{id, asSource}}
	if !m.SessionNumber.IsUnknown() {
		taken = append(taken, claim{withNumber(id, m.SessionNumber.ValueInt64()), asSessionNumber})
	}
	return taken
}
