package mirror

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A Space is a set of packets: all packets with these fields. The zero value has every
// packet.
type Space struct {
	Direction        Direction    // "": both directions
	Protocol         *Protocol    // nil: every protocol
	SourceCIDR       netip.Prefix // not valid: every address, IPv4 and IPv6, as in DestinationCIDR
	DestinationCIDR  netip.Prefix
	SourcePorts      *PortRange // nil: every port, and packets without ports, as in DestinationPorts
	DestinationPorts *PortRange
}

// The CIDR blocks of all addresses of a family.
var (
	EveryIPv4 = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	EveryIPv6 = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
)

// Validate checks the space. The fields are those of a rule.
func (s Space) Validate() Problems {
	var ps Problems
	if s.Direction != "" {
		ps = append(ps, s.Direction.Check("traffic_direction")...)
	}
	if s.Protocol != nil {
		ps = append(ps, Protocols.Check("protocol", int64(*s.Protocol))...)
	}
	if s.SourceCIDR.IsValid() {
		ps = append(ps, checkCIDR("source_cidr_block", s.SourceCIDR)...)
	}
	if s.DestinationCIDR.IsValid() {
		ps = append(ps, checkCIDR("destination_cidr_block", s.DestinationCIDR)...)
	}
	r := Rule{Protocol: s.Protocol, SourceCIDR: s.SourceCIDR, DestinationCIDR: s.DestinationCIDR}
	ps = append(ps, r.checkFamilies()...)
	ps = append(ps, r.checkPorts("source_port_range", s.SourcePorts)...)
	return append(ps, r.checkPorts("destination_port_range", s.DestinationPorts)...)
}

// SameSpace reports whether two spaces are said in the same way.
func SameSpace(a, b Space) bool {
	return a.Direction == b.Direction && a.SourceCIDR == b.SourceCIDR && a.DestinationCIDR == b.DestinationCIDR &&
		SameValue(a.Protocol, b.Protocol) && SameValue(a.SourcePorts, b.SourcePorts) && SameValue(a.DestinationPorts, b.DestinationPorts)
}

// Directions returns the directions of the packets.
func (s Space) Directions() []Direction {
	if s.Direction != "" {
		return []Direction{s.Direction}
	}
	return slices.Clone(Directions)
}

// Rules returns rules that together match the packets of the space: one for each direction
// and address family. They have no numbers.
func (s Space) Rules(action Action) []Rule {
	var rules []Rule
	for _, d := range s.Directions() {
		for _, every := range []netip.Prefix{EveryIPv4, EveryIPv6} {
			r := Rule{
				Direction: d, Action: action, Protocol: s.Protocol, SourceCIDR: every, DestinationCIDR: every,
				SourcePorts: s.SourcePorts, DestinationPorts: s.DestinationPorts,
			}
			if s.SourceCIDR.IsValid() {
				r.SourceCIDR = s.SourceCIDR
			}
			if s.DestinationCIDR.IsValid() {
				r.DestinationCIDR = s.DestinationCIDR
			}
			isOfFamily := func(p netip.Prefix) bool { return p.Addr().Is4() == every.Addr().Is4() }
			if isOfFamily(r.SourceCIDR) && isOfFamily(r.DestinationCIDR) {
				rules = append(rules, r)
			}
		}
	}
	return rules
}

// String describes the space as ParseSpace reads it: "ingress tcp 10.0.0.0/8 > any:22".
func (s Space) String() string {
	var b strings.Builder
	if s.Direction != "" {
		fmt.Fprintf(&b, "%s ", s.Direction)
	}
	if s.Protocol == nil {
		b.WriteString("any ")
	} else {
		fmt.Fprintf(&b, "%s ", *s.Protocol)
	}
	end := func(p netip.Prefix, ports *PortRange) {
		text := "any"
		switch {
		case p.IsValid() && ports != nil && p.Addr().Is6():
			text = "[" + p.String() + "]"
		case p.IsValid():
			text = p.String()
		}
		b.WriteString(text)
		if ports != nil {
			b.WriteString(":" + ports.String())
		}
	}
	end(s.SourceCIDR, s.SourcePorts)
	b.WriteString(" > ")
	end(s.DestinationCIDR, s.DestinationPorts)
	return b.String()
}
