package dataplane

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// OuterLength is the length in bytes of the headers before a copied frame:
// Ethernet, IPv4, UDP and VXLAN. With IPv6 in place of IPv4 they are 20 bytes longer.
const OuterLength = packet.EthernetHeaderLength + 20 + 8 + packet.VXLANHeaderLength

const (
	outerLengthIPv6 = OuterLength + outerIPv6Extra
	udpAndVXLAN     = 8 + packet.VXLANHeaderLength // the end of the outer headers
)

// Offsets in the outer headers of the fields that differ from copy to copy. Those of
// the UDP header are from its beginning.
const (
	outerTotalLength   = packet.EthernetHeaderLength + 2 // of IPv4
	outerChecksum      = packet.EthernetHeaderLength + 10
	outerPayloadLength = packet.EthernetHeaderLength + 4 // of IPv6
	udpLength          = 4
	udpDestination     = 2
	udpChecksum        = 6
)

// outerTTL and the other fields of the outer IPv4 header are as in the real
// capture: TOS 0, identification 0, DF clear (assumption A0112). The hop limit of
// an outer IPv6 header is the same (assumption A0198).
const outerTTL = 255

// RouterMAC is the MAC address of the router of the subnet, to which the
// interface sends everything. unknownMAC is that of an interface whose MAC
// address is unknown. Both are addresses for documentation (RFC 9542): the
// network rewrites the real ones (assumption A0111).
var (
	RouterMAC  = mirror.MAC{0x00, 0x00, 0x5e, 0x00, 0x53, 0x01}
	unknownMAC = mirror.MAC{0x00, 0x00, 0x5e, 0x00, 0x53, 0x02}
)

// Encapsulator builds what leaves the interface for each mirrored packet. It
// never changes: any number of goroutines may use it.
type Encapsulator struct {
	source    *Source
	mac       mirror.MAC
	templates []outer // by index of the session
}

// outer is the outer headers of a session's copies. The fields that differ are 0.
type outer struct {
	headers [outerLengthIPv6]byte
	length  int    // of the headers; 0: no copy is built
	sum     uint64 // of the IPv4 header; over IPv6, of the pseudo-header without a length
	missing string // why no copy is built, as it leaves the interface
}

// Encapsulator returns the source's encapsulator. It needs addresses that verdicts do
// not need: the primary IPv4 address of the interface, and that of each target. Copies
// to a target with an IPv6 address come from the first IPv6 address of the interface.
// A target without an address has no copies, and LeftOut says so. An interface without
// an IPv4 address that a copy needs is an error of the type mirror.Problems.
func (s *Source) Encapsulator() (*Encapsulator, error) {
	e := &Encapsulator{source: s, mac: s.own.mac()}
	if a := s.own.iface.PrivateIPAddress; !a.Is4() && (a.IsValid() || sendsOverIPv4(s)) {
		wrong := "is missing"
		if a.IsValid() {
			wrong = fmt.Sprintf("is %s", a)
		}
		return nil, mirror.Problems{{
			Kind: mirror.Missing, Field: "interface.private_ip_address", Wrong: wrong,
			Fix: "Write the IPv4 address from which the interface sends.",
		}}
	}
	for i := range s.sessions {
		e.templates = append(e.templates, e.template(&s.sessions[i]))
	}
	return e, nil
}

// sendsOverIPv4 reports whether copies need an IPv4 address of the interface: unless all
// targets whose address is known have an IPv6 address.
func sendsOverIPv4(s *Source) bool {
	hasIPv6 := false
	for i := range s.sessions {
		a := s.sessions[i].target.Address
		if a.Is4() {
			return true
		}
		hasIPv6 = hasIPv6 || a.IsValid()
	}
	return !hasIPv6
}

func (e *Encapsulator) template(c *session) outer {
	to := c.target.Address
	switch {
	case !to.IsValid():
		return templateReceived(e, c, "the IP address of its target is not known")
	case to.Is4():
		return e.templateIPv4(c)
	case len(e.source.own.iface.IPv6Addresses) == 0:
		return outer{missing: fmt.Sprintf("the IP address of its target is %s, and no IPv6 address of the interface is known", to)}
	}
	return e.templateIPv6(c)
}

// templateReceived is for copies to a target without a known address. Behind a Network Load
// Balancer, they have the address of an appliance in its place.
func templateReceived(e *Encapsulator, c *session, missing string) outer {
	isFamily := func(a netip.Addr) bool { return a.Is4() == c.target.Appliances[0].Is4() }
	if c.target.Type != mirror.NetworkLoadBalancer || len(c.target.Appliances) == 0 || slices.ContainsFunc(c.target.Appliances, func(a netip.Addr) bool { return !isFamily(a) }) {
		return outer{missing: missing}
	}
	balanced := *c
	balanced.target.Address = c.target.Appliances[0]
	t := e.template(&balanced)
	t.missing = missing
	return t
}

func (e *Encapsulator) templateIPv4(c *session) outer {
	b := packet.EthernetHeader{Destination: RouterMAC, Source: e.mac, EtherType: packet.EtherTypeIPv4}.Append(nil)
	b = packet.IPv4Header{
		TTL: outerTTL, Protocol: packet.ProtocolUDP, Source: e.source.own.iface.PrivateIPAddress, Destination: c.target.Address,
	}.Append(b)
	return newOuter(b, c.vni, uint64(^binary.BigEndian.Uint16(b[outerChecksum:])))
}

func (e *Encapsulator) templateIPv6(c *session) outer {
	from := e.source.own.iface.IPv6Addresses[0]
	b := packet.EthernetHeader{Destination: RouterMAC, Source: e.mac, EtherType: packet.EtherTypeIPv6}.Append(nil)
	b = packet.IPv6Header{NextHeader: packet.ProtocolUDP, HopLimit: outerTTL, Source: from, Destination: c.target.Address}.Append(b)
	return newOuter(b, c.vni, packet.PseudoHeader(from, c.target.Address, packet.ProtocolUDP, 0))
}

// newOuter appends the headers of UDP and VXLAN.
func newOuter(b []byte, vni uint32, sum uint64) outer {
	b = packet.AppendVXLAN(packet.UDPHeader{DestinationPort: packet.VXLANPort}.Append(b), vni)
	t := outer{sum: sum, length: len(b)}
	copy(t.headers[:], b)
	return t
}

// Append appends to b the copy of packet p as it leaves the interface: an
// Ethernet frame. The verdict v must be of the encapsulator's source. If p is not
// mirrored, or if the copy cannot be built, it appends nothing. It allocates only if b
// has too little capacity.
func (e *Encapsulator) Append(b []byte, p *packet.Packet, v Verdict) []byte {
	if !e.Builds(v) {
		return b
	}
	return appendCopy(e, b, p, v)
}

// appendCopy is Append where a copy can be built, or can be as it is received.
func appendCopy(e *Encapsulator, b []byte, p *packet.Packet, v Verdict) []byte {
	t := &e.templates[e.source.sessionAt(v.SessionNumber)]
	start := len(b)
	b = append(b, t.headers[:t.length]...)
	h := b[start:]
	udp := uint16(udpAndVXLAN + v.Bytes)
	binary.BigEndian.PutUint16(h[t.length-udpAndVXLAN:], SourcePort(p))
	binary.BigEndian.PutUint16(h[t.length-udpAndVXLAN+udpLength:], udp)
	if t.length == OuterLength {
		binary.BigEndian.PutUint16(h[outerTotalLength:], udp+20)
		binary.BigEndian.PutUint16(h[outerChecksum:], packet.Checksum(t.sum+uint64(udp)+20, nil))
	} else {
		binary.BigEndian.PutUint16(h[outerPayloadLength:], udp)
	}
	if p.Link == packet.LinkEthernet {
		b = append(b, p.Data[:v.Bytes]...)
	} else {
		b = e.appendWithEthernet(b, p, v)
	}
	if t.length == outerLengthIPv6 {
		fillChecksum(b[start+t.length-udpAndVXLAN:], t.sum)
	}
	return b
}

// fillChecksum writes the UDP checksum of a datagram over IPv6, whose length is 0 in
// sum. By default, receivers discard a datagram over IPv6 without a checksum (RFC 8200,
// RFC 6936; assumption A0198). 0 means that there is none.
func fillChecksum(datagram []byte, sum uint64) {
	checksum := packet.Checksum(sum+uint64(len(datagram)), datagram)
	if checksum == 0 {
		checksum = 0xffff
	}
	binary.BigEndian.PutUint16(datagram[udpChecksum:], checksum)
}

// appendWithEthernet appends the copy of a packet that was captured without an
// Ethernet header. It gives the copy one (assumption A0121).
func (e *Encapsulator) appendWithEthernet(b []byte, p *packet.Packet, v Verdict) []byte {
	end := len(b) + v.Bytes
	h := packet.EthernetHeader{Destination: RouterMAC, Source: e.mac, EtherType: p.OuterEtherType()}
	if v.Direction == mirror.Ingress {
		h.Destination, h.Source = e.mac, RouterMAC
	}
	if p.SourceMAC != [6]byte{} {
		h.Source = p.SourceMAC
	}
	b = h.Append(b)
	b = append(b, p.LinkPayload()...)
	return b[:end]
}

// sessionAt returns the index of the session with the number. The source must
// have it.
func (s *Source) sessionAt(number int) int {
	low, high := 0, len(s.sessions)-1
	for low < high {
		mid := int(uint(low+high) / 2)
		if s.sessions[mid].number < number {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
