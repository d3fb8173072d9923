package provider

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

var (
	_ resource.ResourceWithConfigure      = (*simulationResource)(nil)
	_ resource.ResourceWithValidateConfig = (*simulationResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*simulationResource)(nil)
)

func newSimulationResource() resource.Resource { return &simulationResource{} }

type simulationResource struct{ connected }

// Metadata names the resource.
func (r *simulationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_simulation"
}

// Create runs the simulation. If an expectation does not hold, it stores nothing.
func (r *simulationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan simulationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	r.apply(ctx, &plan, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// Update runs the simulation again.
func (r *simulationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior simulationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	r.apply(ctx, &plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(writePrivate(ctx, resp.Private, failedKey, true)...)
		return
	}
	resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, failedKey)...)
	if old, now := filePath(prior.Output), filePath(plan.Output); !old.IsNull() && (now.IsNull() || !sameFile(old.ValueString(), now.ValueString())) {
		removeOutput(prior.Output, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read runs the simulation again, so that a plan starts from the present behaviour of the
// sessions. It does not check expectations, and an error is only a warning, so that a
// refresh never blocks a plan.
func (r *simulationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state simulationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	sim, problem := r.prepare(ctx, state)
	if problem == nil {
		problem = sim.run(ctx)
	}
	if problem != nil {
		resp.Diagnostics.AddWarning("Simulation not refreshed",
			fmt.Sprintf("The state keeps the verdicts of the last run, because this run failed: %v.", problem))
		return
	}
	resp.Diagnostics.Append(state.setResults(ctx, sim)...)
	state.Output = currentOutput(state.Output)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Delete removes the output.
func (r *simulationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state simulationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !resp.Diagnostics.HasError() {
		removeOutput(state.Output, &resp.Diagnostics)
	}
}

// prepare reads the sessions, and the packets in words. All values are known.
func (r *simulationResource) prepare(ctx context.Context, m simulationModel) (*simulationRun, error) {
	var resolvers []netip.Addr
	if !m.DNSResolverAddresses.IsNull() {
		resolvers = []netip.Addr{}
	}
	for _, v := range m.DNSResolverAddresses.Elements() {
		addr, err := netip.ParseAddr(v.(types.String).ValueString())
		if err != nil {
			return nil, fmt.Errorf("dns_resolver_addresses: %w", err)
		}
		resolvers = append(resolvers, addr)
	}
	sim := &simulationRun{capturePath: filePath(m.Capture).ValueString()}
	for _, p := range objectsOf[packetModel](ctx, m.Packets) {
		words := p.expand()
		if problems := words.Check(); problems != nil {
			return nil, fmt.Errorf("packet %q: %w", words.Name, problems)
		}
		sim.packets = append(sim.packets, words)
	}
	var expected []string
	for _, e := range objectsOf[expectModel](ctx, m.Expect) {
		expected = append(expected, e.Packet.ValueString())
	}
	sim.verdicts = simulation.NewKeptVerdicts(m.kept(), expected...)
	source, err := r.conn.source(ctx, m.NetworkInterfaceID.ValueString(), resolvers)
	sim.source = source
	return sim, err
}

// apply runs the simulation and checks its expectations. Only then does it replace the
// output file.
func (r *simulationResource) apply(ctx context.Context, m *simulationModel, diags *diag.Diagnostics) {
	m.checkFiles(diags) // a path may have been unknown to validation
	if diags.HasError() {
		return
	}
	const summary = "Error running the simulation"
	sim, err := r.prepare(ctx, *m)
	if err != nil {
		anyFailure.report(diags, summary, err)
		return
	}
	if output := filePath(m.Output); !output.IsNull() {
		if err := sim.writeCopies(output.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("output").AtName("path"), summary, err.Error()+".")
			return
		}
		defer sim.output.Discard()
	}
	if err := sim.run(ctx); err != nil {
		anyFailure.report(diags, summary, err)
		return
	}
	tflog.Debug(ctx, "simulated", map[string]any{"packets": sim.summary.Packets})
	for _, l := range sim.leftOut() {
		diags.AddAttributeWarning(path.Root("output").AtName("path"), "Copies left out of the output",
			fmt.Sprintf("%s lacks %s. EC2 shows the address of a target only to the account that owns it.", filePath(m.Output).ValueString(), l))
	}
	for i, e := range objectsOf[expectModel](ctx, m.Expect) {
		if broken := e.broken(sim.verdicts.ByName); broken != "" {
			diags.AddAttributeError(path.Root("expect").AtListIndex(i), "Expectation does not hold", broken)
		}
	}
	diags.Append(m.setResults(ctx, sim)...)
	if diags.HasError() {
		return
	}
	if sim.captureSHA256 != "" {
		m.Capture = withSHA256(m.Capture, types.StringValue(sim.captureSHA256))
	}
	if sim.output != nil {
		digest, err := sim.output.Commit()
		if err != nil {
			diags.AddAttributeError(path.Root("output").AtName("path"), summary, err.Error()+".")
			return
		}
		m.Output = withSHA256(m.Output, types.StringValue(digest))
	}
}

func (m *simulationModel) setResults(ctx context.Context, sim *simulationRun) diag.Diagnostics {
	verdicts, err := packed.New(ctx, flattenVerdicts(sim.verdicts.ByName))
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Error storing the verdicts", err.Error())}
	}
	summary, diags := types.ObjectValueFrom(ctx, summaryTypes, flattenSummary(sim.summary))
	m.Verdicts, m.Summary = verdicts, summary
	return diags
}

// currentOutput returns the output with the digest of the file. The digest is null if the
// file is missing or was changed: the next plan then writes it again.
func currentOutput(output types.Object) types.Object {
	if output.IsNull() {
		return output
	}
	digest, err := simulation.FileDigest(filePath(output).ValueString())
	if err == nil && digest == fileSHA256(output).ValueString() {
		return output
	}
	return withSHA256(output, types.StringNull())
}

// removeOutput removes the output file if it has not changed since it was written.
func removeOutput(output types.Object, diags *diag.Diagnostics) {
	if current := currentOutput(output); current.IsNull() || fileSHA256(current).IsNull() {
		return
	}
	if err := os.Remove(filePath(output).ValueString()); err != nil && !errors.Is(err, os.ErrNotExist) {
		diags.AddWarning("Output not removed", err.Error())
	}
}
