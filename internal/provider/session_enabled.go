package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file is about sessions that are disabled: they are in the state, and EC2 has none of
// them. EC2 has no switch for a session, so disabling deletes it and enabling creates it anew.
//
//	state     plan      calls
//	-         disabled  none
//	enabled   disabled  DeleteTrafficMirrorSession
//	disabled  disabled  none
//	disabled  enabled   CreateTrafficMirrorSession, with the number and the VNI in the state
//	disabled  -         none

func enabledAttribute() schema.Attribute {
	return schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether EC2 has the session. `false` deletes the session in EC2, so that it mirrors nothing and costs nothing. Its number and its VNI stay in the state, and `id`, `arn` and `owner_id` are null. " +
			"`true` creates it again with that number and VNI, and with a new ID. EC2 does not reserve the number meanwhile: if another session has it, enabling fails and names that session. Default: `true`.",
	}
}

func statusAttributes() (status, reason schema.Attribute) {
	var values bulletList
	for _, s := range inventory.Statuses {
		values = values.with(string(s.Status), s.Meaning)
	}
	text := "Whether the session mirrors packets. The provider finds it out when it reads the session. If several values are true, it is the first of them:" + string(values)
	return schema.StringAttribute{Computed: true, MarkdownDescription: text},
		schema.StringAttribute{Computed: true, MarkdownDescription: "Why the session has its `status`, as a sentence. For an `active` session: what EC2 does not show, or an empty text."}
}

// isDisabled reports whether enabled is known to be false.
func (m sessionModel) isDisabled() bool { return m.Enabled.Equal(types.BoolValue(false)) }

// withStatus returns the state of a session that EC2 has.
func withStatus(ctx context.Context, a *account.Account, m sessionModel, s mirror.Session) sessionModel {
	status, reason := inventory.ReadStatus(ctx, a, s)
	m.Status, m.StatusReason = types.StringValue(string(status)), types.StringValue(reason)
	return m
}

// planEnabled plans the values that enabled decides about. state is empty if there is none.
func planEnabled(config, plan, state sessionModel) sessionModel {
	switch wasDisabled := state.isDisabled(); {
	case plan.Enabled.IsUnknown():
		plan = plan.withoutObject(types.StringUnknown())
		plan.Status, plan.StatusReason = types.StringUnknown(), types.StringUnknown()
		plan = planAnew(config, plan, state)
	case plan.isDisabled():
		plan = plan.withoutObject(types.StringNull())
		plan.Status, plan.StatusReason = types.StringValue(string(inventory.Disabled)), types.StringValue("")
		plan.SessionNumber = keptNumber(config.SessionNumber, plan.SessionNumber, state.SessionNumber)
		plan.VirtualNetworkID = keptNumber(config.VirtualNetworkID, plan.VirtualNetworkID, numberValue{})
		plan.PacketLength = keptNumber(config.PacketLength, plan.PacketLength, numberValue{})
	case wasDisabled:
		plan = planAnew(config, plan.withoutObject(types.StringUnknown()), state)
	case plan.TargetID.Equal(state.TargetID) && !state.Status.IsNull():
		plan.Status, plan.StatusReason = state.Status, state.StatusReason
	}
	return plan
}

// withoutObject returns the model with what only an object of EC2 has as value.
func (m sessionModel) withoutObject(value types.String) sessionModel {
	m.ID, m.ARN, m.OwnerID = value, value, value
	return m
}

// planAnew plans the numbers of a session that is created again.
func planAnew(config, plan, state sessionModel) sessionModel {
	plan.PacketLength = enabledNumber(config.PacketLength, unknownNumber())
	plan.VirtualNetworkID = enabledNumber(config.VirtualNetworkID, state.VirtualNetworkID)
	plan.SessionNumber = enabledNumber(config.SessionNumber, state.SessionNumber)
	return plan
}

// keptNumber plans a number of a disabled session: EC2 chooses none.
func keptNumber(config, plan, kept numberValue) numberValue {
	switch {
	case !config.IsNull():
		return config
	case plan.IsUnknown():
		return kept
	}
	return plan
}

// enabledNumber plans a number of a session that is enabled again: what it had, or else what EC2
// chooses.
func enabledNumber(config, had numberValue) numberValue {
	switch {
	case !config.IsNull():
		return config
	case had.IsNull():
		return unknownNumber()
	}
	return had
}

// planSwitch checks the plan of a session that is disabled before or after it, and reports
// whether it is one for which nothing else is to check.
func (r *sessionResource) planSwitch(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan, state sessionModel) bool {
	isGoing := req.Plan.Raw.IsNull()
	switch {
	case isGoing && state.isDisabled():
		return true
	case isGoing || !plan.isDisabled():
		return false
	case r.conn == nil || state.ID.IsNull() || resp.Diagnostics.HasError():
		return true
	}
	reportLeaving(ctx, &r.object, req, resp, r.at(&state), state.ID.ValueString())
	return true
}
