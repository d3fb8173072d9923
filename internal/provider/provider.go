// Package provider is the Terraform side of the project: schemas, models, the handlers of
// Terraform's requests, and the diagnostics for the results of other packages. It decides
// nothing about mirroring: package mirror validates values, package check checks a plan,
// package reconcile changes the account, package simulation runs packets.
//
// https://developer.hashicorp.com/terraform/plugin/framework
package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	frameworkfunction "github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/function"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/unchanged"
)

var (
	_ provider.Provider                   = (*trafficMirrorProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*trafficMirrorProvider)(nil)
	_ provider.ProviderWithFunctions      = (*trafficMirrorProvider)(nil)
	_ provider.ProviderWithListResources  = (*trafficMirrorProvider)(nil)
)

// New returns a constructor for the provider.
func New(version string) func() provider.Provider { return NewWithTiming(version, Timing{}) }

// Timing has the wait times of the provider, and how it reads. The zero value has the defaults.
type Timing struct {
	Clock          account.Clock // nil: the system clock
	LongestBackoff time.Duration // between two tries of a request; 0: 20 s
	Patience       time.Duration // how long the checks of a plan wait for an EC2 that does not answer; 0: 10 s
	ReadEach       bool          // every read is a request of its own: no snapshot answers it
}

// NewWithTiming is New with other times, for tests.
func NewWithTiming(version string, timing Timing) func() provider.Provider {
	timing = timing.orDefault()
	return func() provider.Provider { return &trafficMirrorProvider{version: version, timing: timing} }
}

// orDefault returns the times with the defaults of those that are zero.
func (t Timing) orDefault() Timing {
	if t.Clock == nil {
		t.Clock = account.SystemClock{}
	}
	if t.Patience == 0 {
		t.Patience = 10 * time.Second
	}
	if t.LongestBackoff == 0 {
		t.LongestBackoff = 20 * time.Second // as the SDK does where nothing is set
	}
	return t
}

// NewServer returns a constructor for a server of a provider. Terraform talks to this server,
// and not to one of the framework's own: the simulation has packed attributes.
func NewServer(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := newProvider()
		connected, _ := p.(*trafficMirrorProvider)
		return packed.NewServer(unchangedServer(connected, providerserver.NewProtocol6(p)()), providerserver.NewProtocol6(describedProvider{p})(),
			"trafficmirror_simulation", packedAttributes...)
	}
}

// describedProvider is a provider with the schema of the simulation that Terraform gets.
type describedProvider struct{ provider.Provider }

// Resources lists the simulation.
func (describedProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &describedSimulation{} }}
}

// unchangedServer asks the resources of EC2 objects itself while they do not change.
func unchangedServer(p *trafficMirrorProvider, framework tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	if p == nil {
		return framework
	}
	return unchanged.NewServer(framework, p.conn.Load, map[string]func() resource.Resource{
		"trafficmirror_target":      newTargetResource,
		"trafficmirror_filter":      newFilterResource,
		"trafficmirror_filter_rule": newFilterRuleResource,
		"trafficmirror_session":     newSessionResource,
	}, privateKeys)
}

type trafficMirrorProvider struct {
	version string
	timing  Timing
	conn    atomic.Value // a *connection, once the provider is configured
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
	return append(objectSources(), newFilterAnalysisDataSource, newSourcesDataSource, newCoverageDataSource, newPathDataSource)
}

// ListResources lists the list resources.
func (p *trafficMirrorProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newTargetList, newFilterList, newFilterRuleList, newSessionList}
}

// Functions lists the functions.
func (p *trafficMirrorProvider) Functions(context.Context) []func() frameworkfunction.Function {
	return function.All()
}

// ValidateConfig checks the default tags, the Region, and the settings of the checks and of the
// embedded EC2.
// With the embedded EC2, it refuses arguments that only AWS uses, because they would be
// ignored.
func (p *trafficMirrorProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	checkDefaultTags(ctx, req.Config, &resp.Diagnostics)
	checkPolicyOf(ctx, req.Config, &resp.Diagnostics)
	values := topLevel(req.Config, &resp.Diagnostics)
	var region types.String
	var skipsRegion types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &region)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("skip_region_validation"), &skipsRegion)...)
	if region.ValueString() != "" && !skipsRegion.IsUnknown() {
		resp.Diagnostics.Append(providerModel{SkipRegionValidation: skipsRegion}.checkRegion(region.ValueString())...)
	}
	if emulator := values["emulator"]; emulator.IsNull() || !emulator.IsKnown() {
		return
	}
	for _, name := range []string{"profile", "assume_role", "assume_role_with_web_identity", "endpoints"} {
		if given(values[name]) {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Conflicting provider arguments",
				name+" is set together with emulator, which uses the embedded EC2 instead of AWS. Remove one of the two.")
		}
	}
	var model emulatorModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("emulator"), &model)...)
	_, diags := model.options()
	resp.Diagnostics.Append(diags...)
}

// Configure connects to AWS, or to the embedded EC2 if the configuration asks for it. With
// the embedded EC2 it always warns, so that nobody takes this for a change of AWS.
func (p *trafficMirrorProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	refuseUnknown(req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	policy := config.checkPolicy()
	policy.Clock, policy.Patience = p.timing.Clock, p.timing.Patience
	connect := func(accounts *account.Regions) {
		conn := newConnection(accounts, p.timing.Clock, policy, config.tagPolicy())
		conn.validateRegion, conn.endpointRegion = config.checkRegion, endpointRegion(config)
		if config.Emulator != nil {
			conn.store = config.Emulator.Path.ValueString()
		}
		resp.ResourceData, resp.DataSourceData, resp.ListResourceData = conn, conn, conn
		p.conn.Store(conn)
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
	diags.Append(config.checkRegion(config.emulatedRegion())...)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	accounts, _, err := config.emulate(ctx, options, p.timing)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("emulator"), "Error starting the embedded EC2", err.Error()+".")
		return
	}
	if !slices.Contains(policy.Silenced, check.EmbeddedEC2) {
		// The summary is the same for every alias, so that Terraform shows one warning.
		resp.Diagnostics.AddAttributeWarning(path.Root("emulator"), "The embedded EC2 is in use",
			"The provider block sets emulator. This provider reads and changes nothing in AWS. Other providers of the configuration still do."+silenceHint(check.EmbeddedEC2, nil))
	}
	connect(accounts)
}

// refuseUnknown refuses arguments that are known only after apply. Without their values,
// the provider could use a wrong account or Region.
func refuseUnknown(config tfsdk.Config, diags *diag.Diagnostics) {
	values := topLevel(config, diags)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name == "default_tags" && values[name].IsKnown() {
			continue
		}
		for _, unknown := range unknownBelow(name, values[name]) {
			diags.AddAttributeError(path.Root(name), "Unknown provider argument",
				unknown+" is known only after apply, but the provider needs it for the plan. "+
					"Write a known value, or first create the resource it comes from: terraform apply -target=RESOURCE.")
		}
	}
}

// unknownBelow names the unknown parts of an argument, such as "emulator.path".
func unknownBelow(name string, value tftypes.Value) []string {
	var unknown []string
	_ = tftypes.Walk(value, func(at *tftypes.AttributePath, part tftypes.Value) (bool, error) {
		if !part.IsKnown() {
			whole := name
			for _, step := range at.Steps() {
				switch s := step.(type) {
				case tftypes.AttributeName:
					whole += "." + string(s)
				case tftypes.ElementKeyInt:
					whole += fmt.Sprintf("[%d]", int64(s))
				}
			}
			unknown = append(unknown, whole)
		}
		return true, nil
	})
	return slices.Compact(unknown)
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
