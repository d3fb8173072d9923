package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Process decides what happens to a packet of the interface. direction is what
// is known of it from elsewhere, or "" to find it out from the packet. It
// allocates nothing.
//
// The packet has passed the security groups and network ACLs of the interface,
// as what can be captured there has (assumption A0113).
func (s *Source) Process(p *packet.Packet, direction mirror.Direction) Verdict {
	v := Verdict{Direction: direction}
	if p.Kind == packet.UnknownLink {
		return v.decide(NoMatch, LinkTypeUnread)
	}
	if reason := neverMirrored(p); reason != 0 {
		v.Assumption = neverAssumption(reason)
		return v.decide(NeverMirrored, reason)
	}
	if v.Direction == "" {
		v.Direction = s.direction(p)
	}
	switch {
	case v.Direction == "":
		return v.decide(NoDirection, DirectionUnknown)
	case len(s.sessions) == 0:
		return v.decide(NoMatch, NoSession)
	case !p.IsIP():
		return v.decide(NoMatch, notMatchable(p.Kind))
	case s.isAmazonDNS(p):
		return s.processDNS(p, v)
	}
	return s.processRules(p, v)
}

func (v Verdict) decide(o Outcome, r Reason) Verdict {
	v.Outcome, v.Reason = o, r
	return v
}

// notMatchable is why no rule can match a packet that is not readable IP.
func notMatchable(kind packet.Kind) Reason {
	switch kind {
	case packet.CutOff:
		return CutOff
	case packet.Unreadable:
		return Unreadable
	}
	return NotIP
}

// processDNS finds the session for a packet of Amazon DNS, of which rules are not
// asked (assumption A0102).
func (s *Source) processDNS(p *packet.Packet, v Verdict) Verdict {
	v.Assumption = amazonDNSIgnoresRules
	if isLinkLocal(p) {
		v.Assumption = amazonDNSAtLinkLocal
	}
	for i := range s.sessions {
		c := &s.sessions[i]
		if c.dns {
			v.rule = c.dnsRule[wayOf(v.Direction)]
			return c.take(p, v, ServiceAccepts)
		}
	}
	return v.decide(NoMatch, AmazonDNSOff)
}

func (s *Source) processRules(p *packet.Packet, v Verdict) Verdict {
	k, w := keyOf(p), wayOf(v.Direction)
	v.Assumption = readingAssumption(p)
	for i := range s.sessions {
		c := &s.sessions[i]
		r := c.runs[w].first(p, k)
		switch {
		case r == nil:
			continue
		case !r.reject:
			// A reject of an earlier session was only passed over.
			if v.Outcome == Rejected {
				v.Assumption = rejectFallsThrough
			}
			v.rule, v.RuleNumber = r.info, s.rules[r.info-1].number
			return c.take(p, v, RuleAccepts)
		case v.Outcome == 0:
			v = v.decide(Rejected, RuleRejects)
			v.rule, v.RuleNumber, v.SessionNumber = r.info, s.rules[r.info-1].number, c.number
		}
		if s.options.RejectStops {
			return v
		}
	}
	switch {
	case v.Outcome == Rejected:
		return v
	case p.PortsCutOff():
		return v.decide(NoMatch, CutOff)
	}
	return v.decide(NoMatch, NoRule)
}

// readingAssumption is the assumption by which rules were held against a packet
// that is not as plain as a rule: one whose ports are missing goes before one
// whose headers were walked over.
func readingAssumption(p *packet.Packet) Assumption {
	switch {
	case p.HasPorts && p.Tags == 0 && !p.Extended:
		return 0 // nearly all packets
	case p.PortsCutOff():
		return cutOffPortsMatchNoRange
	case p.Fragment == packet.LaterFragment && (p.Protocol == packet.ProtocolTCP || p.Protocol == packet.ProtocolUDP):
		return laterFragmentHasNoPorts
	case p.Tags > 0:
		return tagsAreLookedBehind
	case p.Extended:
		return extensionsAreLookedBehind
	}
	return 0
}

// take copies a packet to the target of the session that accepted it.
func (c *session) take(p *packet.Packet, v Verdict, reason Reason) Verdict {
	v.SessionNumber = c.number
	if c.lost != 0 {
		v.Assumption = lostAssumption(c.lost)
		return v.decide(Lost, c.lost)
	}
	v.Bytes = p.FrameLength()
	if v.Bytes > c.limit {
		v.Bytes, v.TruncatedBy = c.limit, c.limitedBy
		if v.Assumption == 0 {
			v.Assumption = truncationAssumption(c.limitedBy)
		}
	}
	return v.decide(Mirrored, reason)
}
