// Package analysis answers questions about filters without a packet. The answers
// are exact: they are about all possible packets, not about samples.
//
// A packet is a point in a space, and a rule is a box. The axes are the fields
// that rules match. IPv4 and IPv6 are two spaces. The package does not process
// packets: package dataplane does.
//
// No rule decides about traffic that EC2 never mirrors, and about Amazon DNS. Both are taken
// into account, with one exception: the resolvers of a VPC at other addresses than the
// link-local ones are not known to a filter. Their traffic is taken as ordinary traffic here.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-filters.html
package analysis

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The axes of a space.
const (
	sourceAxis = iota
	destinationAxis
	kindAxis
	destinationPortAxis
	sourcePortAxis
	axes
)

// The kinds of packets are the protocols. TCP and UDP are two kinds each: with ports, and
// without. Later fragments have no ports, and a rule with a port range does not match them
// (assumption A0004).
const (
	tcpKind         = int(mirror.TCP)
	tcpFragmentKind = tcpKind + 1
	udpKind         = int(mirror.UDP) + 1
	udpFragmentKind = udpKind + 1
	lastKind        = 255 + 2
)

// kindsOf returns the kinds of packets of a protocol.
func kindsOf(p mirror.Protocol) (first, last int) {
	n := int(p)
	switch {
	case p == mirror.TCP:
		return tcpKind, tcpFragmentKind
	case p == mirror.UDP:
		return udpKind, udpFragmentKind
	case p > mirror.UDP:
		n++
		fallthrough
	case p > mirror.TCP:
		n++
	}
	return n, n
}

// protocolOf returns the protocol of a kind, and whether its packets have ports.
func protocolOf(kind int) (p mirror.Protocol, hasPorts bool) {
	switch {
	case kind > udpKind:
		return mirror.Protocol(kind - 2), false
	case kind > tcpKind:
		return mirror.Protocol(kind - 1), kind == udpKind
	}
	return mirror.Protocol(kind), kind == tcpKind
}

// A box is a set of packets of one address family: an interval on each axis. Packets without
// ports have every port.
type box [axes]interval

var (
	everyKind = interval{last: small(lastKind)}
	everyPort = interval{last: small(int(mirror.Ports.Max))}
)

// every returns the box of all packets of an address family.
func every(is4 bool) box {
	b := box{kindAxis: everyKind, sourcePortAxis: everyPort, destinationPortAxis: everyPort}
	b[sourceAxis] = prefixInterval(mirror.EveryIPv6)
	if is4 {
		b[sourceAxis] = prefixInterval(mirror.EveryIPv4)
	}
	b[destinationAxis] = b[sourceAxis]
	return b
}

func (b box) meets(o box) bool {
	for axis := range b {
		if !b[axis].meets(o[axis]) {
			return false
		}
	}
	return true
}

func (b box) covers(o box) bool {
	for axis := range b {
		if !b[axis].covers(o[axis]) {
			return false
		}
	}
	return true
}

// swapped returns the box of the replies to the packets of b.
func (b box) swapped() box {
	b[sourceAxis], b[destinationAxis] = b[destinationAxis], b[sourceAxis]
	b[sourcePortAxis], b[destinationPortAxis] = b[destinationPortAxis], b[sourcePortAxis]
	return b
}

// boxesOf returns the packets of an address family that a rule matches. A rule that is not
// valid may match none. A rule with ports and without a protocol matches TCP and UDP.
func boxesOf(r *mirror.Rule, is4 bool) []box {
	isOfFamily := r.SourceCIDR.IsValid() && r.DestinationCIDR.IsValid() && r.SourceCIDR.Addr().Is4() == is4 && r.DestinationCIDR.Addr().Is4() == is4
	if !isOfFamily {
		return nil
	}
	b := box{
		sourceAxis: prefixInterval(r.SourceCIDR), destinationAxis: prefixInterval(r.DestinationCIDR), kindAxis: everyKind,
		sourcePortAxis: portInterval(r.SourcePorts), destinationPortAxis: portInterval(r.DestinationPorts),
	}
	for axis := range b {
		if b[axis].first.compare(b[axis].last) > 0 {
			return nil
		}
	}
	protocols := []mirror.Protocol{mirror.TCP, mirror.UDP}
	if r.Protocol != nil {
		protocols = []mirror.Protocol{*r.Protocol}
	}
	hasPorts := r.SourcePorts != nil || r.DestinationPorts != nil
	if r.Protocol == nil && !hasPorts {
		return []box{b}
	}
	var boxes []box
	for _, p := range protocols {
		first, last := kindsOf(p)
		if hasPorts {
			last = first
		}
		if b[kindAxis] = (interval{small(first), small(last)}); !hasPorts || p.HasPorts() {
			boxes = append(boxes, b)
		}
	}
	return boxes
}

func portInterval(r *mirror.PortRange) interval {
	if r == nil {
		return everyPort
	}
	return interval{small(max(r.From, 0)), small(min(r.To, int(mirror.Ports.Max)))}
}
