package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Process decides what happens to a packet of the interface. direction is the
// direction of the packet, or "" to find it in the packet. It allocates nothing.
//
// The packet has passed the security groups and network ACLs of the interface:
// only such packets can be captured there (assumption A0113).
func (s *Source) Process(p *packet.Packet, direction mirror.Direction) Verdict {
	v := Verdict{Direction: direction}
	s.process(p, &v, nil)
	return v
}

// process decides, and counts each rule that the packet hits in counts, unless it is
// nil.
func (s *Source) process(p *packet.Packet, v *Verdict, counts []ruleCount) {
	if p.Kind == packet.UnknownLink {
		v.decide(NoMatch, LinkTypeUnread)
		return
	}
	if reason := neverMirrored(p); reason != 0 {
		v.Assumption = neverAssumption(reason)
		v.decide(NeverMirrored, reason)
		return
	}
	isStated := v.Direction != "" || p.Heading != packet.HeadingUnknown
	if v.Direction == "" {
		v.Direction = s.own.direction(p)
	}
	switch {
	case v.Direction == "":
		v.decide(NoDirection, DirectionUnknown)
	case isStated && s.own.impossible(p, v.Direction) != 0:
		v.Assumption = interfaceOwnsPackets
		v.decide(NoDirection, ImpossibleDirection)
	case len(s.sessions) == 0:
		v.decide(NoMatch, NoSession)
	case !p.IsIP():
		v.decide(NoMatch, notMatchable(p.Kind))
	case s.resolvers.isAmazonDNS(p):
		s.processDNS(p, v, counts)
	default:
		s.processRules(p, v, counts)
	}
}

func (v *Verdict) decide(o Outcome, r Reason) { v.Outcome, v.Reason = o, r }

// notMatchable returns why no rule can match a packet that is not readable IP.
// That includes a packet whose headers contradict each other (assumption A0117).
func notMatchable(kind packet.Kind) Reason {
	switch kind {
	case packet.CutOff:
		return CutOff
	case packet.Unreadable:
		return Unreadable
	}
	return NotIP
}

// processDNS finds the session for a packet of Amazon DNS. Rules do not apply to
// it (assumption A0102).
func (s *Source) processDNS(p *packet.Packet, v *Verdict, counts []ruleCount) {
	v.Assumption = amazonDNSIgnoresRules
	if isLinkLocal(p) {
		v.Assumption = amazonDNSAtLinkLocal
	}
	for i := range s.sessions {
		c := &s.sessions[i]
		if c.dns {
			v.rule = c.dnsRule[wayOf(v.Direction)]
			countHit(counts, v.rule)
			c.take(p, v, ServiceAccepts)
			return
		}
	}
	v.decide(NoMatch, AmazonDNSOff)
}

// processRules finds the first session whose first matching rule accepts. After a
// reject it goes on with the next session, unless RejectStops is set (assumption
// A0100).
func (s *Source) processRules(p *packet.Packet, v *Verdict, counts []ruleCount) {
	k, w := keyOf(p), wayOf(v.Direction)
	v.Assumption = readingAssumption(p)
	info := s.lists[w].first(p, k, 0, 0)
	for info != 0 {
		countHit(counts, info)
		r := &s.rules[info-1]
		c := &s.sessions[r.session]
		if !r.reject {
			if v.Outcome == Rejected {
				v.Assumption = rejectFallsThrough
			}
			v.rule, v.RuleNumber = info, int(r.number)
			c.take(p, v, RuleAccepts)
			return
		}
		if v.Outcome == 0 {
			v.decide(Rejected, RuleRejects)
			v.rule, v.RuleNumber, v.SessionNumber = info, int(r.number), c.number
		}
		if s.options.RejectStops {
			return
		}
		info = s.lists[w].first(p, k, c.end4[w], c.end6[w])
	}
	switch {
	case v.Outcome == Rejected:
	case p.PortsCutOff():
		v.decide(NoMatch, CutOff)
	default:
		v.decide(NoMatch, NoRule)
	}
}

// readingAssumption returns the assumption about how rules match an unusual
// packet. Missing ports take precedence over tags, PPPoE and extension headers.
func readingAssumption(p *packet.Packet) Assumption {
	switch {
	case p.HasPorts && p.Tags == 0 && !p.Extended && !p.PPPoE:
		return 0 // nearly all packets
	case p.PortsCutOff():
		return cutOffPortsMatchNoRange
	case p.Fragment == packet.LaterFragment && (p.Protocol == packet.ProtocolTCP || p.Protocol == packet.ProtocolUDP):
		return laterFragmentHasNoPorts
	case p.Tags > 0:
		return tagsAreLookedBehind
	case p.PPPoE:
		return pppoeIsLookedBehind
	case p.Extended:
		return extensionsAreLookedBehind
	}
	return 0
}

// take decides about a packet that the session accepted: whether it is mirrored
// or lost, and how long the copy is.
func (c *session) take(p *packet.Packet, v *Verdict, reason Reason) {
	v.SessionNumber = c.number
	if c.lost != 0 {
		v.Assumption = lostAssumption(c.lost)
		v.decide(Lost, c.lost)
		return
	}
	v.decide(Mirrored, reason)
	v.Unknown = c.unknown
	v.Bytes = p.FrameLength()
	if v.Bytes <= c.limit {
		return
	}
	v.Bytes, v.TruncatedBy = c.limit, c.limitedBy
	if v.Assumption == 0 {
		v.Assumption = truncationAssumption(c.limitedBy)
	}
}
