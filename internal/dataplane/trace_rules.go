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
	case !t.source.isAmazonDNS(p):
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

// askServices finds the first session with the network service amazon-dns.
func (t *tracer) askServices() {
	a := t.Steps[len(t.Steps)-1].Assumption
	for i := range t.source.given {
		s := &t.source.given[i]
		if !slices.Contains(s.Filter.NetworkServices, mirror.AmazonDNS) {
			t.add(StepNetworkService, NotMatches, "The filter of session %d does not have the network service %s.", s.Number, mirror.AmazonDNS).SessionNumber = s.Number
			continue
		}
		step := t.decide(StepNetworkService, Matches, Mirrored, ServiceAccepts, a, "The filter of session %d has the network service %s: the session takes the packet.", s.Number, mirror.AmazonDNS)
		step.SessionNumber, t.Verdict.SessionNumber = s.Number, s.Number
		t.skip(i + 1)
		deliver(t, s)
		return
	}
	t.decide(StepNone, Stops, NoMatch, AmazonDNSOff, a, "No session takes the packet.")
}

// askRules finds the first session whose first rule that matches accepts.
func (t *tracer) askRules() {
	reading, rejecting := readingAssumption(t.packet), -1 // index of the step of the first reject
	for i := range t.source.given {
		s := &t.source.given[i]
		at := t.askSession(s)
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
			t.skip(i + 1)
			deliver(t, s)
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
		n := t.Steps[rejecting]
		t.add(StepNone, Stops, "No session takes the packet. The first to reject it is session %d, by rule %d.", n.SessionNumber, n.RuleNumber)
	case t.packet.PortsCutOff():
		t.decide(StepNone, Stops, NoMatch, CutOff, reading, "No session takes the packet. %s", CutOff.Sentence())
	default:
		t.decide(StepNone, Stops, NoMatch, NoRule, reading, "No session takes the packet: what no rule matches is not mirrored.")
	}
}

// settle makes the rule of a step the one that decides.
func (t *tracer) settle(at int) {
	step := &t.Steps[at]
	step.Decides, step.Reason = true, t.Verdict.Reason.String()
	t.Verdict.SessionNumber, t.Verdict.RuleNumber = step.SessionNumber, step.RuleNumber
}

// skip says which sessions are not asked any more.
func (t *tracer) skip(from int) {
	for i := from; i < len(t.source.given); i++ {
		n := t.source.given[i].Number
		t.add(StepSession, NotAsked, "Session %d is not asked.", n).SessionNumber = n
	}
}

// askSession compares the packet with the rules of a session, up to the first that matches.
// It returns the index of the step of this rule, or -1.
func (t *tracer) askSession(s *Session) int {
	direction := t.Verdict.Direction
	rules := s.Filter.InDirection(direction)
	step := t.add(StepSession, Passes, "Session %d: its filter has %s.", s.Number, counted(len(rules), string(direction)+" rule"))
	step.SessionNumber = s.Number
	if len(rules) == 0 {
		step.Text = fmt.Sprintf("Session %d: its filter has no %s rule, so that it does not take the packet.", s.Number, direction)
		return -1
	}
	for _, r := range rules {
		field, why := misfit(t.packet, r)
		if field == "" {
			step = t.add(StepRule, Matches, "Rule %d (%s) matches.", r.Number, r.Action)
		} else {
			step = t.add(StepRule, NotMatches, "Rule %d (%s) does not match: %s.", r.Number, r.Action, why)
		}
		step.SessionNumber, step.RuleNumber, step.Action, step.Field = s.Number, r.Number, r.Action, field
		if field != "" {
			continue
		}
		verb := "takes"
		if r.Action == mirror.Reject {
			verb = "does not take"
		}
		step.Text += fmt.Sprintf(" Session %d %s the packet.", s.Number, verb)
		return len(t.Steps) - 1
	}
	t.add(StepNoRule, Passes, "No rule of session %d matches: the session does not take the packet.", s.Number).SessionNumber = s.Number
	return -1
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

// counted writes a number and a noun: "one rule", "3 rules".
func counted(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
