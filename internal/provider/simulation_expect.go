package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
