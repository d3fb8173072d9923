package simulation

import (
	"crypto/sha1" //nolint:gosec // Community ID v1 is defined with SHA-1, and protects nothing
	"encoding/base64"
	"encoding/binary"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// flowHash is the SHA-1 of which a Community ID v1 is made
// (https://github.com/corelight/community-id-spec).
type flowHash [sha1.Size]byte

// hashFlow returns the hash of a packet's flow, with the seed 0. It is the same for both
// directions of a flow, and for the same flow in other programs. A packet whose flow is not known
// has none: it has no IP header, or it is a later fragment or cut off, and so lacks the ports.
func hashFlow(p *packet.Packet) (hash flowHash, ok bool) {
	if !p.IsIP() {
		return hash, false
	}
	ports := hashedPorts(p)
	if ports.missing {
		return hash, false
	}
	var room [2 + 16 + 16 + 2 + 4]byte
	b := room[:2] // the seed
	if !ports.isOneWay && isSwapped(p, ports) {
		b = appendAddress(appendAddress(b, p.Kind, p.Destination), p.Kind, p.Source)
		ports.from, ports.to = ports.to, ports.from
	} else {
		b = appendAddress(appendAddress(b, p.Kind, p.Source), p.Kind, p.Destination)
	}
	b = append(b, p.Protocol, 0)
	if ports.isHashed {
		b = binary.BigEndian.AppendUint16(b, ports.from)
		b = binary.BigEndian.AppendUint16(b, ports.to)
	}
	return sha1.Sum(b), true //nolint:gosec // see the import
}

// flowPorts are the two numbers that tell apart the flows between two addresses.
type flowPorts struct {
	from, to uint16
	isHashed bool // false: the protocol has none
	isOneWay bool // the flow has no other direction
	missing  bool // the protocol has them, and the packet does not
}

// isSwapped reports whether the destination is the lower side.
func isSwapped(p *packet.Packet, ports flowPorts) bool {
	switch {
	case p.Source.High != p.Destination.High:
		return p.Source.High > p.Destination.High
	case p.Source.Low != p.Destination.Low:
		return p.Source.Low > p.Destination.Low
	}
	return ports.from > ports.to
}

func appendAddress(b []byte, kind packet.Kind, a packet.Address) []byte {
	if kind == packet.IPv4 {
		return binary.BigEndian.AppendUint32(b, uint32(a.Low))
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, a.High), a.Low)
}

// protocolSCTP has ports, which no rule matches.
const protocolSCTP = 132

func hashedPorts(p *packet.Packet) flowPorts {
	switch {
	case p.HasPorts:
		return flowPorts{from: p.SourcePort, to: p.DestinationPort, isHashed: true}
	case p.Protocol == packet.ProtocolTCP || p.Protocol == packet.ProtocolUDP:
		return flowPorts{missing: true}
	case p.Protocol == protocolSCTP:
		message := transport(p)
		if len(message) < 4 {
			return flowPorts{missing: true}
		}
		return flowPorts{from: binary.BigEndian.Uint16(message), to: binary.BigEndian.Uint16(message[2:]), isHashed: true}
	case isICMP(p):
		message := transport(p)
		if len(message) < 2 {
			return flowPorts{missing: true}
		}
		return icmpPorts(p.Kind, message[0], message[1])
	}
	return flowPorts{}
}

// isICMP reports whether the packet is ICMP over IPv4 or ICMPv6 over IPv6.
func isICMP(p *packet.Packet) bool {
	return p.Protocol == packet.ProtocolICMP && p.Kind == packet.IPv4 || p.Protocol == packet.ProtocolICMPv6 && p.Kind == packet.IPv6
}

// transport returns the packet from its transport header on, as far as it was captured. A later
// fragment has none.
func transport(p *packet.Packet) []byte {
	if p.Fragment == packet.LaterFragment {
		return nil
	}
	end := min(p.IPOffset+p.IPLength, len(p.Data))
	return p.Data[min(p.TransportOffset, end):end]
}

// icmpPorts returns the type of a message and that of its answer. A message without an answer has
// its type and its code.
func icmpPorts(kind packet.Kind, icmpType, code byte) flowPorts {
	answers := icmpAnswers[:]
	if kind == packet.IPv6 {
		answers = icmpv6Answers[:]
	}
	for _, pair := range answers {
		switch icmpType {
		case pair[0]:
			return flowPorts{from: uint16(pair[0]), to: uint16(pair[1]), isHashed: true}
		case pair[1]:
			return flowPorts{from: uint16(pair[1]), to: uint16(pair[0]), isHashed: true}
		}
	}
	return flowPorts{from: uint16(icmpType), to: uint16(code), isHashed: true, isOneWay: true}
}

// The types of messages that belong together, by the numbers of IANA
// (https://www.iana.org/assignments/icmp-parameters and
// https://www.iana.org/assignments/icmpv6-parameters).
var (
	icmpAnswers = [...][2]byte{
		{8, 0},   // echo
		{10, 9},  // router solicitation and advertisement
		{13, 14}, // timestamp
		{15, 16}, // information
		{17, 18}, // address mask
	}
	icmpv6Answers = [...][2]byte{
		{128, 129}, // echo
		{130, 131}, // multicast listener query and report
		{133, 134}, // router solicitation and advertisement
		{135, 136}, // neighbour solicitation and advertisement
		{139, 140}, // node information
		{144, 145}, // home agent address discovery
	}
)

// append appends the Community ID.
func (h *flowHash) append(b []byte) []byte {
	return base64.StdEncoding.AppendEncode(append(b, "1:"...), h[:])
}

// number returns 48 bits of the hash, which any program that reads JSON keeps exact.
func (h *flowHash) number() int64 { return int64(binary.BigEndian.Uint64(h[:]) >> 16) }
