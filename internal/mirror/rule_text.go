package mirror

import (
	"fmt"
	"net/netip"
	"strings"
)

// Describe says in words what the rule does: "accept TCP from 10.0.0.0/8 to any IPv4 address,
// port 443".
func (r Rule) Describe() string {
	protocol := "any protocol"
	if r.Protocol != nil {
		protocol = protocolInText(*r.Protocol)
	}
	from, to := describeEnd(r.SourceCIDR, r.SourcePorts), describeEnd(r.DestinationCIDR, r.DestinationPorts)
	if r.SourcePorts != nil {
		from += ","
	}
	return fmt.Sprintf("%s %s from %s to %s", r.Action, protocol, from, to)
}

// protocolInText writes the name of a protocol as in a sentence: TCP, or "protocol 89".
func protocolInText(p Protocol) string {
	name := p.String()
	switch {
	case name == "icmpv6":
		return "ICMPv6"
	case strings.Trim(name, "0123456789") == "":
		return "protocol " + name
	}
	return strings.ToUpper(name)
}

func describeEnd(cidr netip.Prefix, ports *PortRange) string {
	text := cidr.String()
	switch {
	case cidr.Bits() == 0 && cidr.Addr().Is4():
		text = "any IPv4 address"
	case cidr.Bits() == 0:
		text = "any IPv6 address"
	case cidr.IsSingleIP():
		text = cidr.Addr().String()
	}
	switch {
	case ports == nil:
	case ports.From == ports.To:
		text += fmt.Sprintf(", port %d", ports.From)
	default:
		text += fmt.Sprintf(", ports %d to %d", ports.From, ports.To)
	}
	return text
}
