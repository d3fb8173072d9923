// Package packet turns bytes into headers and headers into bytes: Ethernet,
// 802.1Q tags, PPPoE, IPv4, IPv6 with its extension headers, TCP, UDP, ICMP, VXLAN
// and GENEVE.
//
// It reads what the rules of a traffic mirror filter match: the outermost IP
// header and the ports. Only Unwrap looks into a tunnel. It does not look into
// other protocols, it does not reassemble fragments, and it remembers nothing
// between packets. It knows nothing about mirroring.
//
// Link types are those of https://www.tcpdump.org/linktypes.html.
package packet

import (
	"encoding/binary"
	"net/netip"
)

// Kind is what a packet is, or why it could not be read.
type Kind uint8

// The kinds of packet.
const (
	UnknownLink Kind = iota // of a link type that is not read
	CutOff                  // ends inside its headers
	Unreadable              // its headers contradict themselves
	NotIP                   // another EtherType, or an IEEE 802.3 length
	ARP
	IPv4
	IPv6
)

// Fragment says which part of a datagram a packet is.
type Fragment uint8

// The parts of a datagram.
const (
	Whole         Fragment = iota // also an IPv6 atomic fragment (RFC 6946)
	FirstFragment                 // has the transport header
	LaterFragment                 // has no transport header
)

// Heading says which way a packet passed the interface that recorded it.
type Heading uint8

// The headings, with the names of the pcapng option epb_flags.
const (
	HeadingUnknown Heading = iota // the capture does not say
	Inbound
	Outbound
	Passing // multicast, broadcast, or between other hosts
)

// The protocols whose headers are read or built.
const (
	ProtocolICMP   = 1
	ProtocolTCP    = 6
	ProtocolUDP    = 17
	ProtocolICMPv6 = 58
)

// Packet is what Decode could read of a packet. It is a plain value. It refers to
// the bytes that it was read from, and to nothing else.
type Packet struct {
	Data []byte // the captured bytes, beginning with the link header
	Link LinkType
	Kind Kind

	// HasMAC says that SourceMAC and DestinationMAC were read. A cooked capture
	// has only the source address: HasMAC is then false, and SourceMAC may be
	// set.
	HasMAC         bool
	SourceMAC      [6]byte
	DestinationMAC [6]byte

	Heading Heading // HeadingUnknown if the capture does not say

	// InterfaceIndex is the number of the interface in a Linux cooked capture of
	// version 2. It is 0 if the capture does not say.
	InterfaceIndex uint32

	// EtherType is the one after all 802.1Q tags, and after a PPPoE header in front
	// of IP. It is 0 if a link header without an EtherType says that the packet is
	// not IP. Valid iff Kind is NotIP, ARP, IPv4 or IPv6.
	EtherType uint16
	Tags      uint8 // number of 802.1Q tags before it, at most 255
	PPPoE     bool  // has a PPPoE header before the IP header

	// The fields of the outermost IP header. Valid iff Kind is IPv4 or IPv6.
	Protocol    uint8 // after all IPv6 extension headers
	Extended    bool  // has IPv6 extension headers
	Fragment    Fragment
	Source      Address
	Destination Address
	IPOffset    int  // where the header begins in Data
	IPLength    int  // of the packet in Data, without Ethernet padding
	Cut         bool // the packet is longer than Data

	// TransportOffset is where the transport header begins in Data. Valid iff
	// Kind is IPv4 or IPv6 and Fragment is not LaterFragment.
	TransportOffset int

	// HasPorts says that the packet is TCP or UDP and that its ports were read.
	HasPorts        bool
	SourcePort      uint16
	DestinationPort uint16

	linkLength     int // of the link header in Data
	outerEtherType uint16
}

// IsIP reports whether the headers of an IP packet were read.
func (p *Packet) IsIP() bool { return p.Kind >= IPv4 }

// PortsCutOff reports whether Data ends before the ports of the packet.
func (p *Packet) PortsCutOff() bool {
	return p.IsIP() && p.Cut && !p.HasPorts && p.Fragment != LaterFragment && hasPorts(p.Protocol)
}

// FrameLength is the length of Data in bytes, with an Ethernet header instead of
// another link header.
func (p *Packet) FrameLength() int {
	if p.Link == LinkEthernet {
		return len(p.Data)
	}
	return EthernetHeaderLength + len(p.LinkPayload())
}

// LinkPayload returns the part of Data after the link header. It includes 802.1Q
// tags and a PPPoE header.
func (p *Packet) LinkPayload() []byte { return p.Data[min(p.linkLength, len(p.Data)):] }

// OuterEtherType returns the EtherType that an Ethernet header in front of
// LinkPayload has: that of the first tag, if there is one. Valid iff EtherType is.
func (p *Packet) OuterEtherType() uint16 { return p.outerEtherType }

// SourceAddr returns the source address. Valid iff Kind is IPv4 or IPv6.
func (p *Packet) SourceAddr() netip.Addr { return p.Source.addr(p.Kind) }

// DestinationAddr returns the destination address. Valid iff Kind is IPv4 or IPv6.
func (p *Packet) DestinationAddr() netip.Addr { return p.Destination.addr(p.Kind) }

// Address is an IP address as a number of 128 bits. An IPv4 address has its 32
// bits in Low. The address family is not part of it.
type Address struct{ High, Low uint64 }

// AddressOf returns the number of addr, which must be valid.
func AddressOf(addr netip.Addr) Address {
	if addr.Is4() {
		b := addr.As4()
		return Address{Low: uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := addr.As16()
	return address16(b[:])
}

func address4(b []byte) Address { return Address{Low: uint64(binary.BigEndian.Uint32(b))} }

func address16(b []byte) Address {
	return Address{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

func (a Address) addr(kind Kind) netip.Addr {
	if kind == IPv4 {
		return netip.AddrFrom4([4]byte{byte(a.Low >> 24), byte(a.Low >> 16), byte(a.Low >> 8), byte(a.Low)})
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.High)
	binary.BigEndian.PutUint64(b[8:], a.Low)
	return netip.AddrFrom16(b)
}

func hasPorts(protocol uint8) bool { return protocol == ProtocolTCP || protocol == ProtocolUDP }
