package simulation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// maxExamples is how many packets a failure of a set lists.
const maxExamples = 5

// set is the state of an expectation about a set of packets.
type set struct {
	index       int
	expectation Expectation
	selector    selector
	demand      demand

	packets, mirrored int64

	wrong       examples // not as demanded of every packet
	beyond      examples // mirrored after AtMost others
	notMirrored examples // kept for AtLeast
	noSession   examples // as demanded, but no session decides
	unjudged    examples // as demanded, but it is not known what the sessions do with them
}

// demand is what is demanded of every packet of a set.
type demand struct {
	all, none   bool
	outcome     dataplane.Outcome // 0: any, as reason
	reason      dataplane.Reason
	session     int // 0: any, as rule
	rule        int
	bytes       int // -1: any
	noSessionOK bool
	unjudgedOK  bool
}

// examples are packets of a set, of which the first are kept as texts.
type examples struct {
	count int64
	lines []string
	trace string // of the first
	cause cause  // of all of them; zero: they have several
}

func newSet(index int, e Expectation) *set {
	s := &set{index: index, expectation: e, demand: demand{
		all: e.Mirrored == MirroredAll, none: e.Mirrored == MirroredNone, bytes: -1, noSessionOK: e.expectsNoSession(),
		unjudgedOK: e.Outcome != nil || e.Reason != nil || e.Mirrored == "" && e.AtMost == nil, // at_least holds without them
	}}
	s.selector, _ = e.Where.compile() // Check has found no problem
	for _, o := range dataplane.Outcomes {
		if e.Outcome != nil && o.String() == *e.Outcome {
			s.demand.outcome = o
		}
	}
	for _, r := range dataplane.Reasons {
		if e.Reason != nil && r.String() == *e.Reason {
			s.demand.reason = r
		}
	}
	if e.SessionNumber != nil {
		s.demand.session = int(*e.SessionNumber)
	}
	if e.RuleNumber != nil {
		s.demand.rule = int(*e.RuleNumber)
	}
	if e.Bytes != nil {
		s.demand.bytes = int(*e.Bytes)
	}
	return s
}

// take counts a packet of the set.
func (s *set) take(source *dataplane.Source, p *Packet) {
	s.packets++
	isMirrored := p.Verdict.Outcome == dataplane.Mirrored
	if isMirrored {
		s.mirrored++
	}
	switch {
	case !s.demand.holds(&p.Verdict, isMirrored):
		s.wrong.add(source, p)
	case p.Verdict.Reason == dataplane.NoSession && !s.demand.noSessionOK:
		s.noSession.add(source, p)
	case !s.demand.unjudgedOK && slices.Contains(dataplane.Unjudged, p.Verdict.Reason):
		s.unjudged.add(source, p)
	case isMirrored && s.expectation.AtMost != nil && s.mirrored > *s.expectation.AtMost:
		s.beyond.add(source, p)
	case !isMirrored && s.expectation.AtLeast != nil:
		s.notMirrored.add(source, p)
	}
}

// holds reports whether a packet is as demanded of every packet.
func (d *demand) holds(v *dataplane.Verdict, isMirrored bool) bool {
	switch {
	case d.all && !isMirrored, d.none && isMirrored,
		d.outcome != 0 && d.outcome != v.Outcome, d.reason != 0 && d.reason != v.Reason,
		d.session != 0 && d.session != v.SessionNumber, d.rule != 0 && d.rule != v.RuleNumber,
		d.bytes >= 0 && d.bytes != v.Bytes:
		return false
	}
	return true
}

func (x *examples) add(source *dataplane.Source, p *Packet) {
	x.count++
	switch why := causeOf(&p.Verdict); {
	case x.count == 1:
		x.cause = why
	case x.cause != why:
		x.cause = cause{}
	}
	if len(x.lines) == maxExamples {
		return
	}
	v := newPacketVerdict(p)
	x.lines = append(x.lines, fmt.Sprintf("%s (%s): %s", p.name(), v.describe(), v.short()))
	if len(x.lines) == 1 {
		x.trace = traceOf(source, p)
	}
}

// print appends the packets and the trace of the first one.
func (x *examples) print(b *strings.Builder, head string) {
	fmt.Fprintf(b, "%s:\n", head)
	for _, line := range x.lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
	if more := x.count - int64(len(x.lines)); more > 0 {
		fmt.Fprintf(b, "  and %s more\n", wording.Grouped(more))
	}
	b.WriteString(x.trace)
}

// short returns the verdict in the words of a configuration.
func (v PacketVerdict) short() string {
	text := fmt.Sprintf("outcome = %q, reason = %q", v.Outcome, v.Reason)
	if v.SessionNumber != nil {
		text += fmt.Sprintf(", session_number = %d", *v.SessionNumber)
	}
	if v.RuleNumber != nil {
		text += fmt.Sprintf(", rule_number = %d", *v.RuleNumber)
	}
	return text + fmt.Sprintf(", bytes = %d", v.Bytes)
}

// failure returns "" if the expectation holds. all counts the packets of the run.
func (s *set) failure(all int64) string {
	e := s.expectation
	isBelow := e.AtLeast != nil && s.mirrored < *e.AtLeast
	switch {
	case s.packets == 0:
		return fmt.Sprintf("No packet fits where = %s, so that nothing was compared: the run has %s. Write a where that packets of the run fit, or simulate packets that fit it.",
			e.Where, wording.Count(all, "packet"))
	case s.wrong.count+s.beyond.count == 0 && !isBelow && s.noSession.count > 0:
		return fmt.Sprintf("The packets that fit where = %s are as expected only because no session decides (%s of %s). %s",
			e.Where, wording.Grouped(s.noSession.count), wording.Count(s.packets, "packet"), noSessionAdvice)
	case s.wrong.count+s.beyond.count == 0 && !isBelow && s.unjudged.count > 0:
		var b strings.Builder
		fmt.Fprintf(&b, "The packets that fit where = %s are as expected only because it is not known what the sessions do with %s of %s. "+
			"Give the addresses of the interface, or a capture that shows the direction of each packet. To leave out packets of other hosts, write direction = \"ingress\" or \"egress\" in where.\n",
			e.Where, wording.Grouped(s.unjudged.count), wording.Count(s.packets, "packet"))
		s.unjudged.print(&b, "Not judged")
		return b.String()
	case s.wrong.count+s.beyond.count == 0 && !isBelow:
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Packets that fit where = %s\n  expected: %s\n  actual:   %s of %s mirrored", e.Where, e.demandText(), wording.Grouped(s.mirrored), wording.Count(s.packets, "packet"))
	if s.wrong.count > 0 {
		fmt.Fprintf(&b, ", %s not as expected", wording.Grouped(s.wrong.count))
	}
	b.WriteString("\n")
	switch {
	case s.wrong.count > 0:
		s.wrong.print(&b, "Not as expected")
	case s.beyond.count > 0:
		s.beyond.print(&b, "Mirrored beyond at_most")
	case s.noSession.count > 0:
		b.WriteString(noSessionAdvice)
	default:
		s.printNotMirrored(&b)
	}
	return b.String()
}

// cause returns the cause of the failure that all packets have which are not as expected.
func (s *set) cause() cause {
	switch {
	case s.wrong.count > 0:
		return s.wrong.cause
	case s.beyond.count > 0:
		return s.beyond.cause
	}
	return s.notMirrored.cause
}

// printNotMirrored lists the packets that could have been mirrored.
func (s *set) printNotMirrored(b *strings.Builder) {
	if s.notMirrored.count == 0 {
		b.WriteString("All packets that fit are mirrored: there are fewer of them than at_least.\n")
		return
	}
	s.notMirrored.print(b, "Not mirrored")
}
