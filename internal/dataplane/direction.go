package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// direction finds out which way a packet went, or returns "". What the capture
// says goes before the MAC addresses, and they go before the IP addresses: a
// frame with MAC addresses of others belongs to others, whoever its IP addresses
// belong to (assumption A0118).
func (s *Source) direction(p *packet.Packet) mirror.Direction {
	switch p.Heading {
	case packet.Inbound:
		return mirror.Ingress
	case packet.Outbound:
		return mirror.Egress
	case packet.Passing:
		return ""
	}
	mac := s.iface.MACAddress
	switch {
	case p.HasMAC && !mac.IsZero():
		return side(p.SourceMAC == mac, p.DestinationMAC == mac)
	case p.IsIP():
		return side(s.own.has(p.Kind, p.Source), s.own.has(p.Kind, p.Destination))
	}
	return ""
}

// side is the direction of a packet that is from the interface, to it, or both.
func side(from, to bool) mirror.Direction {
	switch {
	case from:
		return mirror.Egress
	case to:
		return mirror.Ingress
	}
	return ""
}
