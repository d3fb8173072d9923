package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

type expectModel struct {
	Packet        types.String `tfsdk:"packet"`
	Where         types.Object `tfsdk:"where"`
	Mirrored      types.String `tfsdk:"mirrored"`
	AtLeast       types.Int64  `tfsdk:"at_least"`
	AtMost        types.Int64  `tfsdk:"at_most"`
	Outcome       types.String `tfsdk:"outcome"`
	Reason        types.String `tfsdk:"reason"`
	SessionNumber types.Int64  `tfsdk:"session_number"`
	RuleNumber    types.Int64  `tfsdk:"rule_number"`
	Bytes         types.Int64  `tfsdk:"bytes"`
}

type whereModel struct {
	Direction       types.String  `tfsdk:"direction"`
	Protocol        protocolValue `tfsdk:"protocol"`
	Source          types.String  `tfsdk:"source"`
	Destination     types.String  `tfsdk:"destination"`
	SourcePort      types.Int64   `tfsdk:"source_port"`
	DestinationPort types.Int64   `tfsdk:"destination_port"`
}

// expand reads an expectation that is known.
func (m expectModel) expand() simulation.Expectation {
	e := simulation.Expectation{
		Packet:        m.Packet.ValueString(),
		Mirrored:      m.Mirrored.ValueString(),
		AtLeast:       m.AtLeast.ValueInt64Pointer(),
		AtMost:        m.AtMost.ValueInt64Pointer(),
		Outcome:       m.Outcome.ValueStringPointer(),
		Reason:        m.Reason.ValueStringPointer(),
		SessionNumber: m.SessionNumber.ValueInt64Pointer(),
		RuleNumber:    m.RuleNumber.ValueInt64Pointer(),
		Bytes:         m.Bytes.ValueInt64Pointer(),
	}
	if !m.Where.IsNull() && !m.Where.IsUnknown() {
		where := modelOf[whereModel](m.Where)
		e.Where = &simulation.Where{
			Direction:       where.Direction.ValueString(),
			Protocol:        where.Protocol.ValueString(),
			Source:          where.Source.ValueString(),
			Destination:     where.Destination.ValueString(),
			SourcePort:      where.SourcePort.ValueInt64Pointer(),
			DestinationPort: where.DestinationPort.ValueInt64Pointer(),
		}
	}
	return e
}

// fields are the values of an expectation by their names, those of where too.
func (m expectModel) fields() map[string]attr.Value {
	fields := map[string]attr.Value{
		"packet": m.Packet, "where": m.Where, "mirrored": m.Mirrored, "at_least": m.AtLeast, "at_most": m.AtMost, "outcome": m.Outcome,
		"reason": m.Reason, "session_number": m.SessionNumber, "rule_number": m.RuleNumber, "bytes": m.Bytes,
	}
	for name, value := range m.Where.Attributes() {
		fields["where."+name] = value
	}
	return fields
}

// known reports whether the expectation can be judged.
func (m expectModel) known() bool {
	for _, value := range m.fields() {
		if value.IsUnknown() {
			return false
		}
	}
	return true
}

// results are what expectations are compared with.
type results struct {
	verdicts map[string]simulation.PacketVerdict
	captured int64 // packets of the capture
}

// brokenSummary is the summary of each message about a broken expectation.
const brokenSummary = "Expectation does not hold"

// broken returns "" if the expectation holds, or if the verdict of its packet was not kept. A
// state has no verdicts of the packets of a set.
func (m expectModel) broken(r results) string {
	e := m.expand()
	if e.Where != nil {
		return ""
	}
	v, there := r.verdicts[e.Packet]
	if !there {
		return simulation.NoPacket(e.Packet, r.captured)
	}
	return e.Broken(v)
}

// check returns the problems of an expectation before the simulation runs. names has the
// names of the packets in words; nil: they are not all known.
func (m expectModel) check(names map[string]bool, hasCapture bool) mirror.Problems {
	var ps mirror.Problems
	for _, p := range m.expand().Check(names, hasCapture) {
		if !m.dependsOnUnknown(p) {
			ps = append(ps, p)
		}
	}
	return ps
}

// dependsOnUnknown reports whether it is not known yet if there is a problem.
func (m expectModel) dependsOnUnknown(p mirror.Problem) bool {
	for field, value := range m.fields() {
		if value.IsUnknown() && p.DependsOn(field) {
			return true
		}
	}
	return false
}

// judge reports the expectations that the plan knows to be broken although it does not run the
// simulation.
func (p *simulationPlan) judge(ctx context.Context, r *simulationResource, diags *diag.Diagnostics) {
	if p.simulations.IsApply() { // the plan has said it
		return
	}
	var found []unexpected
	isError := errsOnDrift(p)
	p.hadFailed = p.prior.OnFailure.ValueString() == onWarn
	for _, element := range p.prior.Failures.Elements() {
		// The refresh has said it, unless there was none.
		if text := element.(types.String).ValueString(); isError || p.simulations.IsFirst(p.id+text) {
			found = append(found, unexpected{at: placeOf(ctx, p, text), text: text})
		}
	}
	if !isError {
		p.warn(diags, found, "")
		return
	}
	if len(found) > 0 { // by the results alone, it is not known which of them only lose their copies
		var again diag.Diagnostics // the refresh has reported the same
		if sim := p.run(ctx, r, &again); sim != nil {
			found = p.splitUndelivered(ctx, r, sim, sim.failures(), untilRepaired, diags)
		}
	}
	refuseDrift(p.simulations, found, diags)
}

// errsOnDrift reports whether an expectation that drift has broken is an error. With on_failure =
// "warn", an apply may have broken it.
func errsOnDrift(p *simulationPlan) bool {
	return p.plan.OnDrift.ValueString() == onError && p.prior.OnFailure.ValueString() != onWarn
}

func refuseDrift(simulations *check.Simulations, found []unexpected, diags *diag.Diagnostics) {
	for _, f := range byCause(found) {
		addError(diags, f[0].at, brokenSummary+" any more", f.detail(simulations)+"\n\nSomething was changed outside of this configuration, and on_drift is \"error\". Repair what was changed, or correct the expectation."+destroyHint)
	}
}

// placeOf returns the expectation whose failure is in the state; the empty path if it is not
// known.
func placeOf(ctx context.Context, p *simulationPlan, text string) path.Path {
	results := p.prior.results(ctx)
	for i, e := range objectsOf[expectModel](ctx, p.plan.Expect) {
		if broken := e.broken(results); broken != "" && strings.HasPrefix(text, broken) {
			return path.Root("expect").AtListIndex(i)
		}
	}
	return path.Empty()
}

// judgeByState warns of the expectations that do not hold for the verdicts of the state: those of
// packets that were sent as they are planned now.
func (p *simulationPlan) judgeByState(ctx context.Context, diags *diag.Diagnostics) {
	isRefreshed := p.simulations.IsRefreshed(p.id)
	switch {
	case p.isNew || !p.plan.hasSource(p.prior):
		return
	case isRefreshed && !p.edited: // the refresh has said it
		return
	case p.simulations.IsApply(): // the plan has said it, and the run is next
		return
	}
	results := p.prior.results(ctx)
	isSame := samePacket(p, isRefreshed)
	var found []unexpected
	for i, e := range objectsOf[expectModel](ctx, p.plan.Expect) {
		if !e.known() || !isSame(e.Packet.ValueString()) {
			continue
		}
		if broken := e.broken(results); broken != "" && p.simulations.IsFirst(p.id+broken) {
			found = append(found, unexpected{at: path.Root("expect").AtListIndex(i), text: broken})
		}
	}
	p.warn(diags, found, "")
}

// maxShown is how many failures with different causes a warning shows.
const maxShown = 5

// warn reports failures in one warning.
func (p *simulationPlan) warn(diags *diag.Diagnostics, found []unexpected, note string) {
	summary, advice := p.advice()
	warnOf(p.simulations, diags, found, summary, advice+note)
}

// warnOf reports failures in one warning: Terraform shows only the first of several that have the
// same summary.
func warnOf(simulations *check.Simulations, diags *diag.Diagnostics, found []unexpected, summary, advice string) {
	if len(found) == 0 {
		return
	}
	at := path.Empty()
	if len(found) == 1 {
		at = found[0].at
	}
	var text strings.Builder
	groups, more := byCause(found), 0
	for i, g := range groups {
		if i < maxShown {
			text.WriteString(g.detail(simulations) + "\n\n")
			continue
		}
		more += len(g)
	}
	switch {
	case more == 1:
		text.WriteString("1 more expectation does not hold.\n\n")
	case more > 1:
		fmt.Fprintf(&text, "%d more expectations do not hold.\n\n", more)
	}
	addWarning(diags, at, summary, text.String()+advice)
}

// samePacket returns a function that reports whether a packet is the one whose verdict is in
// the state. A refresh has read the capture as it is now.
func samePacket(p *simulationPlan, isRefreshed bool) func(name string) bool {
	sameCapture := filePath(p.plan.Capture).Equal(filePath(p.prior.Capture)) && (isRefreshed || !p.captureChanged)
	samePackets := p.plan.Packets.Equal(p.prior.Packets)
	var planned, prior map[string]attr.Value
	if !samePackets {
		planned, prior = packetsByName(p.plan.Packets), packetsByName(p.prior.Packets)
	}
	return func(name string) bool {
		if simulation.IsCaptureNumber(name) {
			return sameCapture
		}
		return samePackets || planned[name] != nil && prior[name] != nil && planned[name].Equal(prior[name])
	}
}

// advice returns the summary and the end of a warning about a broken expectation.
func (p *simulationPlan) advice() (summary, text string) {
	switch {
	case p.changes != nil:
		return brokenSummary, fmt.Sprintf("This plan changes what the simulation uses: %s. The apply then runs the simulation again, and fails if the expectation still does not hold.",
			strings.Join(p.changes, ", "))
	case p.hadFailed && p.isRefresh:
		return brokenSummary, "In the last run, on_failure was \"warn\". Judge by passed and failures."
	case p.hadFailed:
		return brokenSummary, "on_failure is \"warn\", so that no apply fails because of this. Judge by passed and failures."
	case p.failed:
		return brokenSummary, "The last run of the simulation failed. Every apply runs it again, and fails until every expectation holds."
	case p.edited:
		return brokenSummary, "The verdict is that of the last run, because this plan has not refreshed it. The apply runs the simulation again, and fails if the expectation does not hold."
	}
	return brokenSummary + " any more", "Something was changed outside of this configuration. Until the expectation holds again, an apply that runs the simulation fails."
}
