package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// packetNumber is the name of a packet of the capture.
var packetNumber = regexp.MustCompile(`^[1-9][0-9]*$`)

type expectModel struct {
	Packet        types.String `tfsdk:"packet"`
	Mirrored      types.Bool   `tfsdk:"mirrored"`
	Outcome       types.String `tfsdk:"outcome"`
	Reason        types.String `tfsdk:"reason"`
	SessionNumber types.Int64  `tfsdk:"session_number"`
	RuleNumber    types.Int64  `tfsdk:"rule_number"`
	Bytes         types.Int64  `tfsdk:"bytes"`
}

// clause is one thing that is expected of a verdict, and what there is.
type clause struct {
	name      string
	want, got attr.Value
}

func (m expectModel) clauses(v verdictModel) []clause {
	return []clause{
		{"mirrored", m.Mirrored, v.Mirrored},
		{"outcome", m.Outcome, v.Outcome},
		{"reason", m.Reason, v.Reason},
		{"session_number", m.SessionNumber, v.SessionNumber},
		{"rule_number", m.RuleNumber, v.RuleNumber},
		{"bytes", m.Bytes, v.Bytes},
	}
}

// broken returns why the expectation does not hold, or "" if it does: the packet,
// what was expected, what there is, and the rule that decided.
func (m expectModel) broken(verdicts map[string]verdictModel) string {
	name := m.Packet.ValueString()
	v, there := verdicts[name]
	if !there {
		return fmt.Sprintf("There is no packet %q. Write the name of one of packets, or the number of a packet of the capture, from 1.", name)
	}
	var wants, gots []string
	for _, c := range m.clauses(v) {
		if c.want.IsNull() || c.want.IsUnknown() || c.want.Equal(c.got) {
			continue
		}
		wants = append(wants, c.name+" = "+literal(c.want))
		gots = append(gots, c.name+" = "+literal(c.got))
	}
	if wants == nil {
		return ""
	}
	return fmt.Sprintf("Packet %q (%s)\n  expected: %s\n  actual:   %s\n%s",
		name, v.describe(), strings.Join(wants, ", "), strings.Join(gots, ", "), v.explain())
}

func literal(v attr.Value) string {
	if v.IsNull() {
		return "none"
	}
	return v.String()
}

// describe returns the direction and the packet.
func (v verdictModel) describe() string {
	if v.Direction.IsNull() {
		return v.Packet.ValueString()
	}
	return v.Direction.ValueString() + ", " + v.Packet.ValueString()
}

// explain says in a sentence who decided, and how.
func (v verdictModel) explain() string {
	by := "No rule decided"
	switch {
	case !v.RuleNumber.IsNull():
		by = fmt.Sprintf("Decided by %s rule %d of the filter of session %d", v.Direction.ValueString(), v.RuleNumber.ValueInt64(), v.SessionNumber.ValueInt64())
	case !v.SessionNumber.IsNull():
		by = fmt.Sprintf("Decided by session %d", v.SessionNumber.ValueInt64())
	}
	if v.Reason.ValueString() == dataplane.NoSession.String() {
		return "The interface has no session. If this configuration creates one, name it in depends_on."
	}
	return fmt.Sprintf("%s: %s. %s", by, v.Outcome.ValueString(), reasonSentence(v.Reason.ValueString()))
}

func reasonSentence(name string) string {
	for _, r := range dataplane.Reasons {
		if r.String() == name {
			return r.Sentence()
		}
	}
	return ""
}

// check finds what is wrong with an expectation before there are verdicts.
// names are those of the packets in words; nil: they are not all known.
func (m expectModel) check(names map[string]bool, hasCapture bool) mirror.Problems {
	var ps mirror.Problems
	set := false
	for _, c := range m.clauses(verdictModel{}) {
		set = set || !c.want.IsNull()
	}
	if !set {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Missing, Wrong: "expects nothing of the packet",
			Fix: "Set at least one of mirrored, outcome, reason, session_number, rule_number and bytes.",
		})
	}
	name := m.Packet.ValueString()
	if m.Packet.IsUnknown() || names == nil || names[name] || hasCapture && packetNumber.MatchString(name) {
		return ps
	}
	return append(ps, mirror.Problem{
		Kind: mirror.Invalid, Field: "packet", Wrong: fmt.Sprintf("is %q, and there is no such packet", name),
		Fix: "Write the name of one of packets, or the number of a packet of the capture, from 1.",
	})
}
