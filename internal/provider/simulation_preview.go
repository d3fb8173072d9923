package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// preview runs the simulation in the plan, if the plan knows enough, and reports what is not as
// expected. It plans the results of a simulation in place. Those of the sessions in EC2 stay
// known after apply: Terraform plans again while it applies, and would report sessions that have
// changed by then as a bug of the provider.
func (p *simulationPlan) preview(ctx context.Context, r *simulationResource, diags *diag.Diagnostics) {
	isInPlace := p.plan.isInPlace()
	if p.simulations.IsApply() && !isInPlace { // the run is next
		return
	}
	sim := p.run(ctx, r, diags)
	if sim == nil {
		p.judgeByState(ctx, diags)
		return
	}
	if isInPlace && p.plan.Expect.IsFullyKnown() && (p.plan.Capture.IsNull() || !fileSHA256(p.config.Capture).IsNull()) {
		diags.Append(p.plan.setResults(ctx, sim)...)
	}
	if p.simulations.IsApply() {
		return
	}
	p.reportChanges(ctx, sim, diags)
	failures := sim.failures()
	switch isRepeated := !p.edited && !p.captureChanged && p.changes == nil; { // drift, or the last run
	case isRepeated && !p.failed && errsOnDrift(p):
		refuseDrift(p.simulations, p.splitUndelivered(ctx, r, sim, failures, untilRepaired, diags), diags)
		return
	case isRepeated:
		failures = slices.DeleteFunc(failures, func(f unexpected) bool { return !p.simulations.IsFirst(p.id + f.text) })
		p.warn(diags, failures, "")
		return
	}
	failures = p.splitUndelivered(ctx, r, sim, failures, otherwiseFails, diags)
	reportFailures(p.simulations, p.id, &p.plan, failures, p.refusal(), diags)
}

// The ends of a warning that nothing receives copies now.
const (
	receiversFirst = "List the listener and the registered targets in depends_on of the trafficmirror_target or of the trafficmirror_simulation, so that they are there first."
	otherwiseFails = " Otherwise the apply fails. " + receiversFirst
	untilRepaired  = " Otherwise the next plan says this again."
)

// splitUndelivered warns of the failures that are there only because nothing receives the copies now,
// and returns the others. Another provider may create the listener or start the instance in the same
// apply, which a plan cannot see. end says what follows if it does not.
func (p *simulationPlan) splitUndelivered(ctx context.Context, r *simulationResource, sim *simulationRun, failures []unexpected, end string, diags *diag.Diagnostics) []unexpected {
	if len(failures) == 0 || p.plan.isInPlace() || !losesCopies(sim.source) {
		return failures
	}
	p.assumesDelivery = true
	var again diag.Diagnostics // the first run has reported the same
	delivered := p.run(ctx, r, &again)
	p.assumesDelivery = false
	if delivered == nil {
		return failures
	}
	stay := map[string]bool{}
	for _, f := range delivered.failures() {
		stay[f.at.String()] = true
	}
	isDelivery := func(f unexpected) bool { return !stay[f.at.String()] }
	var undelivered []unexpected
	for _, f := range failures {
		if isDelivery(f) {
			undelivered = append(undelivered, f)
		}
	}
	warnOf(p.simulations, diags, undelivered, "Nothing receives the copies now", "The sessions mirror these packets, but nothing receives the copies now. If this apply creates or starts what receives them, the expectation holds then."+end)
	return slices.DeleteFunc(slices.Clone(failures), isDelivery)
}

// losesCopies reports whether a session of a source loses its copies by something that an apply of
// another provider can mend.
func losesCopies(source *dataplane.Source) bool {
	return slices.ContainsFunc(dataplane.FactsOf(source).Sessions, func(s dataplane.SessionFacts) bool {
		return s.Lost == dataplane.NoReceiver || s.Lost == dataplane.NoUDPListener || s.Lost == dataplane.NoAppliance
	})
}

// run runs the simulation as it is planned. It returns nil if the plan does not know enough, or
// if the run fails.
func (p *simulationPlan) run(ctx context.Context, r *simulationResource, diags *diag.Diagnostics) *simulationRun {
	if unknown := unknownArguments(p); unknown != nil {
		reportFindings(diags, anyFailure, p.simulations.WaitingForArguments(p.id, unknown))
		return nil
	}
	if p.unreadable { // checkFiles has said it
		return nil
	}
	sim, err := newRun(ctx, &p.plan)
	if err == nil {
		err = p.source(ctx, r, sim, diags)
	}
	if err == nil && sim.source == nil {
		return nil
	}
	if err == nil {
		if err = simulation.CheckPackets(sim.source, sim.packets); err != nil && p.mustReport() {
			addError(diags, path.Root("packets"), "Error running the simulation", account.Explain(err)+p.destroyHint())
			return nil
		}
	}
	if err == nil {
		sim.wantSHA256 = fileSHA256(p.config.Capture).ValueString()
		err = sim.run(ctx)
		if changed := (*changedCaptureError)(nil); err != nil && isPinned(p) && !errors.As(err, &changed) {
			refuseCapture(p, err, diags)
			return nil
		}
	}
	if err == nil {
		return sim
	}
	p.reportNotRun(err, diags)
	return nil
}

// unknownArguments returns the names of the arguments that are known only after apply, or a part
// of which is, and without which the simulation cannot run or be judged.
func unknownArguments(p *simulationPlan) []string {
	var names []string
	for _, argument := range []struct {
		name    string
		isKnown bool
	}{
		{"network_interface_id", isFullyKnown(p.plan.NetworkInterfaceID)},
		{"region", isFullyKnown(p.plan.Region) || p.plan.isInPlace()},
		{"interface", isFullyKnown(p.plan.Interface)},
		{"sessions", p.plan.Sessions.IsFullyKnown()},
		{"targets", isFullyKnown(p.plan.Targets)},
		{"dns_resolver_addresses", isFullyKnown(p.plan.DNSResolverAddresses)},
		{"capture", isFullyKnown(p.config.Capture)},
		{"packets", p.config.Packets.IsFullyKnown()},
		{"on_failure", isFullyKnown(p.plan.OnFailure)},
	} {
		if !argument.isKnown {
			names = append(names, argument.name)
		}
	}
	return names
}

// mustReport reports whether an error of this simulation stops the plan: only in a plan that
// creates or changes it, or changes what it uses. Another plan may be the one before a destroy.
func (p *simulationPlan) mustReport() bool {
	return !p.simulations.IsApply() && (p.edited || p.captureChanged || p.changes != nil)
}

// isPinned reports whether the results are those of a capture that the configuration names by its
// digest, so that a plan knows them. Terraform plans again while it applies, and would report
// results that are unknown then as a bug of the provider.
func isPinned(p *simulationPlan) bool {
	pinned := fileSHA256(p.config.Capture)
	return p.plan.isInPlace() && !pinned.IsNull() && !pinned.IsUnknown()
}

// refuseCapture reports that a capture whose digest is in the configuration cannot be read.
func refuseCapture(p *simulationPlan, err error, diags *diag.Diagnostics) {
	addError(diags, path.Root("capture").AtName("path"), "Capture not readable",
		fmt.Sprintf("%s.\n\nWith capture.sha256, the plan has the results of this file, so it has to be there already, and to stay as it is. Restore it, or remove capture.sha256.%s",
			explain(err), p.destroyHint()))
}

func (p *simulationPlan) reportNotRun(err error, diags *diag.Diagnostics) {
	var changed *changedCaptureError
	if errors.As(err, &changed) {
		if p.edited || p.captureChanged || isPinned(p) {
			addError(diags, path.Root("capture").AtName("sha256"), "The capture is another file", changed.Error()+"."+p.destroyHint())
		}
		return
	}
	if p.simulations.IsApply() || !p.simulations.IsFirst("not run "+p.id) {
		return
	}
	diags.AddWarning("Simulation not run in the plan", fmt.Sprintf("The plan does not know the verdicts, because this run of the simulation failed: %s.\n\nThe apply runs the simulation again, and fails if that fails.",
		explain(err)))
}

// source gives the run its sessions as they are after the apply, unless they are known only
// then.
func (p *simulationPlan) source(ctx context.Context, r *simulationResource, sim *simulationRun, diags *diag.Diagnostics) error {
	if p.plan.isInPlace() {
		source, err := placedSource(&p.plan)
		if err == nil {
			sim.from(ctx, &p.plan, source)
		}
		return err
	}
	preview, err := p.simulations.Preview(ctx, p.plan.NetworkInterfaceID.ValueString())
	if err != nil {
		return err
	}
	if preview.Waits != nil {
		reportFindings(diags, anyFailure, p.simulations.Waiting(p.id, p.plan.NetworkInterfaceID.ValueString(), preview.Waits))
		return nil
	}
	sessions := slices.Clone(preview.Sessions)
	for i := range sessions {
		if p.assumesDelivery {
			sessions[i].Target.AssumeDelivery()
		}
	}
	return r.useSessions(ctx, &p.plan, sim, sessions)
}

// refusal returns the end of an error about a broken expectation.
func (p *simulationPlan) refusal() string {
	const order = " If this plan changes them, list the sessions in traffic_mirror_session_ids, so that Terraform plans them first."
	text := "\n\nThe apply would fail: nothing in this plan changes what the simulation uses. Correct the expectation, or change the filter or the sessions." + order
	switch {
	case p.plan.isInPlace():
		text = "\n\nCorrect the expectation, or the sessions of the simulation."
	case p.changes != nil:
		text = fmt.Sprintf("\n\nThis is so after the apply: the plan changes what the simulation uses, %s. Correct the change, or the expectation.", strings.Join(p.changes, ", "))
	case p.isNew:
		text = "\n\nThe apply would fail. Correct the expectation, or the filter or the sessions." + order
	}
	return text + p.destroyHint()
}

// reportChanges says whose verdicts the plan changes: of the expected packets, and the counts of
// each session.
func (p *simulationPlan) reportChanges(ctx context.Context, sim *simulationRun, diags *diag.Diagnostics) {
	if p.isNew || p.changes == nil || p.plan.NetworkInterfaceID.ValueString() != p.prior.NetworkInterfaceID.ValueString() {
		return
	}
	var c check.VerdictChanges
	isSame := samePacket(p, p.simulations.IsRefreshed(p.id))
	prior := expandVerdicts(ctx, p.prior.Verdicts)
	said := map[string]bool{}
	for _, e := range objectsOf[expectModel](ctx, p.plan.Expect) {
		name := e.Packet.ValueString()
		from, was := prior[name]
		to, is := sim.verdicts.ByName[name]
		if was && is && !said[name] && isSame(name) && inShort(from) != inShort(to) {
			c.Packets = append(c.Packets, fmt.Sprintf("Packet %q (%s): %s -> %s", name, to.Packet, inShort(from), inShort(to)))
		}
		said[name] = true
	}
	isSameInput := p.plan.Packets.Equal(p.prior.Packets) && filePath(p.plan.Capture).Equal(filePath(p.prior.Capture)) && !p.captureChanged
	if before, isKnown := p.prior.Summary.Attributes()["sessions"].(types.List); isKnown && isSameInput {
		c.Sessions = changedCounts(before, sim.summary.Sessions)
	}
	reportFindings(diags, anyFailure, p.simulations.VerdictsChange(p.id, p.plan.NetworkInterfaceID.ValueString(), p.changes, c))
}

// changedCounts lists the sessions that mirror another number of packets than those in the state.
func changedCounts(before types.List, after []dataplane.SessionSummary) []string {
	counts := map[int64][2]int64{}
	for _, element := range before.Elements() {
		session := element.(types.Object).Attributes()
		counts[session["session_number"].(types.Int64).ValueInt64()] = [2]int64{session["packets"].(types.Int64).ValueInt64(), 0}
	}
	for _, s := range after {
		counts[int64(s.SessionNumber)] = [2]int64{counts[int64(s.SessionNumber)][0], s.Packets}
	}
	var lines []string
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		if c := counts[n]; c[0] != c[1] {
			lines = append(lines, fmt.Sprintf("Session %d: %s -> %s packets mirrored", n, wording.Grouped(c[0]), wording.Grouped(c[1])))
		}
	}
	return lines
}

// inShort returns a verdict in a few words.
func inShort(v simulation.PacketVerdict) string {
	text := v.Outcome
	if v.SessionNumber != nil {
		text += fmt.Sprintf(" by session %d", *v.SessionNumber)
	}
	if v.RuleNumber != nil {
		text += fmt.Sprintf(", rule %d", *v.RuleNumber)
	}
	if v.Mirrored {
		text += fmt.Sprintf(", %d bytes", v.Bytes)
	}
	if v.SessionNumber == nil {
		text += " (" + v.Reason + ")"
	}
	return text
}
