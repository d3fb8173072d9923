package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
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
	return simulation.Expectation{
		Packet:        m.Packet.ValueString(),
		Mirrored:      m.Mirrored.ValueBoolPointer(),
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
// Otherwise it returns a message: the packet, the expected and the actual values, and the
// rule that decided.
func (m expectModel) broken(r results) string {
	e := m.expand()
	v, there := r.verdicts[e.Packet]
	if !there {
		return r.missing(e.Packet)
	}
	var expected, actual []string
	for _, d := range e.Differences(v) {
		expected = append(expected, d.Field+" = "+literal(d.Expected))
		actual = append(actual, d.Field+" = "+literal(d.Actual))
	}
	switch {
	case expected != nil:
	case e.IsVacuous(v):
		return fmt.Sprintf("Packet %q (%s) is as expected only because no session decides. %s", e.Packet, describePacket(v), explainVerdict(v))
	default:
		return ""
	}
	return fmt.Sprintf("Packet %q (%s)\n  expected: %s\n  actual:   %s\n%s",
		e.Packet, describePacket(v), strings.Join(expected, ", "), strings.Join(actual, ", "), explainVerdict(v))
}

// missing says that there is no packet of this name. It returns "" if the capture has the
// packet.
func (r results) missing(name string) string {
	number, err := strconv.ParseInt(name, 10, 64)
	switch {
	case !simulation.IsCaptureNumber(name) || r.captured == 0:
		return fmt.Sprintf("There is no packet %q. Write the name of one of packets, or the number of a packet of the capture, from 1.", name)
	case err == nil && number <= r.captured:
		return ""
	case r.captured == 1:
		return fmt.Sprintf("There is no packet %s: the capture has 1 packet. Write 1, or the name of one of packets.", name)
	}
	return fmt.Sprintf("There is no packet %s: the capture has %d packets. Write a number from 1 to %[2]d, or the name of one of packets.", name, r.captured)
}

// literal writes a value as a configuration does.
func literal(value any) string {
	switch v := value.(type) {
	case nil:
		return "none"
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(value)
}

// describePacket returns the direction and the packet.
func describePacket(v simulation.PacketVerdict) string {
	if v.Direction == "" {
		return v.Packet
	}
	return v.Direction + ", " + v.Packet
}

// explainVerdict returns which session and rule decided, and the reason.
func explainVerdict(v simulation.PacketVerdict) string {
	by := "No rule decided"
	switch {
	case v.Reason == dataplane.NoSession.String():
		return "The interface has no session. If this configuration creates one, list it in depends_on. If there is to be none, expect reason = \"no_session\"."
	case v.RuleNumber != nil && v.SessionNumber != nil && v.Reason == dataplane.RuleAccepts.String():
		return fmt.Sprintf("Mirrored by session %d: %s rule %d (accept) is the first rule of its filter that matches.", *v.SessionNumber, v.Direction, *v.RuleNumber)
	case v.RuleNumber != nil && v.SessionNumber != nil && v.Reason == dataplane.RuleRejects.String():
		return fmt.Sprintf("Rejected by session %d: %s rule %d (reject) is the first rule of its filter that matches. No later session accepts the packet.", *v.SessionNumber, v.Direction, *v.RuleNumber)
	case v.RuleNumber != nil && v.SessionNumber != nil:
		by = fmt.Sprintf("Decided by session %d, %s rule %d", *v.SessionNumber, v.Direction, *v.RuleNumber)
	case v.SessionNumber != nil:
		by = fmt.Sprintf("Decided by session %d", *v.SessionNumber)
	}
	return fmt.Sprintf("%s. Outcome: %s. %s", by, v.Outcome, reasonSentence(v.Reason))
}

func reasonSentence(name string) string {
	for _, r := range dataplane.Reasons {
		if r.String() == name {
			return r.Sentence()
		}
	}
	return ""
}

// check returns the problems of an expectation before the simulation runs. names has the
// names of the packets in words; nil: they are not all known.
func (m expectModel) check(names map[string]bool, hasCapture bool) mirror.Problems {
	var ps mirror.Problems
	expected := []attr.Value{m.Mirrored, m.Outcome, m.Reason, m.SessionNumber, m.RuleNumber, m.Bytes}
	if !slices.ContainsFunc(expected, func(v attr.Value) bool { return !v.IsNull() }) {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Missing, Wrong: "expects nothing of the packet",
			Fix: "Set at least one of mirrored, outcome, reason, session_number, rule_number and bytes.",
		})
	}
	name := m.Packet.ValueString()
	if m.Packet.IsUnknown() || names == nil || names[name] || hasCapture && simulation.IsCaptureNumber(name) {
		return ps
	}
	return append(ps, mirror.Problem{
		Kind: mirror.Invalid, Field: "packet", Wrong: fmt.Sprintf("is %q, and there is no such packet", name),
		Fix: "Write the name of one of packets, or the number of a packet of the capture, from 1.",
	})
}
