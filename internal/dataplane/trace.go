package dataplane

import (
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Trace is how a verdict is reached, step by step.
type Trace struct {
	Packet  string  `json:"packet"` // as Describe writes it
	Steps   []Step  `json:"steps"`  // in the order in which they are taken
	Verdict Verdict `json:"verdict"`

	// Appliance is the one behind a load balancer that gets the copy. It is not valid if there is
	// none, or if it is not known.
	Appliance netip.Addr `json:"appliance,omitzero"`

	filterOnly bool // there is no session
}

// Step is one question about the packet, and its answer.
type Step struct {
	Number        int           `json:"number"` // from 1
	Kind          StepKind      `json:"step"`
	Result        StepResult    `json:"result"`
	Decides       bool          `json:"decides,omitempty"` // without it, the outcome would be another, or another rule or session would decide
	SessionNumber int           `json:"session_number,omitempty"`
	RuleNumber    int           `json:"rule_number,omitempty"`
	Action        mirror.Action `json:"rule_action,omitempty"`
	Field         string        `json:"field,omitempty"`      // the first field of a rule that does not fit
	Reason        string        `json:"reason,omitempty"`     // name of a Reason, of a Truncation or of an Unknown
	Assumption    Assumption    `json:"assumption,omitempty"` // that the step depends on
	Text          string        `json:"text"`                 // for a person, a sentence or more
}

// StepKind is what a step asks.
type StepKind string

// The kinds of steps, in the order in which they occur.
const (
	StepLinkType       StepKind = "link_type"       // is the link type of the capture read
	StepNeverMirrored  StepKind = "never_mirrored"  // is it of a kind that EC2 never mirrors
	StepDirection      StepKind = "direction"       // did the interface receive or send it
	StepPossible       StepKind = "possible"        // can it have passed the interface in the given direction
	StepSessions       StepKind = "sessions"        // has the interface a session
	StepHeaders        StepKind = "headers"         // can rules match it
	StepAmazonDNS      StepKind = "amazon_dns"      // is it of the Route 53 Resolver, so that no rule is asked
	StepSession        StepKind = "session"         // is the session asked
	StepNetworkService StepKind = "network_service" // does the filter of the session have amazon-dns
	StepRule           StepKind = "rule"            // does the rule match it
	StepNoRule         StepKind = "no_rule"         // no rule of the session matches it
	StepNone           StepKind = "none"            // no session takes it
	StepLength         StepKind = "length"          // is the copy cut
	StepDelivery       StepKind = "delivery"        // does the copy arrive
)

// StepKinds lists every StepKind.
var StepKinds = []StepKind{
	StepLinkType, StepNeverMirrored, StepDirection, StepPossible, StepSessions, StepHeaders, StepAmazonDNS,
	StepSession, StepNetworkService, StepRule, StepNoRule, StepNone, StepLength, StepDelivery,
}

// StepResult is the answer of a step.
type StepResult string

// The results of steps.
const (
	Passes     StepResult = "passes"      // nothing changes for the packet
	Stops      StepResult = "stops"       // the packet is not mirrored, or its copy does not arrive
	Matches    StepResult = "matches"     // the rule or the network service
	NotMatches StepResult = "not_matches" // the rule or the network service
	NotAsked   StepResult = "not_asked"   // the session: its answer would change nothing
	Cuts       StepResult = "cuts"        // the copy
	IsUnknown  StepResult = "unknown"     // the step assumes the answer that its text names
)

// StepResults lists every StepResult.
var StepResults = []StepResult{Passes, Stops, Matches, NotMatches, NotAsked, Cuts, IsUnknown}

// Trace does what Process does, slowly, and says how: it looks at each session and each rule,
// in the order in which EC2 does. Its verdict is that of Process.
func (s *Source) Trace(p *packet.Packet, stated mirror.Direction) Trace {
	t := tracer{source: s, packet: p, stated: stated != "" || p.Heading != packet.HeadingUnknown, Trace: Trace{Packet: Describe(p), Verdict: Verdict{Direction: stated}}}
	t.run()
	t.Appliance = s.Appliance(p, t.Verdict)
	return t.Trace
}

// TraceFilter shows what a filter does with a packet, whatever interface and session it is of.
// The filter must be valid. In addition to the link-local addresses of the Route 53 Resolver, those of
// resolvers are known. The packet must have a direction.
func TraceFilter(f mirror.Filter, resolvers []netip.Addr, p *packet.Packet, d mirror.Direction) Trace {
	s := &Source{given: []Session{{Filter: f}}}
	s.resolvers.add(mirror.LinkLocalResolvers...)
	s.resolvers.add(resolvers...)
	t := tracer{source: s, packet: p, Trace: Trace{Packet: Describe(p), Verdict: Verdict{Direction: d}, filterOnly: true}}
	t.run()
	return t.Trace
}

// tracer is a trace that is being written.
type tracer struct {
	Trace
	source *Source
	packet *packet.Packet
	stated bool // the direction is given, or the capture says it
}

// add appends a step, with the text in the manner of fmt.Sprintf, and returns it.
func (t *tracer) add(kind StepKind, result StepResult, format string, args ...any) *Step {
	t.Steps = append(t.Steps, Step{Number: len(t.Steps) + 1, Kind: kind, Result: result, Text: fmt.Sprintf(format, args...)})
	return &t.Steps[len(t.Steps)-1]
}

// decide gives the packet its verdict by a new step.
func (t *tracer) decide(kind StepKind, result StepResult, o Outcome, r Reason, a Assumption, format string, args ...any) *Step {
	step := t.add(kind, result, format, args...)
	step.Decides, step.Reason, step.Assumption = true, r.String(), a
	t.Verdict.decide(o, r)
	t.Verdict.Assumption = a
	return step
}

// run takes the steps in order. Each returns whether the packet goes on.
func (t *tracer) run() {
	steps := []func() bool{t.linkType, t.neverMirrored, t.direction, t.possible, t.sessions, t.headers}
	if t.filterOnly {
		steps = []func() bool{t.neverMirrored, t.headers}
	}
	for _, next := range steps {
		if !next() {
			return
		}
	}
	if t.amazonDNS() {
		search{t}.askServices()
		return
	}
	search{t}.askRules()
}

func (t *tracer) linkType() bool {
	if t.packet.Kind == packet.UnknownLink {
		t.decide(StepLinkType, Stops, NoMatch, LinkTypeUnread, 0, "The link type of the capture is %s, which cannot be read.", t.packet.Link)
		return false
	}
	where := ""
	if i := t.packet.InterfaceIndex; i != 0 {
		where = fmt.Sprintf(" The packet was captured on the interface with index %d.", i)
	}
	t.add(StepLinkType, Passes, "The link type is %s, which can be read.%s", t.packet.Link, where)
	return true
}

func (t *tracer) sessions() bool {
	name, where := upperFirst(t.source.own.name()), ""
	if file := t.source.options.SessionsIn; file != "" {
		where = " in " + file
	}
	switch n := len(t.source.given); n {
	case 0:
		t.decide(StepSessions, Stops, NoMatch, NoSession, 0, "%s has no session%s.", name, where)
		return false
	case 1:
		t.add(StepSessions, Passes, "%s has one session%s.", name, where)
	default:
		t.add(StepSessions, Passes, "%s has %d sessions%s. They are asked in the order of their numbers.", name, n, where)
	}
	return true
}

// headers says whether rules can match the packet, and how they read it.
func (t *tracer) headers() bool {
	p := t.packet
	if !p.IsIP() {
		reason := notMatchable(p.Kind)
		t.decide(StepHeaders, Stops, NoMatch, reason, 0, "%s", reason.Sentence())
		return false
	}
	a := readingAssumption(p)
	text := "The packet is readable " + version(p) + ", so that rules can match it."
	switch a {
	case cutOffPortsMatchNoRange:
		text += " The capture ends before its ports: only rules without port ranges can match it."
	case laterFragmentHasNoPorts:
		text += " It is a later fragment and has no ports: only rules without port ranges can match it."
	case tagsAreLookedBehind:
		text += " Rules match what is behind its VLAN tags."
	case pppoeIsLookedBehind:
		text += " Rules match what is behind its PPPoE header."
	case extensionsAreLookedBehind:
		text += " Rules match what is behind its IPv6 extension headers."
	}
	t.add(StepHeaders, Passes, "%s", text).Assumption = a
	return true
}

func version(p *packet.Packet) string {
	if p.Kind == packet.IPv4 {
		return "IPv4"
	}
	return "IPv6"
}

// upperFirst makes a name the beginning of a sentence. An ID stays as it is.
func upperFirst(name string) string {
	if name == "the interface" {
		return "The interface"
	}
	return name
}
