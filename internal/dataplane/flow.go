package dataplane

import (
	"encoding/binary"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The outer source ports of the real capture: 0xff80 and seven bits of a hash.
const (
	lowestSourcePort = 0xff80
	sourcePortBits   = 7
)

// SourcePort returns the outer UDP source port of a packet's copies: a hash of
// its addresses, protocol and ports. It is the same for both directions of a
// flow. AWS documents what is hashed, but not which hash is used (assumption
// A0110).
func SourcePort(p *packet.Packet) uint16 {
	return lowestSourcePort | uint16(flowHash(p)>>(64-sourcePortBits))
}

// flowHash is the same for both directions because the sum and the exclusive or
// of two numbers do not depend on their order.
func flowHash(p *packet.Packet) uint64 {
	a, b := flowPorts(p)
	h := mix(p.Source.High+p.Destination.High, p.Source.High^p.Destination.High)
	h = mix(h^(p.Source.Low+p.Destination.Low), p.Source.Low^p.Destination.Low)
	return mix(h^uint64(p.Protocol), uint64(a+b)<<32|uint64(a^b))
}

// mix spreads two numbers over the upper bits of one (the multipliers are those
// of SplitMix64).
func mix(a, b uint64) uint64 {
	a = (a ^ b*0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9
	return (a ^ a>>31) * 0x94d049bb133111eb
}

// flowPorts returns the two numbers that distinguish flows between the same
// addresses: the ports of TCP and UDP, or the identifier of an ICMP echo, which
// request and reply share. Fragments have none, because only the first fragment
// has ports, and all of them take the same way.
func flowPorts(p *packet.Packet) (a, b uint32) {
	switch {
	case p.Fragment != packet.Whole:
		return 0, 0
	case p.HasPorts:
		return uint32(p.SourcePort), uint32(p.DestinationPort)
	}
	id, _ := EchoIdentifier(p)
	return uint32(id), uint32(id)
}

// EchoIdentifier returns the identifier of an ICMP or ICMPv6 echo, which request and reply share.
// ok is false if the packet is no echo, or if it is a later fragment or cut off before it.
func EchoIdentifier(p *packet.Packet) (id uint16, ok bool) {
	if p.Fragment == packet.LaterFragment || !isEcho(p) {
		return 0, false
	}
	return binary.BigEndian.Uint16(p.Data[p.TransportOffset+4:]), true
}

func isEcho(p *packet.Packet) bool {
	if !p.IsIP() || p.IPOffset+p.IPLength < p.TransportOffset+6 {
		return false
	}
	kind := p.Data[p.TransportOffset]
	switch {
	case p.Kind == packet.IPv4 && p.Protocol == packet.ProtocolICMP:
		return kind == 8 || kind == 0
	case p.Kind == packet.IPv6 && p.Protocol == packet.ProtocolICMPv6:
		return kind == 128 || kind == 129
	}
	return false
}
