package analysis

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Usual packets come from a client of another network, whose port is ephemeral.
const (
	clientPort = 50000
	serverPort = 443
)

// The addresses of a usual packet that the interface receives, and others that are taken if
// the packet must have others. The first ones are the most usual.
var (
	remotes4 = numbers("10.1.2.3", "172.16.0.20", "192.168.0.20", "198.51.100.20", "203.0.113.20", "192.0.2.20", "1.0.0.20", "128.0.0.20")
	locals4  = numbers("10.0.1.10", "172.16.0.10", "192.168.0.10", "198.51.100.10", "203.0.113.10", "192.0.2.10", "1.0.0.10", "128.0.0.10")
	remotes6 = numbers("2001:db8:2::3", "fd00::20", "2a00::20")
	locals6  = numbers("2001:db8:1::10", "fd00::10", "2a00::10")
)

func numbers(texts ...string) []number {
	all := make([]number, len(texts))
	for i, text := range texts {
		all[i] = addressNumber(netip.MustParseAddr(text))
	}
	return all
}

// Blocks of addresses that few packets have: "this host", loopback, link-local and multicast
// addresses (https://www.iana.org/assignments/iana-ipv4-special-registry).
var (
	unusual4 = blocks("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
	unusual6 = blocks("::/64", "fd00:ec2::/64", "fe80::/10", "ff00::/8")
)

func blocks(texts ...string) []interval {
	all := make([]interval, len(texts))
	for i, text := range texts {
		all[i] = prefixInterval(netip.MustParsePrefix(text))
	}
	return all
}

// isUsual reports whether a host can have the address. It may not, if its last bits are all 0
// or all 1.
func isUsual(n number, is4 bool) bool {
	if !is4 {
		return n.low != 0 && !isWithin(interval{n, n}, unusual6)
	}
	return n.low&0xff != 0 && n.low&0xff != 0xff && !isWithin(interval{n, n}, unusual4)
}

// isBesideUsual reports whether an interval of addresses has none of the most usual ones.
func isBesideUsual(axis int, i interval, is4 bool) bool {
	if axis != sourceAxis && axis != destinationAxis {
		return false
	}
	return is4 && !i.contains(locals4[0]) && !i.contains(remotes4[0]) || !is4 && !i.contains(locals6[0]) && !i.contains(remotes6[0])
}

func isWithin(i interval, blocks []interval) bool {
	for _, b := range blocks {
		if b.covers(i) {
			return true
		}
	}
	return false
}

// costOf returns how unusual a packet with these numbers on an axis is. There is no scale; a
// packet without ports counts more than anything else.
func costOf(axis int, i interval, is4 bool) int32 {
	switch axis {
	case sourceAxis, destinationAxis:
		if is4 && isWithin(i, unusual4) || !is4 && isWithin(i, unusual6) {
			return 5 - int32(axis) // rather an unusual destination
		}
		if i.first == i.last && !isUsual(i.first, is4) {
			return 2
		}
	case kindAxis:
		return costOfKinds(int(i.first.low), int(i.last.low), is4)
	case sourcePortAxis:
		if !i.contains(small(clientPort)) {
			return 1
		}
	}
	if axis != sourceAxis && axis != destinationAxis && i.last == (number{}) {
		return 2 // port 0
	}
	return 0
}

func costOfKinds(first, last int, is4 bool) int32 {
	kind := chooseKind(first, last, is4)
	switch p, hasPorts := protocolOf(kind); {
	case hasPorts:
		return 0
	case isLaterFragment(p, is4):
		return 16
	}
	return 1
}

// isLaterFragment reports whether the packets without ports that have the protocol are later
// fragments. An extension header of IPv6 is a protocol only there: in other packets, the
// protocol is behind it (assumption A0115).
func isLaterFragment(p mirror.Protocol, is4 bool) bool {
	switch p {
	case mirror.TCP, mirror.UDP:
		return true
	case mirror.HOPOPT, 43, 44, 51, 60: // RFC 8200, RFC 4302
		return !is4
	}
	return false
}

// chooseKind returns the most usual kind of an interval.
func chooseKind(first, last int, is4 bool) int {
	icmp, _ := kindsOf(mirror.ICMP)
	if !is4 {
		icmp, _ = kindsOf(mirror.ICMPv6)
	}
	for _, kind := range []int{tcpKind, udpKind, icmp} {
		if first <= kind && kind <= last {
			return kind
		}
	}
	for kind := first; kind <= last; kind++ {
		if p, _ := protocolOf(kind); !isLaterFragment(p, is4) {
			return kind
		}
	}
	return first
}

// chooseAddress returns the first preferred address of an interval, or another usual one, or
// its first. It avoids an address if it can.
func chooseAddress(i interval, is4 bool, avoid number, preferred []number) number {
	for _, n := range preferred {
		if i.contains(n) && n != avoid {
			return n
		}
	}
	for _, n := range []number{i.first, i.first.next(), i.first.next().next(), i.last.previous(), i.last} {
		if i.contains(n) && n != avoid && isUsual(n, is4) {
			return n
		}
	}
	if i.first == avoid && i.first != i.last {
		return i.first.next()
	}
	return i.first
}

// choosePort returns the preferred port if the interval has it, or its lowest one above 0.
func choosePort(i interval, preferred int) uint16 {
	switch {
	case i.contains(small(preferred)):
		return uint16(preferred)
	case i.first == (number{}) && i.last != (number{}):
		return 1
	}
	return uint16(i.first.low)
}

// header returns a usual packet of a box.
func (b box) header(d mirror.Direction, is4 bool) mirror.Header {
	local, remote := locals4, remotes4
	if !is4 {
		local, remote = locals6, remotes6
	}
	if d == mirror.Egress {
		local, remote = remote, local
	}
	destination := chooseAddress(b[destinationAxis], is4, number{}, local)
	source := chooseAddress(b[sourceAxis], is4, destination, remote)
	if source == destination {
		destination = chooseAddress(b[destinationAxis], is4, source, local)
	}
	h := mirror.Header{Direction: d, Source: source.address(is4), Destination: destination.address(is4)}
	kind := b[kindAxis]
	h.Protocol, h.HasPorts = protocolOf(chooseKind(int(kind.first.low), int(kind.last.low), is4))
	if !h.HasPorts {
		return h
	}
	client, server := clientPort, serverPort
	if !b[sourcePortAxis].contains(small(client)) && b[destinationPortAxis].contains(small(client)) {
		client, server = server, client // the server's answer
	}
	h.SourcePort, h.DestinationPort = choosePort(b[sourcePortAxis], client), choosePort(b[destinationPortAxis], server)
	return h
}

// reply returns the header of the reply to a packet.
func reply(h mirror.Header) mirror.Header {
	h.Source, h.Destination = h.Destination, h.Source
	h.SourcePort, h.DestinationPort = h.DestinationPort, h.SourcePort
	if h.Direction == mirror.Ingress {
		h.Direction = mirror.Egress
	} else {
		h.Direction = mirror.Ingress
	}
	return h
}
