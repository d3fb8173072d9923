package dataplane

import (
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Describe describes a packet in a few words for a person: "tcp 10.1.2.3:50000 >
// 10.0.1.10:22, 1500 bytes".
func Describe(p *packet.Packet) string {
	length := fmt.Sprintf(", %d bytes", len(p.Data))
	switch p.Kind {
	case packet.IPv4, packet.IPv6:
		return describeIP(p) + length
	case packet.ARP:
		return "arp" + length
	case packet.NotIP:
		if p.EtherType == 0 {
			return "not IP" + length
		}
		return fmt.Sprintf("EtherType %#04x", p.EtherType) + length
	case packet.CutOff:
		return "cut off in its headers" + length
	case packet.Unreadable:
		return "unreadable headers" + length
	}
	return fmt.Sprintf("link type %s", p.Link) + length
}

func describeIP(p *packet.Packet) string {
	protocol := mirror.Protocol(p.Protocol).String()
	if p.HasPorts {
		from := netip.AddrPortFrom(p.SourceAddr(), p.SourcePort)
		to := netip.AddrPortFrom(p.DestinationAddr(), p.DestinationPort)
		return fmt.Sprintf("%s %s > %s", protocol, from, to)
	}
	text := fmt.Sprintf("%s %s > %s", protocol, p.SourceAddr(), p.DestinationAddr())
	if p.Fragment == packet.LaterFragment {
		text += ", later fragment"
	}
	return text
}
