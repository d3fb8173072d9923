package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// direction returns the direction of a packet, or "" if it cannot be found. It
// looks at the capture first, then at the MAC addresses, then at the IP
// addresses. A frame with the MAC addresses of other interfaces belongs to them,
// whatever its IP addresses are (assumption A0118).
func (o *ownership) direction(p *packet.Packet) mirror.Direction {
	switch p.Heading {
	case packet.Inbound:
		return mirror.Ingress
	case packet.Outbound:
		return mirror.Egress
	case packet.Passing:
		return ""
	}
	mac := o.iface.MACAddress
	switch {
	case p.HasMAC && !mac.IsZero():
		return side(p.SourceMAC == mac, p.DestinationMAC == mac)
	case p.IsIP():
		return side(o.has(p.Kind, p.Source), o.has(p.Kind, p.Destination))
	}
	return ""
}

// side returns the direction of a packet. A packet both from and to the interface
// is egress.
func side(from, to bool) mirror.Direction {
	switch {
	case from:
		return mirror.Egress
	case to:
		return mirror.Ingress
	}
	return ""
}
