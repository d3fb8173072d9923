package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
)

var (
	_ resource.ResourceWithConfigure      = (*simulationResource)(nil)
	_ resource.ResourceWithValidateConfig = (*simulationResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*simulationResource)(nil)
)

func newSimulationResource() resource.Resource { return &simulationResource{} }

type simulationResource struct{ connected }

// in returns the account in the Region of a simulation.
func (r *simulationResource) in(m *simulationModel) *regional {
	return r.conn.in(m.Region.ValueString())
}

// Metadata names the resource.
func (r *simulationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_simulation"
}

// Create runs the simulation. If an expectation does not hold, the state and the output are
// those of this run all the same, and Terraform replaces the simulation in the next apply.
func (r *simulationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan simulationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, diags := r.name(ctx, resp.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	if !r.apply(ctx, id, &plan, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(noteFailure(ctx, resp.Private, resp.Diagnostics.HasError())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// noteFailure records whether the last run of a simulation failed.
func noteFailure(ctx context.Context, private privateWriter, failed bool) diag.Diagnostics {
	if failed {
		return writePrivate(ctx, private, failedKey, true)
	}
	return forgetPrivate(ctx, private, failedKey)
}

// Update runs the simulation again. If an expectation does not hold, the state and the output
// are those of this run all the same. If it cannot run, they stay as they are.
func (r *simulationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior simulationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	id, diags := r.name(ctx, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	hasRun := r.apply(ctx, id, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(noteFailure(ctx, resp.Private, resp.Diagnostics.HasError())...)
	if !hasRun {
		return
	}
	r.in(&prior).removeOutputs(ctx, id, &prior, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read runs the simulation again, so that a plan starts from the present behaviour of the
// sessions. It never fails, so that a refresh does not block the plan that repairs the filter,
// nor a destroy. It warns of broken expectations: where a plan only refreshes, nothing else
// does.
func (r *simulationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state simulationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	id, diags := r.name(ctx, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	failed, diags := readPrivate[bool](ctx, req.Private, failedKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !state.isInPlace() {
		state.Region = types.StringValue(r.in(&state).account.Region)
	}
	sim, problem := r.prepare(ctx, &state)
	hasStarted := problem == nil
	if hasStarted {
		problem = sim.run(ctx)
	}
	simulations := r.in(&state).plan.Simulations
	if problem != nil {
		resp.Diagnostics.AddWarning("Simulation not refreshed", fmt.Sprintf("This run of the simulation failed: %s.\n\n"+
			"The state keeps the verdicts of the last run. They do not prove that the sessions behave like that now.", explain(problem)))
		if hasStarted { // it may be the capture, and the plan need not say that again
			simulations.IsFirst(fileKey("capture", id, filePath(state.Capture).ValueString()))
		}
		return
	}
	simulations.NoteRefresh(id)
	hadPassed := state.Passed
	resp.Diagnostics.Append(state.setResults(ctx, sim)...)
	refreshOutputs(ctx, &state)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	var found []unexpected
	for _, f := range sim.failures() {
		if simulations.IsFirst(id + f.text) {
			found = append(found, f)
		}
	}
	if found == nil {
		return
	}
	p := simulationPlan{id: id, simulations: simulations, failed: failed, isRefresh: true}
	p.hadFailed = state.OnFailure.ValueString() == onWarn && hadPassed.Equal(types.BoolValue(false))
	if !state.isInPlace() {
		p.changes = simulations.Changes(ctx, state.NetworkInterfaceID.ValueString())
	}
	// A refresh does not know the configuration.
	p.warn(&resp.Diagnostics, found, " Ignore this warning if you have changed the expectation since the last apply.")
}

// Delete removes the outputs.
func (r *simulationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state simulationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	id, diags := readPrivate[string](ctx, req.Private, simulationKey)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.in(&state).removeOutputs(ctx, id, &state, &simulationModel{}, &resp.Diagnostics)
	}
}

// apply runs the simulation and writes the outputs. Then it checks the expectations. It reports
// whether the simulation has run.
func (r *simulationResource) apply(ctx context.Context, id string, m *simulationModel, diags *diag.Diagnostics) bool {
	m.checkFiles(diags) // a path may have been unknown to validation
	if diags.HasError() {
		return false
	}
	const summary = "Error running the simulation"
	sim, err := r.prepare(ctx, m)
	if err != nil {
		anyFailure.report(diags, summary, err)
		return false
	}
	sim.wantSHA256 = fileSHA256(m.Capture).ValueString()
	defer sim.discardOutputs()
	if !sim.createOutputs(m, summary, diags) {
		return false
	}
	if err := sim.run(ctx); err != nil {
		anyFailure.report(diags, summary, err)
		return false
	}
	tflog.Debug(ctx, "simulated", map[string]any{"packets": sim.summary.Packets})
	sim.warnOfLeftOut(diags)
	diags.Append(m.setResults(ctx, sim)...)
	if sim.captureSHA256 != "" {
		m.Capture = withSHA256(m.Capture, types.StringValue(sim.captureSHA256))
	}
	if !r.in(m).commitOutputs(sim, id, summary, diags) {
		return false
	}
	advice := ""
	if !m.isInPlace() && losesCopies(sim.source) {
		advice = "\n\nIf this configuration creates what receives the copies, Terraform may have made it after the simulation. " + receiversFirst + " Then apply again."
	}
	reportFailures(r.in(m).plan.Simulations, id, m, sim.failures(), advice, diags)
	return true
}

// reportFailures reports what is not as expected, each with advice. A run says each warning once:
// a simulation is planned and then run in it.
func reportFailures(simulations *check.Simulations, id string, m *simulationModel, failures []unexpected, advice string, diags *diag.Diagnostics) {
	if m.OnFailure.ValueString() == onWarn {
		failures = slices.DeleteFunc(failures, func(f unexpected) bool { return !simulations.IsFirst(id + f.text) })
		warnOf(simulations, diags, failures, brokenSummary, "on_failure is \"warn\": judge by passed and failures.")
		return
	}
	for _, f := range byCause(failures) {
		addError(diags, f[0].at, brokenSummary, f.detail(simulations)+advice)
	}
}

// maxFailures is how many failures the state has.
const maxFailures = 100

func (m *simulationModel) setResults(ctx context.Context, sim *simulationRun) diag.Diagnostics {
	verdicts, err := packed.New(ctx, flattenVerdicts(sim.verdicts.ByName))
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Error storing the verdicts", err.Error())}
	}
	summary, diags := types.ObjectValueFrom(ctx, summaryTypes, flattenSummary(sim.summary, sim.verdicts.ByAppliance))
	m.Verdicts, m.Summary = verdicts, summary
	var failed []string
	for _, f := range sim.failures() {
		failed = append(failed, f.text)
	}
	m.Passed, m.Failures = types.BoolValue(failed == nil), textList(failed[:min(len(failed), maxFailures)])
	return diags
}
