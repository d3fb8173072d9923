package simulation

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// noSessionAdvice says what to do about the reason no_session.
const noSessionAdvice = "The interface has no session. If this configuration creates one, write its ID in traffic_mirror_session_ids. In place, write a session in sessions. If there is to be none, expect reason = \"no_session\"."

// unjudgedAdvice says what to do about a packet if it is not known what the sessions do with it.
const unjudgedAdvice = "Give the addresses of the interface, or a capture that shows the direction of each packet. If the reason is as it should be, expect it: reason = %q."

// traceHead begins the trace in a failure.
const traceHead = "How the verdict of "

// Short returns the text without the trace.
func (f Failure) Short() string {
	short, _, _ := strings.Cut(f.Text, "\n"+traceHead)
	return short
}

// Broken returns "" if an expectation of one packet holds. Otherwise it returns a message: the
// packet, the expected and the actual values, and the rule that decided.
func (e Expectation) Broken(v PacketVerdict) string {
	var expected, actual []string
	for _, d := range e.Differences(v) {
		expected = append(expected, d.Field+" = "+literal(d.Expected))
		actual = append(actual, d.Field+" = "+literal(d.Actual))
	}
	switch {
	case expected != nil:
	case e.IsVacuous(v):
		return fmt.Sprintf("Packet %q (%s) is as expected only because no session decides. %s", e.Packet, v.describe(), v.explain())
	case e.IsUnjudged(v):
		return fmt.Sprintf("Packet %q (%s) is as expected only because it is not known what the sessions do with it. %s "+unjudgedAdvice, e.Packet, v.describe(), v.explain(), v.Reason)
	default:
		return ""
	}
	return fmt.Sprintf("Packet %q (%s)\n  expected: %s\n  actual:   %s\n%s",
		e.Packet, v.describe(), strings.Join(expected, ", "), strings.Join(actual, ", "), v.explain())
}

// NoPacket says that a run whose capture has so many packets has no packet of this name. It
// returns "" if the capture has the packet.
func NoPacket(name string, captured int64) string {
	number, err := strconv.ParseInt(name, 10, 64)
	switch {
	case !IsCaptureNumber(name) || captured == 0:
		return fmt.Sprintf("There is no packet %q. Write the name of one of packets, or the number of a packet of the capture, from 1.", name)
	case err == nil && number <= captured:
		return ""
	case captured == 1:
		return fmt.Sprintf("There is no packet %s: the capture has 1 packet. Write 1, or the name of one of packets.", name)
	}
	return fmt.Sprintf("There is no packet %s: the capture has %d packets. Write a number from 1 to %[2]d, or the name of one of packets.", name, captured)
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

// String names the expectation by what it is about and what it expects:
// "packet \"ssh\": mirrored = false".
func (e Expectation) String() string {
	if e.Where != nil {
		return fmt.Sprintf("where %s: %s", e.Where, e.demandText())
	}
	return fmt.Sprintf("packet %q: %s", e.Packet, e.demandText())
}

// demandText returns what is expected in the words of a configuration.
func (e Expectation) demandText() string {
	var fields []string
	if e.Mirrored != "" {
		fields = append(fields, "mirrored = "+e.mirroredLiteral())
	}
	fields = appendField(fields, "at_least", e.AtLeast)
	fields = appendField(fields, "at_most", e.AtMost)
	fields = appendField(fields, "outcome", e.Outcome)
	fields = appendField(fields, "reason", e.Reason)
	fields = appendField(fields, "session_number", e.SessionNumber)
	fields = appendField(fields, "rule_number", e.RuleNumber)
	return strings.Join(appendField(fields, "bytes", e.Bytes), ", ")
}

func (e Expectation) mirroredLiteral() string {
	if mirrored := e.mirrored(); mirrored != nil {
		return literal(*mirrored)
	}
	return literal(e.Mirrored)
}

func appendField[T any](fields []string, name string, value *T) []string {
	if value == nil {
		return fields
	}
	return append(fields, name+" = "+literal(*value))
}

// describe returns the origin, the direction and the packet.
func (v PacketVerdict) describe() string {
	text := v.Packet
	if v.Direction != "" {
		text = v.Direction + ", " + text
	}
	if v.Origin != "" {
		text = v.Origin + ", " + text
	}
	return text
}

// explain returns which session and rule decided, and the reason.
func (v PacketVerdict) explain() string {
	by := "No rule decided"
	switch {
	case v.Reason == dataplane.NoSession.String():
		return noSessionAdvice
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
