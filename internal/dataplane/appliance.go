package dataplane

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Appliance returns the address of the appliance that receives the copy of a
// mirrored packet. That is the target itself if it is an interface, else one of
// the appliances behind the load balancer. The address is not valid if the packet
// is not mirrored, if the copy cannot be built, or if the appliances of the load
// balancer are unknown.
//
// A load balancer chooses by a hash of the outer addresses and ports. Copies of
// one session differ only in the source port. So all packets of a flow go to one
// appliance (assumption A0124).
func (e *Encapsulator) Appliance(p *packet.Packet, v Verdict) netip.Addr {
	if !e.BuildsReceived(v) {
		return netip.Addr{}
	}
	if target := e.target(v); target.Type == mirror.NetworkInterface {
		return target.Address
	}
	return e.source.Appliance(p, v)
}

// Appliance returns the address of the appliance behind a load balancer that gets the copy of a
// packet. It is not valid if no load balancer gets one, or if its appliances are unknown. Which
// of them a load balancer chooses is assumption A0124.
func (s *Source) Appliance(p *packet.Packet, v Verdict) netip.Addr {
	if v.Outcome != Mirrored {
		return netip.Addr{}
	}
	c := &s.sessions[s.sessionAt(v.SessionNumber)]
	target := &c.target
	if target.Type == mirror.NetworkInterface || len(target.Appliances) == 0 {
		return netip.Addr{}
	}
	return chosenAppliance(target.Address, target.Appliances, p, c.sticky)
}

// chosenAppliance returns the appliance that a load balancer chooses. If its address is not
// known, the choice is that of another load balancer: the flows of a session are spread as well.
// A sticky load balancer looks at the outer addresses only, which all copies of a session share.
func chosenAppliance(address netip.Addr, appliances []netip.Addr, p *packet.Packet, sticky bool) netip.Addr {
	to := packet.AddressOf(address)
	port := uint64(0)
	if !sticky {
		port = uint64(SourcePort(p))
	}
	h := mix(to.High^to.Low, port)
	return appliances[h>>32%uint64(len(appliances))]
}

// reaches reports whether copies to the target can reach the appliance. A Network Load
// Balancer does not change the address family, and GENEVE of a Gateway Load Balancer is
// over IPv4.
func reaches(target *mirror.Endpoint, appliance netip.Addr) bool {
	switch target.Type {
	case mirror.NetworkLoadBalancer:
		return !target.Address.IsValid() || appliance.Is4() == target.Address.Is4()
	case mirror.GatewayLoadBalancerEndpoint:
		return appliance.Is4()
	}
	return true
}

// Appliances returns the addresses for which AppendReceived appends packets, each once,
// by session number.
func (e *Encapsulator) Appliances() []netip.Addr {
	var all []netip.Addr
	for i := range e.source.sessions {
		target := &e.source.sessions[i].target
		reached := target.Appliances
		if target.Type == mirror.NetworkInterface {
			reached = []netip.Addr{target.Address}
		}
		for _, a := range reached {
			if reaches(target, a) && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// AppendReceived appends to b the Ethernet frame that reaches the appliance.
// Behind a Network Load Balancer that is the VXLAN packet with the address of the
// appliance as its destination, and the port on which the appliance is registered. Behind a Gateway Load Balancer it is the
// unchanged VXLAN packet in GENEVE. If Appliances does not have what Appliance
// returns, it appends nothing.
func (e *Encapsulator) AppendReceived(b []byte, p *packet.Packet, v Verdict) []byte {
	appliance := e.Appliance(p, v)
	if !appliance.IsValid() || !reaches(e.target(v), appliance) {
		return b
	}
	start := len(b)
	if e.target(v).Type == mirror.GatewayLoadBalancerEndpoint {
		return e.appendThroughGateway(b, p, v, appliance)
	}
	b = appendCopy(e, b, p, v)
	frame := b[start:]
	if appliance.Is4() {
		packet.EthernetHeader{Destination: unknownMAC, Source: RouterMAC, EtherType: packet.EtherTypeIPv4}.Append(frame[:0])
		translate(frame[packet.EthernetHeaderLength:], appliance, appliancePort(e, v, appliance))
		return b
	}
	packet.EthernetHeader{Destination: unknownMAC, Source: RouterMAC, EtherType: packet.EtherTypeIPv6}.Append(frame[:0])
	e.translateIPv6(frame[packet.EthernetHeaderLength:], appliance, appliancePort(e, v, appliance))
	return b
}

func (e *Encapsulator) target(v Verdict) *mirror.Endpoint {
	return &e.source.sessions[e.source.sessionAt(v.SessionNumber)].target
}

// appliancePort returns the UDP port on which an appliance gets the copy of a packet.
func appliancePort(e *Encapsulator, v Verdict, appliance netip.Addr) uint16 {
	if port, isOther := e.source.sessions[e.source.sessionAt(v.SessionNumber)].ports[appliance]; isOther {
		return uint16(port)
	}
	return packet.VXLANPort
}

// translate replaces the destination address of the IPv4 header at the beginning of b,
// and the destination port of the UDP header after it, which has no checksum.
func translate(b []byte, to netip.Addr, port uint16) {
	address := to.As4()
	copy(b[16:20], address[:])
	clear(b[10:12])
	binary.BigEndian.PutUint16(b[10:], packet.Checksum(0, b[:20]))
	binary.BigEndian.PutUint16(b[20+udpDestination:], port)
}

// translateIPv6 does the same with an IPv6 header. The checksum of the UDP header after it
// includes the address and the port.
func (e *Encapsulator) translateIPv6(b []byte, to netip.Addr, port uint16) {
	address := to.As16()
	copy(b[24:40], address[:])
	datagram := b[40:]
	binary.BigEndian.PutUint16(datagram[udpDestination:], port)
	clear(datagram[udpChecksum : udpChecksum+2])
	fillChecksum(datagram, packet.PseudoHeader(e.source.own.iface.IPv6Addresses[0], to, packet.ProtocolUDP, 0))
}

// gatewayAddress is the outer source address of a Gateway Load Balancer whose endpoint has
// an IPv6 address. It is an address for documentation (RFC 5737, assumption A0199).
var gatewayAddress = netip.AddrFrom4([4]byte{192, 0, 2, 1})

// A Gateway Load Balancer puts three options into its GENEVE header. With the
// outer IPv4 and UDP headers it takes the 68 bytes that AWS documents
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html).
const (
	geneveClassAWS   = 0x0108
	geneveEndpoint   = 1 // 8 bytes that identify the endpoint
	geneveAttachment = 2 // 8 bytes that identify the attachment
	geneveFlowCookie = 3 // 4 bytes, the same for all packets of a flow
	gatewayLength    = 20 + 8 + packet.GENEVEHeaderLength + 12 + 12 + 8
)

// appendThroughGateway appends the headers of a Gateway Load Balancer, and then
// the IP packet that Append makes. The real values in these headers are unknown:
// the source is the address of the endpoint, and the numbers of the endpoint and
// of the attachment are 0 (assumption A0125).
func (e *Encapsulator) appendThroughGateway(b []byte, p *packet.Packet, v Verdict, appliance netip.Addr) []byte {
	start := len(b)
	var room [gatewayLength]byte
	b = e.Append(append(b, room[:]...), p, v)
	length := len(b) - start - packet.EthernetHeaderLength
	from, etherType := e.target(v).Address, uint16(packet.EtherTypeIPv4)
	if from.Is6() {
		from, etherType = gatewayAddress, packet.EtherTypeIPv6
	}
	cookie := uint32(flowHash(p))

	// These headers overwrite the Ethernet header that Append made: GENEVE
	// carries IP.
	h := packet.EthernetHeader{Destination: unknownMAC, Source: RouterMAC, EtherType: packet.EtherTypeIPv4}.Append(b[start:start])
	h = packet.IPv4Header{
		TTL: outerTTL, Protocol: packet.ProtocolUDP, TotalLength: uint16(length),
		Source: from, Destination: appliance,
	}.Append(h)
	h = packet.UDPHeader{
		SourcePort: geneveSourcePort | uint16(cookie)>>2, DestinationPort: packet.GENEVEPort, Length: uint16(length - 20),
	}.Append(h)
	packet.AppendGENEVE(h, etherType,
		packet.GENEVEOption{Class: geneveClassAWS, Type: geneveEndpoint, Data: room[:8]},
		packet.GENEVEOption{Class: geneveClassAWS, Type: geneveAttachment, Data: room[:8]},
		packet.GENEVEOption{Class: geneveClassAWS, Type: geneveFlowCookie, Data: binary.BigEndian.AppendUint32(room[8:8], cookie)},
	)
	return b
}

// geneveSourcePort is the lowest of the ports that RFC 8926 recommends.
const geneveSourcePort = 0xc000
