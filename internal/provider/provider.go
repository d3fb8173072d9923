// Package provider is the Terraform surface of the project: schemas, models, the glue
// between Terraform's requests and the other packages, and the wording of what they
// return as diagnostics. It decides nothing about mirroring: package mirror says what is
// valid, package check what a plan finds, package reconcile how an apply changes an
// account, package simulation what becomes of packets.
//
// https://developer.hashicorp.com/terraform/plugin/framework
package provider

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

var (
	_ provider.Provider                   = (*trafficMirrorProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*trafficMirrorProvider)(nil)
)

// New returns a constructor of the provider.
func New(version string) func() provider.Provider { return NewWithTiming(version, Timing{}) }

// Timing is how long the provider waits. The zero value has the usual times.
type Timing struct {
	Clock          account.Clock // nil: that of the machine
	LongestBackoff time.Duration // between two tries of a request; 0: 20 s
}

// NewWithTiming is New with other times, for tests.
func NewWithTiming(version string, timing Timing) func() provider.Provider {
	if timing.Clock == nil {
		timing.Clock = account.SystemClock{}
	}
	if timing.LongestBackoff == 0 {
		timing.LongestBackoff = 20 * time.Second // as the SDK does where nothing is set
	}
	return func() provider.Provider { return &trafficMirrorProvider{version: version, timing: timing} }
}

type trafficMirrorProvider struct {
	version string
	timing  Timing
}

// Metadata names the provider.
func (p *trafficMirrorProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "trafficmirror"
	resp.Version = p.version
}

// Resources lists the resources.
func (p *trafficMirrorProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newTargetResource,
		newFilterResource,
		newFilterRuleResource,
		newSessionResource,
		newSimulationResource,
	}
}

// DataSources lists the data sources.
func (p *trafficMirrorProvider) DataSources(context.Context) []func() datasource.DataSource {
	return nil
}

// ValidateConfig checks the default tags and the settings of the embedded EC2, and
// refuses what would be ignored: an argument that is about AWS, on the embedded EC2.
func (p *trafficMirrorProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	checkDefaultTags(ctx, req.Config, &resp.Diagnostics)
	values := topLevel(req.Config, &resp.Diagnostics)
	if emulator := values["emulator"]; emulator.IsNull() || !emulator.IsKnown() {
		return
	}
	for _, name := range []string{"profile", "assume_role", "assume_role_with_web_identity", "endpoints"} {
		if given(values[name]) {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Conflicting provider arguments",
				name+" is set together with emulator, which uses the embedded EC2 and never AWS. Remove one of the two.")
		}
	}
	var model emulatorModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("emulator"), &model)...)
	_, diags := model.options()
	resp.Diagnostics.Append(diags...)
}

// Configure connects to AWS, or to the embedded EC2 if the configuration asks for
// it, and says so each time: nobody may believe that something was applied to AWS
// when it was not.
func (p *trafficMirrorProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	refuseUnknown(req.Config, &resp.Diagnostics)
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	connect := func(accounts *account.Regions) {
		conn := newConnection(accounts, p.timing.Clock, config.checkPolicy(), config.tagPolicy())
		resp.ResourceData, resp.DataSourceData = conn, conn
	}
	if config.Emulator == nil {
		accounts, diags := config.connect(ctx, p.version, req.TerraformVersion, p.timing)
		resp.Diagnostics.Append(diags...)
		if accounts != nil {
			connect(accounts)
		}
		return
	}
	options, diags := config.Emulator.options()
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	accounts, err := config.emulate(options, p.timing)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("emulator"), "Error starting the embedded EC2", err.Error())
		return
	}
	// The summary is the same for every alias, so that Terraform shows one warning.
	resp.Diagnostics.AddAttributeWarning(path.Root("emulator"), "The embedded EC2 is in use",
		"The provider block sets emulator: nothing is read from AWS and nothing is changed there.")
	connect(accounts)
}

// refuseUnknown refuses arguments that are known after apply only. Without them
// the provider would look elsewhere for the account and the Region, and find
// others than were meant.
func refuseUnknown(config tfsdk.Config, diags *diag.Diagnostics) {
	values := topLevel(config, diags)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name].IsFullyKnown() || name == "default_tags" && values[name].IsKnown() {
			continue
		}
		diags.AddAttributeError(path.Root(name), "Unknown provider argument",
			name+" is known after apply only, so this provider cannot tell where it shall work. "+
				"Write a value that is known, or create what it comes from first: terraform apply -target.")
	}
}

// topLevel returns the arguments and blocks of the provider block.
func topLevel(config tfsdk.Config, diags *diag.Diagnostics) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	if err := config.Raw.As(&values); err != nil {
		diags.AddError("Unreadable provider block", err.Error())
	}
	return values
}

// given reports whether an argument is set, or a block is there.
func given(value tftypes.Value) bool {
	var blocks []tftypes.Value
	switch {
	case value.IsNull():
		return false
	case value.IsKnown() && value.As(&blocks) == nil:
		return len(blocks) > 0
	}
	return true
}
