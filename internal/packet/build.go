package packet

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Spec describes a packet. Build makes an Ethernet frame from it.
type Spec struct {
	Protocol        uint8
	Source          netip.Addr
	Destination     netip.Addr
	SourcePort      *uint16 // set iff Protocol is TCP or UDP, and the packet is no later fragment
	DestinationPort *uint16 // set iff SourcePort is
	LaterFragment   bool    // a fragment after the first: it has no transport header
	SourceMAC       [6]byte
	DestinationMAC  [6]byte
	VLAN            *uint16 // the ID of an 802.1Q tag; nil: no tag
	Length          int     // of the frame with its Ethernet header; 0: no payload
}

// A SpecError says what is wrong with a Spec.
type SpecError struct {
	Field string // "source_port"; empty if several fields contradict each other
	Wrong string // as a predicate: `is 30, too short for its headers`
	Fix   string // what to write instead, as a sentence
}

// Error returns the problem on one line.
func (e *SpecError) Error() string {
	if e.Field == "" {
		return e.Wrong + ". " + e.Fix
	}
	return e.Field + " " + e.Wrong + ". " + e.Fix
}

const maxVLAN = 4094 // 4095 is reserved (IEEE 802.1Q)

// Build makes the frame: an Ethernet header, a tag if there is one, an IP header
// without options, a transport header and zeros, with valid lengths and
// checksums. TCP is a segment of an established connection (only ACK is set).
// ICMP is an echo request. Other protocols get no transport header. A later fragment is the
// last one of its datagram.
func Build(s Spec) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	length := max(s.Length, s.headerLength())
	b := make([]byte, 0, length)
	b = s.appendLink(b)
	b = s.appendNetwork(b, length-len(b))
	transport := len(b)
	b = s.appendTransport(b, length-len(b))
	b = append(b, make([]byte, length-len(b))...)
	if !s.LaterFragment {
		s.fillChecksum(b[transport:])
	}
	return b, nil
}

func (s Spec) check() error {
	if err := s.checkAddresses(); err != nil {
		return err
	}
	if err := s.checkPort("source_port", s.SourcePort); err != nil {
		return err
	}
	if err := s.checkPort("destination_port", s.DestinationPort); err != nil {
		return err
	}
	if s.VLAN != nil && *s.VLAN > maxVLAN {
		return &SpecError{"vlan", fmt.Sprintf("is %d", *s.VLAN), fmt.Sprintf("Write a VLAN ID from 0 to %d.", maxVLAN)}
	}
	return s.checkLength()
}

func (s Spec) checkAddresses() error {
	for _, a := range []struct {
		field string
		addr  netip.Addr
	}{{"source", s.Source}, {"destination", s.Destination}} {
		switch {
		case !a.addr.IsValid():
			return &SpecError{a.field, "is missing", `Write an IP address such as "10.0.1.10" or "2001:db8::10".`}
		case a.addr.Is4In6() || a.addr.Zone() != "":
			return &SpecError{a.field, fmt.Sprintf("is %q, which no packet carries", a.addr), fmt.Sprintf("Write %q.", a.addr.Unmap().WithZone(""))}
		}
	}
	if s.Source.Is4() != s.Destination.Is4() {
		return &SpecError{
			"destination", fmt.Sprintf("is %s, of another address family than source, %s", s.Destination, s.Source),
			"Write both as IPv4 or both as IPv6.",
		}
	}
	if s.Source.Is6() && isExtension(s.Protocol) {
		return &SpecError{
			"protocol", fmt.Sprintf("is %d, which is an extension header in IPv6", s.Protocol),
			"Write the protocol behind it, such as tcp, udp or icmpv6.",
		}
	}
	return nil
}

func (s Spec) checkPort(field string, port *uint16) error {
	switch {
	case s.LaterFragment && port != nil:
		return &SpecError{field, "is set for a later fragment, which has no ports", "Leave it out."}
	case s.LaterFragment:
		return nil
	case hasPorts(s.Protocol) && port == nil:
		return &SpecError{field, "is missing", "Write a port from 0 to 65535: a TCP or UDP packet has both ports."}
	case !hasPorts(s.Protocol) && port != nil:
		return &SpecError{field, fmt.Sprintf("is set for protocol %d, which has no ports", s.Protocol), "Leave it out, or write tcp or udp as protocol."}
	}
	return nil
}

func (s Spec) checkLength() error {
	least := s.headerLength()
	most := s.linkLength() + 0xffff
	if s.Source.Is6() {
		most += ipv6HeaderLength // its length field does not count the header
	}
	if s.Length != 0 && (s.Length < least || s.Length > most) {
		return &SpecError{
			"length", fmt.Sprintf("is %d", s.Length),
			fmt.Sprintf("Write the length of the frame with its Ethernet header, for this packet from %d to %d.", least, most),
		}
	}
	return nil
}

func (s Spec) linkLength() int {
	if s.VLAN != nil {
		return EthernetHeaderLength + 4
	}
	return EthernetHeaderLength
}

func (s Spec) headerLength() int {
	length := s.linkLength() + s.transportLength()
	if s.Source.Is4() {
		return length + ipv4HeaderLength
	}
	if s.LaterFragment {
		length += fragmentHeaderLength
	}
	return length + ipv6HeaderLength
}

func (s Spec) transportLength() int {
	switch {
	case s.LaterFragment:
		return 0
	case s.Protocol == ProtocolTCP:
		return tcpHeaderLength
	case s.Protocol == ProtocolUDP:
		return udpHeaderLength
	case s.isEcho():
		return icmpHeaderLength
	}
	return 0
}

// isEcho reports whether the protocol is the ICMP of the address family.
func (s Spec) isEcho() bool {
	if s.Source.Is4() {
		return s.Protocol == ProtocolICMP
	}
	return s.Protocol == ProtocolICMPv6
}

func (s Spec) appendLink(b []byte) []byte {
	etherType := uint16(EtherTypeIPv6)
	if s.Source.Is4() {
		etherType = EtherTypeIPv4
	}
	if s.VLAN == nil {
		return EthernetHeader{s.DestinationMAC, s.SourceMAC, etherType}.Append(b)
	}
	b = EthernetHeader{s.DestinationMAC, s.SourceMAC, etherTypeCTag}.Append(b)
	b = binary.BigEndian.AppendUint16(b, *s.VLAN)
	return binary.BigEndian.AppendUint16(b, etherType)
}

const (
	defaultTTL     = 64  // RFC 1700, and what Linux sends
	fragmentOffset = 185 // of a later fragment, in units of 8 bytes: the first took an MTU of 1500
)

func (s Spec) appendNetwork(b []byte, length int) []byte {
	if s.Source.Is4() {
		return IPv4Header{
			TotalLength: uint16(length), DontFragment: !s.LaterFragment, FragmentOffset: s.fragmentOffset(), TTL: defaultTTL, Protocol: s.Protocol,
			Source: s.Source, Destination: s.Destination,
		}.Append(b)
	}
	h := IPv6Header{
		PayloadLength: uint16(length - ipv6HeaderLength), NextHeader: s.Protocol, HopLimit: defaultTTL,
		Source: s.Source, Destination: s.Destination,
	}
	if !s.LaterFragment {
		return h.Append(b)
	}
	h.NextHeader = extensionFragment
	b = append(h.Append(b), s.Protocol, 0)
	b = binary.BigEndian.AppendUint16(b, s.fragmentOffset()<<3)
	return binary.BigEndian.AppendUint32(b, 0) // identification
}

func (s Spec) fragmentOffset() uint16 {
	if s.LaterFragment {
		return fragmentOffset
	}
	return 0
}

func (s Spec) appendTransport(b []byte, length int) []byte {
	switch {
	case s.LaterFragment:
	case s.Protocol == ProtocolTCP:
		const ack = 0x10
		b = binary.BigEndian.AppendUint16(b, *s.SourcePort)
		b = binary.BigEndian.AppendUint16(b, *s.DestinationPort)
		b = binary.BigEndian.AppendUint32(b, 1)
		b = binary.BigEndian.AppendUint32(b, 1)
		return append(b, tcpHeaderLength/4<<4, ack, 0xff, 0xff, 0, 0, 0, 0)
	case s.Protocol == ProtocolUDP:
		// The length of a jumbogram would not fit (RFC 2675). checkLength refuses
		// jumbograms.
		return UDPHeader{*s.SourcePort, *s.DestinationPort, uint16(length)}.Append(b)
	case s.isEcho() && s.Source.Is4():
		return append(b, 8, 0, 0, 0, 0, 1, 0, 1)
	case s.isEcho():
		return append(b, 128, 0, 0, 0, 0, 1, 0, 1)
	}
	return b
}

// fillChecksum writes the checksum of the transport header at the beginning of b.
func (s Spec) fillChecksum(b []byte) {
	pseudo := PseudoHeader(s.Source, s.Destination, s.Protocol, len(b))
	switch {
	case s.Protocol == ProtocolTCP:
		binary.BigEndian.PutUint16(b[16:], Checksum(pseudo, b))
	case s.Protocol == ProtocolUDP:
		// 0 means that there is no checksum (RFC 768).
		sum := Checksum(pseudo, b)
		if sum == 0 {
			sum = 0xffff
		}
		binary.BigEndian.PutUint16(b[6:], sum)
	case s.isEcho() && s.Source.Is4():
		binary.BigEndian.PutUint16(b[2:], Checksum(0, b))
	case s.isEcho():
		binary.BigEndian.PutUint16(b[2:], Checksum(pseudo, b))
	}
}
