package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// ValidateConfig refuses values that can never be simulated.
func (r *simulationResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m simulationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if id := m.NetworkInterfaceID; !id.IsNull() && !id.IsUnknown() {
		report(&resp.Diagnostics, "Invalid simulation", mirror.KindInterface.Check("network_interface_id", id.ValueString()))
	}
	if m.Capture.IsNull() && m.Packets.IsNull() {
		resp.Diagnostics.AddError("Invalid simulation", "There is nothing to simulate. Set capture, packets or both.")
	}
	refuseNulls("packets", m.Packets, "a packet", &resp.Diagnostics)
	refuseNulls("expect", m.Expect, "an expectation", &resp.Diagnostics)
	m.checkPlaces(&resp.Diagnostics)
	checkSessionIDs(m.SessionIDs, &resp.Diagnostics)
	m.checkFiles(&resp.Diagnostics)
	m.checkResolvers(&resp.Diagnostics)
	resp.Diagnostics.Append(m.Packets.Validate(ctx, "packets", packetsAttribute())...)
	resp.Diagnostics.Append(m.Expect.Validate(ctx, "expect", expectAttribute())...)
	names := m.checkPackets(ctx, &resp.Diagnostics)
	for i, e := range objectsOf[expectModel](ctx, m.Expect) {
		reportBelow(&resp.Diagnostics, path.Root("expect").AtListIndex(i), "Invalid expectation", e.check(names, !m.Capture.IsNull()))
	}
}

// sameFile reports whether two paths are the same file, however they are written.
func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func (m *simulationModel) checkResolvers(diags *diag.Diagnostics) {
	for i, address := range m.DNSResolverAddresses.Elements() {
		text := address.(types.String)
		if text.IsUnknown() {
			continue
		}
		at := path.Root("dns_resolver_addresses").AtListIndex(i)
		for _, p := range simulation.CheckAddress(at.String(), text.ValueString()) {
			reportAt(diags, at, "Invalid simulation", p)
		}
	}
}

// checkPackets refuses packets that cannot be built. It returns the names of all packets,
// or nil if one of them is not known yet.
func (m *simulationModel) checkPackets(ctx context.Context, diags *diag.Diagnostics) map[string]bool {
	names, named := map[string]bool{}, 0
	for i, p := range objectsOf[packetModel](ctx, m.Packets) {
		at := path.Root("packets").AtListIndex(i)
		if name := p.Name.ValueString(); !p.Name.IsUnknown() {
			if names[name] {
				diags.AddAttributeError(at.AtName("name"), "Invalid packet",
					fmt.Sprintf("name is %q, and another packet has the same name. Give each packet its own name.", name))
			}
			names[name] = true
			named++
		}
		if p.known() {
			reportBelow(diags, at, "Invalid packet", p.expand().Check())
		}
	}
	if m.Packets.IsUnknown() || named < len(m.Packets.Elements()) {
		return nil
	}
	return names
}

// ModifyPlan decides whether the simulation runs again: if its arguments or files have
// changed, if this plan changes a mirror object that it uses, or if the last run failed.
func (r *simulationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.conn == nil {
		return
	}
	id, diags := r.name(ctx, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	p := simulationPlan{id: id, isNew: req.State.Raw.IsNull()}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &p.prior)...)
		r.in(&p.prior).plan.Simulations.Delete(id)
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	resp.Diagnostics.Append(getPrior(ctx, req, &p.prior)...)
	p.failed, diags = readPrivate[bool](ctx, req.Private, failedKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.planRegion(ctx, &p, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	reportFindings(&resp.Diagnostics, anyFailure, p.simulations.Check(p.plan.checked(id)))
	if p.respell() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, p.plan)...)
	}
	p.edited = p.isNew || len(resp.RequiresReplace) > 0 || p.plan.Verdicts.IsUnknown() || p.plan.differs(p.prior)
	p.captureChanged = !p.isNew && captureChanged(ctx, p.prior.Capture)
	if !p.plan.isInPlace() {
		p.changes = p.simulations.Changes(ctx, p.plan.NetworkInterfaceID.ValueString())
	}
	if !p.edited && !p.captureChanged && !outputsChanged(&p.prior) && !p.failed && p.changes == nil {
		p.judge(ctx, r, &resp.Diagnostics)
		return
	}
	if p.edited { // a value may have been unknown to validation
		p.config.checkPlaces(&resp.Diagnostics)
	}
	p.checkFiles(ctx, &resp.Diagnostics)
	p.plan.forgetResults(fileSHA256(p.config.Capture))
	p.preview(ctx, r, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.plan)...)
}

// name returns the name of a simulation from its private state. A simulation that has
// none gets one.
func (r *simulationResource) name(ctx context.Context, from privateReader, to privateWriter) (string, diag.Diagnostics) {
	id, diags := readPrivate[string](ctx, from, simulationKey)
	if id == "" {
		id = r.conn.in("").plan.Simulations.NewID()
		diags.Append(writePrivate(ctx, to, simulationKey, id)...)
	}
	return id, diags
}

// checked returns the simulation for package check.
func (m *simulationModel) checked(id string) check.Simulation {
	canonical := func(path types.String) string {
		if path.ValueString() == "" {
			return ""
		}
		return simulation.CanonicalPath(path.ValueString())
	}
	interfaceID := m.NetworkInterfaceID.ValueString()
	if m.Region.IsUnknown() {
		interfaceID = ""
	}
	return check.Simulation{
		ID: id, InterfaceID: interfaceID,
		Capture: canonical(filePath(m.Capture)), Output: canonical(filePath(m.Output)), Annotated: canonical(filePath(m.Annotated)),
	}
}

// forgetResults plans the results of a run as known after apply. The digest of the capture
// is one of them, unless the configuration sets it. Terraform plans again while it applies,
// and would report a file that has changed by then as a bug of the provider.
func (m *simulationModel) forgetResults(pinned types.String) {
	m.Verdicts = packed.Unknown(verdictsType)
	m.Summary = types.ObjectUnknown(summaryTypes)
	m.Passed, m.Failures = types.BoolUnknown(), types.ListUnknown(types.StringType)
	forget := func(file *types.Object) {
		if !file.IsNull() && !file.IsUnknown() {
			*file = withSHA256(*file, types.StringUnknown())
		}
	}
	for _, o := range m.outputs() {
		forget(o.object)
	}
	if pinned.IsNull() {
		forget(&m.Capture)
	}
}

// respell keeps the sessions and the results of the state if values are only written in another way. It
// reports whether it did.
func (p *simulationPlan) respell() bool {
	if p.isNew || p.plan.Sessions.Equal(p.prior.Sessions) || !p.plan.Sessions.IsFullyKnown() {
		return false
	}
	_, planned, problems := p.plan.placed()
	_, prior, priorProblems := p.prior.placed()
	if problems.Err() != nil || priorProblems.Err() != nil || !reflect.DeepEqual(planned, prior) {
		return false
	}
	p.plan.Sessions = p.prior.Sessions
	if !p.plan.differs(p.prior) && p.plan.OnDrift.Equal(p.prior.OnDrift) && p.plan.OnFailure.Equal(p.prior.OnFailure) {
		p.plan = p.prior
	}
	return true
}

// differs reports whether the arguments have changed since the last run.
func (m *simulationModel) differs(prior simulationModel) bool {
	return !m.hasSource(prior) || !m.SessionIDs.Equal(prior.SessionIDs) || !m.Packets.Equal(prior.Packets) || !m.Expect.Equal(prior.Expect) || m.kept() != prior.kept() ||
		!filePath(m.Capture).Equal(filePath(prior.Capture)) || !sameOutputs(m, &prior)
}

// hasSource reports whether the simulation is of the same interface with the same resolvers.
func (m *simulationModel) hasSource(prior simulationModel) bool {
	return m.NetworkInterfaceID.Equal(prior.NetworkInterfaceID) && m.DNSResolverAddresses.Equal(prior.DNSResolverAddresses) &&
		m.Interface.Equal(prior.Interface) && m.Sessions.Equal(prior.Sessions) && m.Targets.Equal(prior.Targets)
}

// captureChanged reports whether the capture differs from the file that was simulated.
func captureChanged(ctx context.Context, capture types.Object) bool {
	if capture.IsNull() {
		return false
	}
	digest, err := simulation.FileDigest(ctx, filePath(capture).ValueString())
	return err != nil || digest != fileSHA256(capture).ValueString()
}

// A simulationPlan is what ModifyPlan knows of a simulation.
type simulationPlan struct {
	id          string
	simulations *check.Simulations

	config, plan, prior simulationModel

	isNew          bool
	failed         bool     // the last run failed
	hadFailed      bool     // so did it, and on_failure lets it
	isRefresh      bool     // this is no plan, so that the configuration is not known
	edited         bool     // the configuration has changed
	captureChanged bool     // since the last run
	unreadable     bool     // the capture
	changes        []string // the objects that it uses and that this plan changes

	assumesDelivery bool // a run takes for granted that what a session mirrors is received
}

// checkFiles reports files that cannot be read or written now. The apply may change that
// before it runs the simulation, so most problems are warnings. The refresh has said what is
// wrong with a capture that it needed.
func (p *simulationPlan) checkFiles(ctx context.Context, diags *diag.Diagnostics) {
	const notWritable, needsFolder = "Output not writable now", "The apply fails unless it creates the folder before it runs the simulation."
	for _, file := range []struct {
		name               string
		object             types.Object
		check              func(ctx context.Context, field, path string) mirror.Problems
		summary, condition string
	}{
		{"capture", p.plan.Capture, simulation.CheckCapture, "Capture not readable now", "The apply fails unless it writes this file before it runs the simulation."},
		{copiesArgument, p.plan.Output, simulation.CheckOutput, notWritable, needsFolder},
		{annotatedArgument, p.plan.Annotated, simulation.CheckOutput, notWritable, needsFolder},
	} {
		name := filePath(file.object).ValueString()
		if name == "" {
			continue
		}
		at := path.Root(file.name).AtName("path")
		for _, problem := range file.check(ctx, file.name+".path", name) {
			p.unreadable = p.unreadable || file.name == "capture"
			switch {
			case file.name == "capture" && isPinned(p):
				refuseCapture(p, problem, diags)
			case problem.Kind == mirror.Invalid:
				diags.AddAttributeError(at, "Invalid simulation", problem.Error()+"."+p.destroyHint())
			case p.simulations.IsFirst(fileKey(file.name, p.id, name)):
				diags.AddAttributeWarning(at, file.summary, problem.Error()+". "+file.condition)
			}
		}
	}
}

// fileKey names the warning about a file of a simulation.
func fileKey(file, id, path string) string { return file + " " + id + " " + path }

// destroyHint is empty if the plan has had nothing yet that a destroy would delete.
func (p *simulationPlan) destroyHint() string {
	if p.isNew && !p.simulations.HasExisting() {
		return ""
	}
	return destroyHint
}
