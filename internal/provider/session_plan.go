package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ModifyPlan plans the optional numbers that are not in the configuration, and checks the
// plan.
func (r *sessionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, plan, state sessionModel
	resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
		resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
		plan = r.planComputed(ctx, req, resp, config, plan, state)
	}
	r.finishPlan(ctx, req, resp)
	if r.planSwitch(ctx, req, resp, plan, state) {
		return
	}
	r.checkPlan(ctx, req, resp, func(now planned) []check.Finding {
		resp.Diagnostics.Append(resp.Plan.GetAttribute(ctx, path.Root("tags_all"), &plan.TagsAll)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		after := plan.checked()
		if config.PacketLength.IsNull() {
			after.Unset = []string{"packet_length"}
		}
		before := state.checked()
		if now.arrives || state.isDisabled() {
			before = check.Object[mirror.Session]{} // EC2 has none, or none in this Region
		}
		found := now.plan.Session(ctx, now.objectID, before, after)
		kind := inventory.Delivery[inventory.Status(state.Status.ValueString())]
		return append(found, now.plan.Undelivered(before, after, kind, state.StatusReason.ValueString())...)
	})
}

// planComputed plans the values that the configuration leaves to EC2.
func (r *sessionResource) planComputed(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, config, plan, state sessionModel) sessionModel {
	were, diags := readPrivate[configured](ctx, req.Private, configuredKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return plan
	}
	if !req.State.Raw.IsNull() {
		plan = planNumbers(config, plan, state, were)
	}
	plan = planEnabled(config, plan, state)
	resp.Diagnostics.Append(set(ctx, &resp.Plan, plan)...)
	return plan
}

func planNumbers(config, plan, state sessionModel, were configured) sessionModel {
	if config.PacketLength.IsNull() {
		plan.PacketLength = planPacketLength(plan, state, were.PacketLength)
	}
	if config.VirtualNetworkID.IsNull() {
		plan.VirtualNetworkID = state.VirtualNetworkID
		if were.VirtualNetworkID {
			plan.VirtualNetworkID = unknownNumber()
		}
	}
	return plan
}

// planPacketLength plans a packet length that is not in the configuration. A value that EC2
// may have set is kept. Any other value was set in the configuration or by hand, and is
// reset. With a new target, the value is known only after apply.
func planPacketLength(plan, state sessionModel, wasConfigured bool) numberValue {
	chosenByEC2 := state.PacketLength.IsNull() || state.PacketLength.ValueInt64() == mirror.LoadBalancerPacketLength && !wasConfigured
	if plan.TargetID.Equal(state.TargetID) && chosenByEC2 {
		return state.PacketLength
	}
	return unknownNumber()
}
