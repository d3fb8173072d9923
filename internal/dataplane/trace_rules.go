package dataplane

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// amazonDNS reports whether the packet is Amazon DNS, so that rules do not apply to it.
func (t *tracer) amazonDNS() bool {
	const domain = 53
	p := t.packet
	var resolver netip.Addr
	switch {
	case !t.source.resolvers.isAmazonDNS(p):
	case p.DestinationPort == domain && t.source.resolvers.has(p.Kind, p.Destination):
		resolver = p.DestinationAddr()
	default:
		resolver = p.SourceAddr()
	}
	switch {
	case resolver.IsValid():
		step := t.add(StepAmazonDNS, Matches, "It is Amazon DNS, port %d of the Route 53 Resolver %s: the filters' network services decide, and no rule is asked.", domain, resolver)
		step.Assumption = amazonDNSIgnoresRules
		if isLinkLocal(p) {
			step.Assumption = amazonDNSAtLinkLocal
		}
		return true
	case !p.HasPorts:
		t.add(StepAmazonDNS, Passes, "It is not Amazon DNS: it has no ports.")
	case p.SourcePort != domain && p.DestinationPort != domain:
		t.add(StepAmazonDNS, Passes, "It is not Amazon DNS: neither port is %d.", domain)
	default:
		t.add(StepAmazonDNS, Passes, "It is not Amazon DNS: the address with port %d is not known as one of the Route 53 Resolver.", domain)
	}
	return false
}

// search looks for the session that takes the packet.
type search struct{ *tracer }

// askServices finds the first session with the network service amazon-dns.
func (t search) askServices() {
	a := t.Steps[len(t.Steps)-1].Assumption
	for i := range t.source.given {
		s := &t.source.given[i]
		if !slices.Contains(s.Filter.NetworkServices, mirror.AmazonDNS) {
			t.add(StepNetworkService, NotMatches, "The filter%s does not have the network service %s.", t.ofSession(s), mirror.AmazonDNS).SessionNumber = s.Number
			continue
		}
		step := t.decide(StepNetworkService, Matches, Mirrored, ServiceAccepts, a, "The filter%s has the network service %s. %s.", t.ofSession(s), mirror.AmazonDNS, t.taken(s, true))
		step.SessionNumber, t.Verdict.SessionNumber = s.Number, s.Number
		t.take(i)
		return
	}
	t.decide(StepNone, Stops, NoMatch, AmazonDNSOff, a, "%s.", t.nobody())
}

// askRules finds the first session whose first rule that matches accepts.
func (t search) askRules() {
	reading, rejecting := readingAssumption(t.packet), -1 // index of the step of the first reject
	for i := range t.source.given {
		at := t.askSession(&t.source.given[i])
		if at < 0 {
			continue
		}
		step := &t.Steps[at]
		if step.Action == mirror.Accept {
			t.Verdict.decide(Mirrored, RuleAccepts)
			t.Verdict.Assumption = reading
			if rejecting >= 0 {
				step.Assumption, t.Verdict.Assumption = rejectFallsThrough, rejectFallsThrough
			}
			t.settle(at)
			t.take(i)
			return
		}
		if rejecting < 0 {
			rejecting = at
		}
		if t.source.options.RejectStops {
			step.Text += " The search ends there."
			t.skip(i + 1)
			break
		}
	}
	switch {
	case rejecting >= 0:
		t.Verdict.decide(Rejected, RuleRejects)
		t.Verdict.Assumption = reading
		t.settle(rejecting)
		if n := t.Steps[rejecting]; !t.filterOnly {
			t.add(StepNone, Stops, "%s. The first to reject it is session %d, by rule %d.", t.nobody(), n.SessionNumber, n.RuleNumber)
		}
	case t.packet.PortsCutOff():
		t.decide(StepNone, Stops, NoMatch, CutOff, reading, "%s. %s", t.nobody(), CutOff.Sentence())
	default:
		t.decide(StepNone, Stops, NoMatch, NoRule, reading, "%s: what no rule matches is not mirrored.", t.nobody())
	}
}

// settle makes the rule of a step the one that decides.
func (t search) settle(at int) {
	step := &t.Steps[at]
	step.Decides, step.Reason = true, t.Verdict.Reason.String()
	t.Verdict.SessionNumber, t.Verdict.RuleNumber = step.SessionNumber, step.RuleNumber
}

// take gives the packet to the session with this index.
func (t search) take(i int) {
	if t.filterOnly {
		return
	}
	t.skip(i + 1)
	deliver(t.tracer, &t.source.given[i])
}

// skip says which sessions are not asked any more.
func (t search) skip(from int) {
	for i := from; i < len(t.source.given); i++ {
		n := t.source.given[i].Number
		t.add(StepSession, NotAsked, "Session %d is not asked.", n).SessionNumber = n
	}
}

// askSession compares the packet with the rules of a session, up to the first that matches.
// It returns the index of the step of this rule, or -1.
func (t search) askSession(s *Session) int {
	direction := t.Verdict.Direction
	rules := s.Filter.InDirection(direction)
	have := fmt.Sprintf("The filter%s has %s.", t.ofSession(s), counted(len(rules), string(direction)+" rule"))
	t.add(StepSession, Passes, "%s", have).SessionNumber = s.Number
	for _, r := range rules {
		field, why := misfit(t.packet, r)
		var step *Step
		if field == "" {
			step = t.add(StepRule, Matches, "Rule %d (%s) matches. %s.", r.Number, r.Action, t.taken(s, r.Action == mirror.Accept))
		} else {
			step = t.add(StepRule, NotMatches, "Rule %d (%s) does not match: %s.", r.Number, r.Action, why)
		}
		step.SessionNumber, step.RuleNumber, step.Action, step.Field = s.Number, r.Number, r.Action, field
		if field == "" {
			return len(t.Steps) - 1
		}
	}
	if len(rules) > 0 && !t.filterOnly {
		t.add(StepNoRule, Passes, "No rule of session %d matches. %s.", s.Number, t.taken(s, false)).SessionNumber = s.Number
	}
	return -1
}

// ofSession follows the name of a filter.
func (t *tracer) ofSession(s *Session) string {
	if t.filterOnly {
		return ""
	}
	return fmt.Sprintf(" of session %d", s.Number)
}

// taken says whether a session takes the packet.
func (t *tracer) taken(s *Session, isTaken bool) string {
	switch {
	case t.filterOnly && isTaken:
		return "The packet is mirrored"
	case t.filterOnly:
		return "The packet is not mirrored"
	case isTaken:
		return fmt.Sprintf("Session %d takes the packet", s.Number)
	}
	return fmt.Sprintf("Session %d does not take the packet", s.Number)
}

// nobody says that the packet is not mirrored.
func (t *tracer) nobody() string {
	if t.filterOnly {
		return "The packet is not mirrored"
	}
	return "No session takes the packet"
}

// misfit returns the first field of a rule that the packet does not fit, and why, or "" if
// the rule matches.
func misfit(p *packet.Packet, r mirror.Rule) (field, why string) {
	if r.Protocol != nil && *r.Protocol != mirror.Protocol(p.Protocol) {
		return "protocol", fmt.Sprintf("protocol %s is not %s", mirror.Protocol(p.Protocol), *r.Protocol)
	}
	for _, end := range []struct {
		name string
		addr netip.Addr
		cidr netip.Prefix
	}{{"source", p.SourceAddr(), r.SourceCIDR}, {"destination", p.DestinationAddr(), r.DestinationCIDR}} {
		switch {
		case end.addr.Is4() != end.cidr.Addr().Is4():
			return end.name + "_cidr_block", fmt.Sprintf("%s %s is %s, and %s is not", end.name, end.addr, version(p), end.cidr)
		case !end.cidr.Contains(end.addr):
			return end.name + "_cidr_block", fmt.Sprintf("%s %s is not in %s", end.name, end.addr, end.cidr)
		}
	}
	for _, end := range []struct {
		name  string
		port  uint16
		ports *mirror.PortRange
	}{{"source_port", p.SourcePort, r.SourcePorts}, {"destination_port", p.DestinationPort, r.DestinationPorts}} {
		switch {
		case end.ports == nil:
		case !p.HasPorts:
			return end.name + "_range", fmt.Sprintf("the rule asks for %s %s, and the packet has no %s", end.name, end.ports, noPortsBecause(p))
		case !end.ports.Contains(end.port):
			return end.name + "_range", fmt.Sprintf("%s %d is not in %s", end.name, end.port, end.ports)
		}
	}
	return "", ""
}

func noPortsBecause(p *packet.Packet) string {
	switch {
	case p.PortsCutOff():
		return "ports in the captured bytes"
	case p.Fragment == packet.LaterFragment:
		return "ports, because it is a later fragment"
	}
	return "readable ports"
}

// counted writes a number and a noun: "no rule", "one rule", "3 rules".
func counted(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
