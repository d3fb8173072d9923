package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestPlanEnabled(t *testing.T) {
	t.Parallel()
	text, unknown := types.StringValue, types.StringUnknown()
	active := sessionModel{
		ID: text("tms-1"), ARN: text("arn"), OwnerID: text("1"), TargetID: text("tmt-1"),
		SessionNumber: knownNumber(3), VirtualNetworkID: knownNumber(7), PacketLength: knownNumber(8500),
		Status: text("active"), StatusReason: text(""),
	}
	disabled := active.withoutObject(types.StringNull())
	disabled.Enabled, disabled.Status = types.BoolValue(false), text("disabled")
	with := func(m sessionModel, change func(*sessionModel)) sessionModel {
		change(&m)
		return m
	}
	older := with(active, func(m *sessionModel) { m.Status, m.StatusReason = types.StringNull(), types.StringNull() })
	anew := func(m sessionModel) sessionModel {
		m = m.withoutObject(unknown)
		m.Status, m.StatusReason, m.PacketLength = unknown, unknown, unknownNumber()
		return m
	}
	// As the framework plans it where something changes: what is computed and not set is unknown.
	proposed := func(state sessionModel, enabled types.Bool) sessionModel {
		state.Enabled, state.Status, state.StatusReason = enabled, unknown, unknown
		return state
	}
	for name, row := range map[string]struct{ config, plan, state, want sessionModel }{
		"nothing changes":             {plan: active, state: active, want: active},
		"a state of an older version": {plan: older, state: older, want: older},
		"tags change":                 {plan: proposed(active, types.BoolNull()), state: active, want: active},
		"another target": {
			plan:  with(proposed(active, types.BoolNull()), func(m *sessionModel) { m.TargetID = text("tmt-2") }),
			state: active,
			want:  with(proposed(active, types.BoolNull()), func(m *sessionModel) { m.TargetID = text("tmt-2") }),
		},
		"disabled":       {plan: proposed(active, types.BoolValue(false)), state: active, want: disabled},
		"stays disabled": {plan: disabled, state: disabled, want: disabled},
		"disabled with another number": {
			config: sessionModel{SessionNumber: knownNumber(5)},
			plan:   with(proposed(active, types.BoolValue(false)), func(m *sessionModel) { m.SessionNumber = knownNumber(5) }),
			state:  active,
			want:   with(disabled, func(m *sessionModel) { m.SessionNumber = knownNumber(5) }),
		},
		"disabled, with a number that is known after apply": {
			config: sessionModel{SessionNumber: unknownNumber()},
			plan:   with(proposed(active, types.BoolValue(false)), func(m *sessionModel) { m.SessionNumber = unknownNumber() }),
			state:  active,
			want:   with(disabled, func(m *sessionModel) { m.SessionNumber = unknownNumber() }),
		},
		"enabled again": {
			plan:  proposed(disabled, types.BoolNull()),
			state: disabled,
			want:  with(anew(disabled), func(m *sessionModel) { m.Enabled = types.BoolNull() }),
		},
		"enabled for the first time": {
			plan:  with(proposed(disabled, types.BoolValue(true)), func(m *sessionModel) { m.SessionNumber, m.VirtualNetworkID = unknownNumber(), unknownNumber() }),
			state: with(disabled, func(m *sessionModel) { m.SessionNumber, m.VirtualNetworkID = numberValue{}, numberValue{} }),
			want: with(anew(disabled), func(m *sessionModel) {
				m.Enabled, m.SessionNumber, m.VirtualNetworkID = types.BoolValue(true), unknownNumber(), unknownNumber()
			}),
		},
		"known after apply": {
			plan:  proposed(active, types.BoolUnknown()),
			state: active,
			want:  with(anew(active), func(m *sessionModel) { m.Enabled = types.BoolUnknown() }),
		},
	} {
		got := planEnabled(row.config, row.plan, row.state)
		same := got.ID.Equal(row.want.ID) && got.ARN.Equal(row.want.ARN) && got.OwnerID.Equal(row.want.OwnerID) && got.TargetID.Equal(row.want.TargetID) &&
			got.Enabled.Equal(row.want.Enabled) && got.Status.Equal(row.want.Status) && got.StatusReason.Equal(row.want.StatusReason) &&
			got.SessionNumber.Equal(row.want.SessionNumber) && got.VirtualNetworkID.Equal(row.want.VirtualNetworkID) && got.PacketLength.Equal(row.want.PacketLength)
		if !same {
			t.Errorf("%s:\ngot  %v\nwant %v", name, got, row.want)
		}
	}
}
