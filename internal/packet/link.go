package packet

import (
	"encoding/binary"
	"strconv"
)

// LinkType is the kind of header that a captured packet begins with: a LINKTYPE_
// number.
type LinkType uint16

// The link types that are read.
const (
	LinkNull      LinkType = 0 // of a loopback interface: an address family in the byte order of the host
	LinkEthernet  LinkType = 1
	LinkPPP       LinkType = 9   // PPP, with or without HDLC-like framing
	LinkPPPHDLC   LinkType = 50  // PPP in HDLC-like framing, or Cisco HDLC
	LinkPPPEther  LinkType = 51  // begins with a PPPoE header
	LinkRaw       LinkType = 101 // an IPv4 or IPv6 header, by its version
	LinkLoop      LinkType = 108 // as LinkNull, but in network byte order
	LinkLinuxSLL  LinkType = 113 // a Linux cooked capture, version 1
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkLinuxSLL2 LinkType = 276 // a Linux cooked capture, version 2
)

// Numbers of raw IP in the files of programs that write the DLT_ number of their
// system instead of a LINKTYPE_ number.
const (
	linkRaw12 LinkType = 12
	linkRaw14 LinkType = 14
)

var linkNames = map[LinkType]string{
	LinkNull: "NULL", LinkEthernet: "ETHERNET", LinkPPP: "PPP", LinkPPPHDLC: "PPP_HDLC", LinkPPPEther: "PPP_ETHER", LinkRaw: "RAW",
	LinkLoop: "LOOP", LinkLinuxSLL: "LINUX_SLL", LinkIPv4: "IPV4", LinkIPv6: "IPV6", LinkLinuxSLL2: "LINUX_SLL2",
	linkRaw12: "RAW", linkRaw14: "RAW",
}

// String returns the name of the link type without LINKTYPE_, or its number.
func (t LinkType) String() string {
	if name, known := linkNames[t]; known {
		return name
	}
	return strconv.Itoa(int(t))
}

// decodeLink reads a packet that does not begin with an Ethernet header.
func decodeLink(p *Packet) {
	switch p.Link {
	case LinkRaw, LinkIPv4, LinkIPv6, linkRaw12, linkRaw14:
		decodeRaw(p)
	case LinkLinuxSLL:
		decodeSLL(p)
	case LinkLinuxSLL2:
		decodeSLL2(p)
	case LinkNull, LinkLoop:
		decodeLoopback(p)
	case LinkPPP, LinkPPPHDLC:
		decodeFramedPPP(p)
	case LinkPPPEther:
		p.decodeNetwork(etherTypePPPoE, 0)
	}
}

func decodeRaw(p *Packet) {
	if len(p.Data) == 0 {
		p.Kind = CutOff
		return
	}
	version := p.Data[0] >> 4
	switch {
	case version == 4 && p.Link != LinkIPv6:
		p.decodeNetwork(EtherTypeIPv4, 0)
	case version == 6 && p.Link != LinkIPv4:
		p.decodeNetwork(EtherTypeIPv6, 0)
	default:
		p.Kind = Unreadable
	}
}

// Lengths of the headers of a Linux cooked capture.
const (
	sllHeaderLength  = 16
	sll2HeaderLength = 20
)

func decodeSLL(p *Packet) {
	b := p.Data
	p.linkLength = sllHeaderLength
	if len(b) < sllHeaderLength {
		p.Kind = CutOff
		return
	}
	p.Heading = sllHeading(binary.BigEndian.Uint16(b))
	if binary.BigEndian.Uint16(b[4:]) == 6 {
		p.SourceMAC = [6]byte(b[6:12])
	}
	p.decodeNetwork(binary.BigEndian.Uint16(b[14:]), sllHeaderLength)
}

func decodeSLL2(p *Packet) {
	b := p.Data
	p.linkLength = sll2HeaderLength
	if len(b) < sll2HeaderLength {
		p.Kind = CutOff
		return
	}
	p.InterfaceIndex = binary.BigEndian.Uint32(b[4:])
	p.Heading = sllHeading(uint16(b[10]))
	if b[11] == 6 {
		p.SourceMAC = [6]byte(b[12:18])
	}
	p.decodeNetwork(binary.BigEndian.Uint16(b), sll2HeaderLength)
}

// sllHeading returns the heading for a packet type of a Linux cooked capture.
func sllHeading(packetType uint16) Heading {
	const toUs, fromUs = 0, 4
	switch packetType {
	case toUs:
		return Inbound
	case fromUs:
		return Outbound
	}
	return Passing
}

const familyLength = 4 // of the header of a loopback interface

func decodeLoopback(p *Packet) {
	p.linkLength = familyLength
	if len(p.Data) < familyLength {
		p.Kind = CutOff
		return
	}
	p.decodeNetwork(etherTypeOfFamily(addressFamily(p)), familyLength)
}

// addressFamily returns the number in the header of a loopback interface. Families
// are small numbers: a large one is in the other byte order.
func addressFamily(p *Packet) uint32 {
	if family := binary.BigEndian.Uint32(p.Data); family <= 0xffff {
		return family
	}
	return binary.LittleEndian.Uint32(p.Data)
}

// etherTypeOfFamily returns the EtherType for an address family, or 0. AF_INET6
// differs from system to system.
func etherTypeOfFamily(family uint32) uint16 {
	switch family {
	case 2:
		return EtherTypeIPv4
	case 24, 28, 30: // NetBSD and OpenBSD, FreeBSD, macOS
		return EtherTypeIPv6
	}
	return 0
}

// The first bytes of PPP in HDLC-like framing (RFC 1662) and of Cisco HDLC.
const (
	hdlcAllStations    = 0xff
	hdlcUnnumbered     = 0x03
	hdlcCiscoUnicast   = 0x0f
	hdlcCiscoMulticast = 0x8f
	hdlcHeaderLength   = 2
)

func decodeFramedPPP(p *Packet) {
	b := p.Data
	if len(b) < hdlcHeaderLength {
		p.Kind = CutOff
		return
	}
	isCisco := p.Link == LinkPPPHDLC && (b[0] == hdlcCiscoUnicast || b[0] == hdlcCiscoMulticast)
	switch {
	case isCisco && len(b) < hdlcHeaderLength+2:
		p.Kind = CutOff
	case isCisco:
		p.decodeNetwork(binary.BigEndian.Uint16(b[hdlcHeaderLength:]), hdlcHeaderLength+2)
	case b[0] == hdlcAllStations && b[1] == hdlcUnnumbered:
		decodePPP(p, hdlcHeaderLength)
	default:
		decodePPP(p, 0)
	}
}

// decodePPP reads a packet that PPP carries. Its protocol number is at offset.
func decodePPP(p *Packet, offset int) {
	etherType, length := protocolOfPPP(p.Data[offset:])
	if length == 0 {
		p.Kind = CutOff
		return
	}
	p.decodeNetwork(etherType, offset+length)
}

// protocolOfPPP returns the EtherType for the PPP protocol number at the beginning
// of b, or 0, and the length of the number. The length is 0 if b ends before it.
// Only the last byte of a number is odd, so that the first one can be left out
// (RFC 1661).
func protocolOfPPP(b []byte) (etherType uint16, length int) {
	switch {
	case len(b) > 0 && b[0]&1 != 0:
		return etherTypeOfPPP(uint16(b[0])), 1
	case len(b) > 1:
		return etherTypeOfPPP(binary.BigEndian.Uint16(b)), 2
	}
	return 0, 0
}

func etherTypeOfPPP(protocol uint16) uint16 {
	switch protocol {
	case 0x0021:
		return EtherTypeIPv4
	case 0x0057:
		return EtherTypeIPv6
	}
	return 0
}

const (
	pppoeHeaderLength = 6
	pppoeVersionType  = 0x11
	pppoeSession      = 0 // the code of a packet with PPP in it
)

// decodePPPoE reads a packet with a PPPoE header at offset. What is not IP keeps
// the EtherType of PPPoE.
func decodePPPoE(p *Packet, offset int) {
	b := p.Data[offset:]
	if len(b) < pppoeHeaderLength {
		p.Kind = CutOff
		return
	}
	p.EtherType = etherTypePPPoE
	if b[0] != pppoeVersionType || b[1] != pppoeSession {
		p.Kind = NotIP
		return
	}
	etherType, length := protocolOfPPP(b[pppoeHeaderLength:])
	switch {
	case length == 0:
		p.Kind = CutOff
	case etherType == 0:
		p.Kind = NotIP
	default:
		p.PPPoE = true
		decodeIP(p, etherType, offset+pppoeHeaderLength+length)
	}
}
