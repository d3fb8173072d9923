package dataplane

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// way is an index by direction.
type way uint8

const (
	ingress way = iota
	egress
)

// ways are the directions, by way.
var ways = [2]mirror.Direction{ingress: mirror.Ingress, egress: mirror.Egress}

func wayOf(d mirror.Direction) way {
	if d == mirror.Egress {
		return egress
	}
	return ingress
}

// session is a Session, prepared for the hot path.
type session struct {
	number    int
	limit     int // bytes of a frame that are copied
	limitedBy Truncation
	lost      Reason // why no copy arrives; 0: copies arrive
	unknown   UnknownSet
	dns       bool
	dnsRule   [2]int32 // index of its line in a Tally, by way
	end4      [2]int   // index after its last rule in the lists, by way
	end6      [2]int
	vni       uint32
	target    mirror.Endpoint
	sticky    bool               // all copies go to one appliance
	ports     map[netip.Addr]int // on which appliances get copies, where that is not the port of copies
}

// list is the rules of all sessions in one direction, IPv4 and IPv6 apart. They
// are in the order in which they are tried: by session number, then by rule
// number. A list of many rules has a table.
//
// There is one list for all sessions: with many interfaces, a list per session
// would cost too many cache misses.
type list struct {
	ipv4           []rule4
	ipv6           []rule6
	table4, table6 *table
}

// rule4 and rule6 are mirror.Rule compiled. An address matches if it equals the
// prefix in all bits of the mask. The two addresses of IPv4 are in one number.
type rule4 struct {
	addresses, mask uint64
	rest            ruleRest
}

type rule6 struct {
	source, sourceMask           packet.Address
	destination, destinationMask packet.Address
	rest                         ruleRest
}

// ruleRest is what both families have in common. A rule with ports also requires
// that withoutPorts is not set (assumption A0004).
type ruleRest struct {
	sourcePort, sourceSpan           uint16 // the lowest port, and how far the highest is above it
	destinationPort, destinationSpan uint16
	protocol, protocolMask           uint16
	info                             int32 // its place in Source.rules, from 1
}

// withoutPorts is a bit next to the packet's protocol: the packet has no ports.
// In a table such a packet has the port noPort. Only the spans of rules without
// ports contain it.
const (
	withoutPorts = 1 << 8
	noPort       = 1 << 16
)

// ruleInfo is what is needed of a rule that matches.
type ruleInfo struct {
	session int32 // index into Source.sessions
	number  int32 // 0: the network service amazon-dns
	way     way
	reject  bool
}

// newLists returns empty lists with capacity for the rules of the sessions.
func newLists(sessions []Session) (lists [2]list) {
	var ipv4, ipv6 [2]int
	for i := range sessions {
		for j := range sessions[i].Filter.Rules {
			r := &sessions[i].Filter.Rules[j]
			count := &ipv6
			if r.SourceCIDR.Addr().Is4() {
				count = &ipv4
			}
			count[wayOf(r.Direction)]++
		}
	}
	for w := range lists {
		lists[w].ipv4, lists[w].ipv6 = make([]rule4, 0, ipv4[w]), make([]rule6, 0, ipv6[w])
	}
	return lists
}

// compile prepares the sessions. They are in ascending order of their numbers.
func (s *Source) compile(sessions []Session) {
	s.lists = newLists(sessions)
	s.sessions = make([]session, len(sessions))
	var ordered [2][]*mirror.Rule // of all sessions, by way
	for i := range sessions {
		given, c := &sessions[i], &s.sessions[i]
		*c = s.options.newSession(given, s.own.iface)
		for w, d := range ways {
			begin := len(ordered[w])
			ordered[w] = appendRules(ordered[w], given.Filter.Rules, d)
			for _, r := range ordered[w][begin:] {
				s.lists[w].add(r, register(&s.rules, ruleInfo{int32(i), int32(r.Number), way(w), r.Action == mirror.Reject}))
			}
			c.end4[w], c.end6[w] = len(s.lists[w].ipv4), len(s.lists[w].ipv6)
			if c.dns {
				c.dnsRule[w] = register(&s.rules, ruleInfo{int32(i), 0, way(w), false})
			}
		}
	}
	for w := range s.lists {
		l := &s.lists[w]
		l.table4, l.table6 = newTable(ordered[w], len(l.ipv4), netip.Addr.Is4), newTable(ordered[w], len(l.ipv6), netip.Addr.Is6)
	}
}

// newSession compiles a session without its rules.
func (o Options) newSession(given *Session, source mirror.Interface) session {
	c := session{
		number: given.Number, vni: uint32(given.Number), target: given.Target,
		dns: slices.Contains(given.Filter.NetworkServices, mirror.AmazonDNS), lost: lostBy(&given.Target, source),
		unknown: unknownsOf(&given.Target, source),
	}
	c.target.Appliances, _ = given.Target.AppliancesFor(source.Zone)
	c.ports, c.sticky = given.Target.AppliancePorts(), given.Target.IsSticky()
	if given.VirtualNetworkID != nil {
		c.vni = uint32(*given.VirtualNetworkID)
	}
	c.limit, c.limitedBy = o.limit(*given)
	return c
}

// appendRules does what mirror.Filter.InDirection does, without copying the
// rules.
func appendRules(to []*mirror.Rule, rules []mirror.Rule, d mirror.Direction) []*mirror.Rule {
	begin := len(to)
	for i := range rules {
		if rules[i].Direction == d {
			to = append(to, &rules[i])
		}
	}
	slices.SortFunc(to[begin:], func(x, y *mirror.Rule) int { return cmp.Compare(x.Number, y.Number) })
	return to
}

// register adds a rule, and returns its number from 1.
func register(rules *[]ruleInfo, info ruleInfo) int32 {
	*rules = append(*rules, info)
	return int32(len(*rules))
}

func (l *list) add(given *mirror.Rule, info int32) {
	rest := ruleRest{info: info, sourceSpan: 0xffff, destinationSpan: 0xffff}
	if given.Protocol != nil {
		rest.protocol, rest.protocolMask = uint16(*given.Protocol), 0xff
	}
	if p := given.SourcePorts; p != nil {
		rest.sourcePort, rest.sourceSpan = uint16(p.From), uint16(p.To-p.From)
		rest.protocolMask |= withoutPorts
	}
	if p := given.DestinationPorts; p != nil {
		rest.destinationPort, rest.destinationSpan = uint16(p.From), uint16(p.To-p.From)
		rest.protocolMask |= withoutPorts
	}
	source, destination := packet.AddressOf(given.SourceCIDR.Addr()), packet.AddressOf(given.DestinationCIDR.Addr())
	if given.SourceCIDR.Addr().Is4() {
		mask := uint64(mask4(given.SourceCIDR.Bits()))<<32 | uint64(mask4(given.DestinationCIDR.Bits()))
		l.ipv4 = append(l.ipv4, rule4{source.Low<<32 | destination.Low, mask, rest})
		return
	}
	l.ipv6 = append(l.ipv6, rule6{
		source, mask6(given.SourceCIDR.Bits()), destination, mask6(given.DestinationCIDR.Bits()), rest,
	})
}

func mask4(bits int) uint32 { return ^uint32(0) << (32 - bits) }

func mask6(bits int) packet.Address {
	if bits <= 64 {
		return packet.Address{High: ^uint64(0) << (64 - bits)}
	}
	return packet.Address{High: ^uint64(0), Low: ^uint64(0) << (128 - bits)}
}

// key is what rules match in a packet, apart from its addresses.
type key struct {
	sourcePort, destinationPort uint32 // or noPort
	protocol                    uint16 // or with withoutPorts
}

func keyOf(p *packet.Packet) key {
	if !p.HasPorts {
		return key{noPort, noPort, uint16(p.Protocol) | withoutPorts}
	}
	return key{uint32(p.SourcePort), uint32(p.DestinationPort), uint16(p.Protocol)}
}

func (r *ruleRest) matches(k key) bool {
	return k.protocol&r.protocolMask == r.protocol &&
		uint16(k.sourcePort)-r.sourcePort <= r.sourceSpan &&
		uint16(k.destinationPort)-r.destinationPort <= r.destinationSpan
}

// first returns the info of the first rule that matches the packet, or 0. It
// skips the first skip4 or skip6 rules.
func (l *list) first(p *packet.Packet, k key, skip4, skip6 int) int32 {
	switch {
	case p.Kind == packet.IPv4 && l.table4 == nil:
		return first4(l.ipv4[skip4:], p.Source.Low<<32|p.Destination.Low, k)
	case p.Kind == packet.IPv4:
		if i := l.table4.first(p.Source, p.Destination, k, skip4); i >= 0 {
			return l.ipv4[i].rest.info
		}
		return 0
	case l.table6 == nil:
		return first6(l.ipv6[skip6:], p.Source, p.Destination, k)
	}
	if i := l.table6.first(p.Source, p.Destination, k, skip6); i >= 0 {
		return l.ipv6[i].rest.info
	}
	return 0
}

func first4(rules []rule4, addresses uint64, k key) int32 {
	for i := range rules {
		r := &rules[i]
		if (addresses^r.addresses)&r.mask == 0 && r.rest.matches(k) {
			return r.rest.info
		}
	}
	return 0
}

func first6(rules []rule6, source, destination packet.Address, k key) int32 {
	for i := range rules {
		r := &rules[i]
		differs := (source.High^r.source.High)&r.sourceMask.High | (source.Low^r.source.Low)&r.sourceMask.Low |
			(destination.High^r.destination.High)&r.destinationMask.High | (destination.Low^r.destination.Low)&r.destinationMask.Low
		if differs == 0 && r.rest.matches(k) {
			return r.rest.info
		}
	}
	return 0
}
