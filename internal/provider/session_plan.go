package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ModifyPlan plans the optional numbers that are not in the configuration, and checks the
// plan.
func (r *sessionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.planNumbers(ctx, req, resp)
	r.finishPlan(ctx, req, resp)
	r.checkPlan(ctx, req, resp, func(now planned) []check.Finding {
		var config, plan, state sessionModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
		resp.Diagnostics.Append(now.prior(ctx, req, &state)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		after := plan.checked()
		if config.PacketLength.IsNull() {
			after.Unset = []string{"packet_length"}
		}
		return now.plan.Session(ctx, now.objectID, state.checked(), after)
	})
}

func (r *sessionResource) planNumbers(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var config, plan, state sessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	were, diags := readPrivate[configured](ctx, req.Private, configuredKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.PacketLength.IsNull() {
		plan.PacketLength = planPacketLength(plan, state, were.PacketLength)
	}
	if config.VirtualNetworkID.IsNull() {
		plan.VirtualNetworkID = state.VirtualNetworkID
		if were.VirtualNetworkID {
			plan.VirtualNetworkID = unknownNumber()
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
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
