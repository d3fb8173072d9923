package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Build makes the Ethernet frame of a packet as it passes the interface. It is
// packet.Build, but MAC addresses that are zero in spec are filled in. If
// direction is "", it is derived from the IP addresses. The link type of the
// frame is packet.LinkEthernet. The error is a *packet.SpecError.
func (s *Source) Build(spec packet.Spec, direction mirror.Direction) ([]byte, error) {
	if direction == "" {
		direction = s.own.directionOf(spec)
	}
	from, to := mirror.MAC{}, mirror.MAC{}
	switch direction {
	case mirror.Egress:
		from, to = s.own.mac(), RouterMAC
	case mirror.Ingress:
		from, to = RouterMAC, s.own.mac()
	}
	if spec.SourceMAC == [6]byte{} {
		spec.SourceMAC = from
	}
	if spec.DestinationMAC == [6]byte{} {
		spec.DestinationMAC = to
	}
	return packet.Build(spec)
}

func (o *ownership) directionOf(spec packet.Spec) mirror.Direction {
	if !spec.Source.IsValid() || !spec.Destination.IsValid() {
		return "" // packet.Build reports it
	}
	kind := packet.IPv6
	if spec.Source.Is4() {
		kind = packet.IPv4
	}
	return side(o.has(kind, packet.AddressOf(spec.Source)), o.has(kind, packet.AddressOf(spec.Destination)))
}

// mac returns the MAC address of the interface, or unknownMAC.
func (o *ownership) mac() mirror.MAC {
	if o.iface.MACAddress.IsZero() {
		return unknownMAC
	}
	return o.iface.MACAddress
}
