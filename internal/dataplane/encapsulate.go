package dataplane

import (
	"encoding/binary"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// OuterLength is the length in bytes of the headers before a copied frame:
// Ethernet, IPv4, UDP and VXLAN.
const OuterLength = packet.EthernetHeaderLength + 20 + 8 + packet.VXLANHeaderLength

// Offsets in the outer headers of the fields that differ from copy to copy.
const (
	outerTotalLength = packet.EthernetHeaderLength + 2
	outerChecksum    = packet.EthernetHeaderLength + 10
	outerSourcePort  = packet.EthernetHeaderLength + 20
	outerUDPLength   = packet.EthernetHeaderLength + 24
)

// outerTTL and the other fields of the outer IPv4 header are as in the real
// capture: TOS 0, identification 0, DF clear (assumption A0112).
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
	headers [OuterLength]byte
	sum     uint64 // of the IPv4 header
	isBuilt bool   // false: the target has no IPv4 address that is known
}

// Encapsulator returns the source's encapsulator. It needs addresses that verdicts do
// not need: the primary IPv4 address of the interface, and that of each target. A
// target without one has no copies, and LeftOut says so. An interface without one is
// an error of the type mirror.Problems.
func (s *Source) Encapsulator() (*Encapsulator, error) {
	e := &Encapsulator{source: s, mac: s.mac()}
	if a := s.own.iface.PrivateIPAddress; !a.Is4() {
		wrong := "is missing"
		if a.IsValid() {
			wrong = fmt.Sprintf("is %s", a)
		}
		return nil, mirror.Problems{{
			Kind: mirror.Missing, Field: "interface.private_ip_address", Wrong: wrong,
			Fix: "Write the IPv4 address from which the interface sends: copies over IPv6 cannot be built yet.",
		}}
	}
	for i := range s.sessions {
		e.templates = append(e.templates, e.template(&s.sessions[i]))
	}
	return e, nil
}

func (e *Encapsulator) template(c *session) outer {
	if !c.target.Address.Is4() {
		return outer{}
	}
	b := packet.EthernetHeader{Destination: RouterMAC, Source: e.mac, EtherType: packet.EtherTypeIPv4}.Append(nil)
	b = packet.IPv4Header{
		TTL: outerTTL, Protocol: packet.ProtocolUDP, Source: e.source.own.iface.PrivateIPAddress, Destination: c.target.Address,
	}.Append(b)
	t := outer{sum: uint64(^binary.BigEndian.Uint16(b[outerChecksum:])), isBuilt: true}
	b = packet.UDPHeader{DestinationPort: packet.VXLANPort}.Append(b)
	b = packet.AppendVXLAN(b, c.vni)
	copy(t.headers[:], b)
	return t
}

// Append appends to b the copy of packet p as it leaves the interface: an
// Ethernet frame. The verdict v must be of the encapsulator's source. If p is not
// mirrored, or if the copy cannot be built, it appends nothing. It allocates only if b
// has too little capacity.
func (e *Encapsulator) Append(b []byte, p *packet.Packet, v Verdict) []byte {
	if v.Outcome != Mirrored {
		return b
	}
	t := &e.templates[e.source.sessionAt(v.SessionNumber)]
	if !t.isBuilt {
		return b
	}
	start := len(b)
	b = append(b, t.headers[:]...)
	total := uint16(OuterLength - packet.EthernetHeaderLength + v.Bytes)
	h := b[start:]
	binary.BigEndian.PutUint16(h[outerTotalLength:], total)
	binary.BigEndian.PutUint16(h[outerChecksum:], packet.Checksum(t.sum+uint64(total), nil))
	binary.BigEndian.PutUint16(h[outerSourcePort:], SourcePort(p))
	binary.BigEndian.PutUint16(h[outerUDPLength:], total-20)
	if p.Link == packet.LinkEthernet {
		return append(b, p.Data[:v.Bytes]...)
	}
	return e.appendWithEthernet(b, p, v)
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
