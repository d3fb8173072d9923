package provider

import (
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Each setting of the block reaches the embedded EC2, and what is not set, or not
// known yet, stays as it is.
func TestEmulatorOptions(t *testing.T) {
	t.Parallel()
	raised := mirror.DefaultQuotas()
	raised.RulesPerFilter = 50
	for name, test := range map[string]struct {
		block emulatorModel
		want  emulator.Options
	}{
		"nothing": {emulatorModel{Path: types.StringValue("a.db")}, emulator.Options{Path: "a.db", Quotas: mirror.DefaultQuotas()}},
		"everything": {
			emulatorModel{
				Path: types.StringValue("a.db"), Throttle: types.BoolValue(true), Seed: knownNumber(7), Faults: types.StringValue("*:latency=30ms"),
				Quotas:   types.MapValueMust(numberType{}, map[string]attr.Value{"rules-per-filter": knownNumber(50), "filters-per-account": numberValue{}}),
				Variants: types.SetValueMust(types.StringType, []attr.Value{types.StringValue("unique-vnis")}),
			},
			emulator.Options{
				Path: "a.db", Throttle: true, Seed: 7, Quotas: raised, Variants: emulator.Variants{UniqueVNIs: true},
				Faults: []emulator.Fault{{Action: "*", Kind: emulator.FaultLatency, Duration: 30 * time.Millisecond, Probability: 1}},
			},
		},
		"unknown": {
			emulatorModel{
				Path: types.StringUnknown(), Throttle: types.BoolUnknown(), Seed: unknownNumber(), Faults: types.StringUnknown(),
				Quotas:   types.MapValueMust(numberType{}, map[string]attr.Value{"rules-per-filter": unknownNumber()}),
				Variants: types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()}),
			},
			emulator.Options{Quotas: mirror.DefaultQuotas()},
		},
	} {
		got, diags := test.block.options()
		if got.Log = nil; diags.HasError() || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, diags, test.want)
		}
	}
}
