package simulation

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// setDemands are the fields with which an expectation about a set expects something.
var setDemands = []string{"mirrored", "at_least", "at_most", "outcome", "reason", "session_number", "rule_number", "bytes"}

// Check returns the problems of an expectation before the simulation runs. names has the names
// of the packets in words; nil: they are not all known. Each problem names in With every other
// field that it depends on: a caller that does not know one of them yet drops the problem.
func (e Expectation) Check(names map[string]bool, hasCapture bool) mirror.Problems {
	var ps mirror.Problems
	if e.Where == nil {
		ps = e.checkPacket(names, hasCapture)
	} else {
		ps = e.checkSet()
	}
	ps = append(ps, checkWord("outcome", e.Outcome, dataplane.Outcomes)...)
	ps = append(ps, checkWord("reason", e.Reason, dataplane.Reasons)...)
	ps = append(ps, checkNumber("session_number", e.SessionNumber, mirror.SessionNumbers)...)
	ps = append(ps, checkNumber("rule_number", e.RuleNumber, mirror.RuleNumbers)...)
	if e.Bytes != nil && *e.Bytes < 0 {
		ps = append(ps, mirror.Problem{Kind: mirror.Invalid, Field: "bytes", Wrong: fmt.Sprintf("is %d", *e.Bytes), Fix: "Write a whole number from 0."})
	}
	return ps
}

// hasDemands reports whether the expectation expects anything.
func (e Expectation) hasDemands() bool {
	return e.Mirrored != "" || e.AtLeast != nil || e.AtMost != nil || e.Outcome != nil || e.Reason != nil ||
		e.SessionNumber != nil || e.RuleNumber != nil || e.Bytes != nil
}

func (e Expectation) checkPacket(names map[string]bool, hasCapture bool) mirror.Problems {
	var ps mirror.Problems
	if !e.hasDemands() {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Missing, With: setDemands, Wrong: "expects nothing of the packet",
			Fix: "Set at least one of mirrored, outcome, reason, session_number, rule_number and bytes.",
		})
	}
	ps = append(ps, e.checkName(names, hasCapture)...)
	if e.Mirrored != "" && e.Mirrored != MirroredTrue && e.Mirrored != MirroredFalse {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "mirrored", With: []string{"where"}, Wrong: fmt.Sprintf("is %q", e.Mirrored),
			Fix: "Write true or false for one packet. For a set of packets, write where in place of packet.",
		})
	}
	for _, count := range []struct {
		field string
		value *int64
	}{{"at_least", e.AtLeast}, {"at_most", e.AtMost}} {
		if count.value != nil {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Conflict, Field: count.field, With: []string{"where"}, Wrong: "counts the packets of a set, and the expectation is about one packet",
				Fix: fmt.Sprintf("Write where in place of packet, or remove %s.", count.field),
			})
		}
	}
	return ps
}

func (e Expectation) checkName(names map[string]bool, hasCapture bool) mirror.Problems {
	switch {
	case e.Packet == "":
		return mirror.Problems{{
			Kind: mirror.Missing, Field: "packet", With: []string{"where"}, Wrong: "is missing",
			Fix: "Write the name of one of packets, or the number of a packet of the capture, or write where for a set of packets.",
		}}
	case names == nil || names[e.Packet] || hasCapture && IsCaptureNumber(e.Packet):
		return nil
	}
	return mirror.Problems{{
		Kind: mirror.Invalid, Field: "packet", Wrong: fmt.Sprintf("is %q, and there is no such packet", e.Packet),
		Fix: "Write the name of one of packets, or the number of a packet of the capture, from 1.",
	}}
}

func (e Expectation) checkSet() mirror.Problems {
	var ps mirror.Problems
	if e.Packet != "" {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Conflict, Field: "packet", With: []string{"where"}, Wrong: "is set together with where",
			Fix: "Write packet for one packet, or where for a set of packets.",
		})
	}
	if !e.hasDemands() {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Missing, With: setDemands, Wrong: "expects nothing of the packets",
			Fix: "Set at least one of mirrored, at_least, at_most, outcome, reason, session_number, rule_number and bytes.",
		})
	}
	if e.Mirrored != "" && e.Mirrored != MirroredAll && e.Mirrored != MirroredNone {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "mirrored", With: []string{"where"}, Wrong: "is " + e.mirroredLiteral(),
			Fix: `Write "all" or "none" for a set of packets, or use at_least and at_most.`,
		})
	}
	ps = append(ps, e.checkCounts()...)
	_, problems := e.Where.compile()
	return append(ps, problems.Below("where")...)
}

func (e Expectation) checkCounts() mirror.Problems {
	var ps mirror.Problems
	if e.AtLeast != nil && *e.AtLeast < 1 {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "at_least", Wrong: fmt.Sprintf("is %d, which always holds", *e.AtLeast), Fix: "Write a whole number from 1, or remove it.",
		})
	}
	if e.AtMost != nil && *e.AtMost < 0 {
		ps = append(ps, mirror.Problem{Kind: mirror.Invalid, Field: "at_most", Wrong: fmt.Sprintf("is %d", *e.AtMost), Fix: "Write a whole number from 0."})
	}
	if e.AtLeast != nil && e.AtMost != nil && *e.AtLeast > *e.AtMost {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Conflict, Field: "at_least", With: []string{"at_most"}, Wrong: fmt.Sprintf("is %d, which is more than at_most, %d", *e.AtLeast, *e.AtMost),
			Fix: "Write a number that is not above at_most.",
		})
	}
	if e.Mirrored == MirroredNone && (e.AtLeast != nil || e.AtMost != nil) {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Conflict, Field: "mirrored", With: []string{"at_least", "at_most"}, Wrong: `is "none", and at_least or at_most counts mirrored packets`,
			Fix: "Remove mirrored, or remove at_least and at_most.",
		})
	}
	return ps
}

func checkWord[W interface{ String() string }](field string, text *string, words []W) mirror.Problems {
	if text == nil || slices.ContainsFunc(words, func(w W) bool { return w.String() == *text }) {
		return nil
	}
	names := ""
	for i, w := range words {
		if i > 0 {
			names += ", "
		}
		names += w.String()
	}
	return mirror.Problems{{Kind: mirror.Invalid, Field: field, Wrong: fmt.Sprintf("is %q", *text), Fix: "Write one of " + names + "."}}
}

func checkNumber(field string, number *int64, r mirror.Range) mirror.Problems {
	if number == nil {
		return nil
	}
	return r.Check(field, *number)
}

// parsePrefix reads an IP address or a CIDR block.
func parsePrefix(field, text string) (netip.Prefix, mirror.Problems) {
	if addr, err := netip.ParseAddr(text); err == nil && !addr.Is4In6() && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, problems := mirror.ParseCIDR(field, text)
	switch {
	case problems != nil:
		return prefix, mirror.Problems{{
			Kind: mirror.Malformed, Field: field, Wrong: fmt.Sprintf("is %q, which is neither an IP address nor a CIDR block", text),
			Fix: `Write an address such as "10.0.1.10", or a prefix such as "10.0.0.0/8" or "2001:db8::/32".`,
		}}
	case prefix != prefix.Masked():
		return prefix, mirror.Problems{{
			Kind: mirror.Invalid, Field: field, Wrong: fmt.Sprintf("is %q, which has bits set after the prefix length", text),
			Fix: fmt.Sprintf("Write %q.", prefix.Masked()),
		}}
	}
	return prefix, nil
}
