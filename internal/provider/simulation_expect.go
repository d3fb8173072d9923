package provider

import (
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

type expectModel struct {
	Packet        types.String `tfsdk:"packet"`
	Mirrored      types.Bool   `tfsdk:"mirrored"`
	Outcome       types.String `tfsdk:"outcome"`
	Reason        types.String `tfsdk:"reason"`
	SessionNumber types.Int64  `tfsdk:"session_number"`
	RuleNumber    types.Int64  `tfsdk:"rule_number"`
	Bytes         types.Int64  `tfsdk:"bytes"`
}

// expand reads an expectation that is known.
func (m expectModel) expand() simulation.Expectation {
	mirrored := "" // expects nothing
	if !m.Mirrored.IsNull() && !m.Mirrored.IsUnknown() {
		mirrored = strconv.FormatBool(m.Mirrored.ValueBool())
	}
	return simulation.Expectation{
		Packet:        m.Packet.ValueString(),
		Mirrored:      mirrored,
		Outcome:       m.Outcome.ValueStringPointer(),
		Reason:        m.Reason.ValueStringPointer(),
		SessionNumber: m.SessionNumber.ValueInt64Pointer(),
		RuleNumber:    m.RuleNumber.ValueInt64Pointer(),
		Bytes:         m.Bytes.ValueInt64Pointer(),
	}
}

// known reports whether the expectation can be judged.
func (m expectModel) known() bool {
	return !slices.ContainsFunc([]attr.Value{
		m.Packet, m.Mirrored, m.Outcome, m.Reason, m.SessionNumber, m.RuleNumber, m.Bytes,
	}, attr.Value.IsUnknown)
}

// results are what expectations are compared with.
type results struct {
	verdicts map[string]simulation.PacketVerdict
	captured int64 // packets of the capture
}

// brokenSummary is the summary of each message about a broken expectation.
const brokenSummary = "Expectation does not hold"

// broken returns "" if the expectation holds, or if the verdict of its packet was not kept.
func (m expectModel) broken(r results) string {
	e := m.expand()
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
	for field, value := range map[string]attr.Value{
		"packet": m.Packet, "mirrored": m.Mirrored, "outcome": m.Outcome, "reason": m.Reason,
		"session_number": m.SessionNumber, "rule_number": m.RuleNumber, "bytes": m.Bytes,
	} {
		if value.IsUnknown() && p.DependsOn(field) {
			return true
		}
	}
	return false
}
