package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A plan takes the quotas of the provider block, else those of the embedded EC2 if it
// runs on that, else those that AWS publishes.
func TestCheckPolicy_quotas(t *testing.T) {
	t.Parallel()
	usual := mirror.DefaultQuotas()
	on := func(quotas map[string]attr.Value) *emulatorModel {
		return &emulatorModel{Quotas: types.MapValueMust(numberType{}, quotas)}
	}
	both := on(map[string]attr.Value{"rules-per-filter": knownNumber(50), "sessions-per-interface": knownNumber(5)})
	for name, test := range map[string]struct {
		config          providerModel
		rules, sessions int
	}{
		"AWS": {providerModel{}, usual.RulesPerFilter, usual.SessionsPerInterface},
		"AWS, raised": {
			providerModel{Quotas: &quotasModel{RulesPerFilter: knownNumber(20), SessionsPerInterface: numberValue{}}},
			20, usual.SessionsPerInterface,
		},
		"embedded":                 {providerModel{Emulator: &emulatorModel{}}, usual.RulesPerFilter, usual.SessionsPerInterface},
		"embedded, other quotas":   {providerModel{Emulator: both}, 50, 5},
		"embedded, unknown quotas": {providerModel{Emulator: &emulatorModel{Quotas: types.MapUnknown(numberType{})}}, usual.RulesPerFilter, usual.SessionsPerInterface},
		"embedded, one of them assumed": {
			providerModel{Emulator: both, Quotas: &quotasModel{SessionsPerInterface: knownNumber(4)}},
			50, 4,
		},
	} {
		if got := test.config.checkPolicy().Quotas; got.RulesPerFilter != test.rules || got.SessionsPerInterface != test.sessions {
			t.Errorf("%s: %d rules and %d sessions, want %d and %d", name, got.RulesPerFilter, got.SessionsPerInterface, test.rules, test.sessions)
		}
	}
}

// The description of warnings.silence has each name.
func TestWarningsAttribute(t *testing.T) {
	t.Parallel()
	silence := warningsAttribute().(schema.SingleNestedAttribute).Attributes["silence"]
	for _, name := range check.Silenceable {
		if !strings.Contains(silence.GetMarkdownDescription(), "`"+name+"`: ") {
			t.Errorf("the description lacks %s", name)
		}
	}
}
