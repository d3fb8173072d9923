package packet

import (
	"encoding/binary"
	"net/netip"
)

// Lengths of headers without options.
const (
	EthernetHeaderLength = 14
	ipv4HeaderLength     = 20
	ipv6HeaderLength     = 40
	tcpHeaderLength      = 20
	udpHeaderLength      = 8
	icmpHeaderLength     = 8
	fragmentHeaderLength = 8 // of IPv6
)

// EthernetHeader is the header of an Ethernet frame without tags.
type EthernetHeader struct {
	Destination, Source [6]byte
	EtherType           uint16
}

// Append appends the header to b.
func (h EthernetHeader) Append(b []byte) []byte {
	b = append(b, h.Destination[:]...)
	b = append(b, h.Source[:]...)
	return binary.BigEndian.AppendUint16(b, h.EtherType)
}

// IPv4Header is an IPv4 header without options. No fragment follows the packet.
type IPv4Header struct {
	TOS            uint8
	TotalLength    uint16
	Identification uint16
	DontFragment   bool
	FragmentOffset uint16 // in units of 8 bytes; 0: the packet is no later fragment
	TTL            uint8
	Protocol       uint8
	Source         netip.Addr
	Destination    netip.Addr
}

// Append appends the header to b, with its checksum.
func (h IPv4Header) Append(b []byte) []byte {
	start := len(b)
	flags := h.FragmentOffset
	if h.DontFragment {
		flags |= 0x4000
	}
	b = append(b, 4<<4|ipv4HeaderLength/4, h.TOS)
	b = binary.BigEndian.AppendUint16(b, h.TotalLength)
	b = binary.BigEndian.AppendUint16(b, h.Identification)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = append(b, h.TTL, h.Protocol, 0, 0)
	source, destination := h.Source.As4(), h.Destination.As4()
	b = append(b, source[:]...)
	b = append(b, destination[:]...)
	binary.BigEndian.PutUint16(b[start+10:], Checksum(0, b[start:]))
	return b
}

// IPv6Header is an IPv6 header.
type IPv6Header struct {
	PayloadLength uint16
	NextHeader    uint8
	HopLimit      uint8
	Source        netip.Addr
	Destination   netip.Addr
}

// Append appends the header to b.
func (h IPv6Header) Append(b []byte) []byte {
	b = append(b, 6<<4, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, h.PayloadLength)
	b = append(b, h.NextHeader, h.HopLimit)
	source, destination := h.Source.As16(), h.Destination.As16()
	b = append(b, source[:]...)
	return append(b, destination[:]...)
}

// UDPHeader is a UDP header without a checksum, which IPv4 allows (RFC 768).
type UDPHeader struct {
	SourcePort, DestinationPort uint16
	Length                      uint16 // with this header
}

// Append appends the header to b.
func (h UDPHeader) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, h.SourcePort)
	b = binary.BigEndian.AppendUint16(b, h.DestinationPort)
	b = binary.BigEndian.AppendUint16(b, h.Length)
	return append(b, 0, 0)
}

// Checksum returns the Internet checksum (RFC 1071) of b. sum is the sum of the
// bytes before b.
func Checksum(sum uint64, b []byte) uint16 {
	return ^fold(addWords(sum, b))
}

// addWords adds words of 16 bits. Words of 32 bits have the same sum, since it is
// folded in the end: 65536 counts as 1.
func addWords(sum uint64, b []byte) uint64 {
	for ; len(b) >= 8; b = b[8:] {
		sum += uint64(binary.BigEndian.Uint32(b)) + uint64(binary.BigEndian.Uint32(b[4:]))
	}
	for ; len(b) >= 2; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return sum
}

func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// PseudoHeader is the sum of the pseudo-header that transport checksums cover
// (RFC 9293, RFC 8200).
func PseudoHeader(source, destination netip.Addr, protocol uint8, length int) uint64 {
	sum := addWords(0, source.AsSlice())
	sum = addWords(sum, destination.AsSlice())
	return sum + uint64(protocol) + uint64(length)>>16 + uint64(length)&0xffff
}
