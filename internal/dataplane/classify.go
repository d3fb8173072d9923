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

func wayOf(d mirror.Direction) way {
	if d == mirror.Egress {
		return egress
	}
	return ingress
}

// session is a Session as the hot path wants it: what every packet asks for stands
// first.
type session struct {
	runs      [2]run // by way
	number    int
	limit     int // bytes of a frame that are copied
	limitedBy Truncation
	lost      Reason // why no copy arrives; 0: copies arrive
	dns       bool
	dnsRule   [2]int32 // its line of a Tally, by way
	vni       uint32
	target    mirror.Endpoint
}

// run is the rules of a session in one direction, those for IPv4 and those for
// IPv6, each by ascending number, and where there are many of them with a table.
type run struct {
	ipv4           []rule4
	ipv6           []rule6
	table4, table6 *table
}

// rule4 and rule6 are mirror.Rule compiled. An address matches if it differs from
// the prefix in no bit of the mask.
//
// Ports are numbers of 17 bits: a packet without ports has the port noPort, which
// lies in the range of a rule that does not ask for ports (0 to noPort) and in no
// other (assumption A0004).
type rule4 struct {
	source, sourceMask           uint32
	destination, destinationMask uint32
	rest                         ruleRest
}

type rule6 struct {
	source, sourceMask           packet.Address
	destination, destinationMask packet.Address
	rest                         ruleRest
}

type ruleRest struct {
	sourcePort, sourceSpan           uint32 // the lowest port, and the distance of the highest
	destinationPort, destinationSpan uint32
	protocol, protocolMask           uint8
	reject                           bool
	info                             int32 // its place in Source.rules, from 1
}

const noPort = 1 << 16

// ruleInfo is what a Tally has to know of a rule.
type ruleInfo struct {
	session   int // index into Source.sessions
	direction mirror.Direction
	number    int // 0: the network service amazon-dns
}

// arena is where the rules of all sessions stand, one behind the other in the order
// in which a packet asks them.
type arena struct {
	ipv4    [2][]rule4 // by way
	ipv6    [2][]rule6
	ordered []*mirror.Rule // of one session and direction, while they are compiled
}

// newArena has room for the rules of the sessions, so that they never move.
func newArena(sessions []Session) *arena {
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
	a := &arena{}
	for w := range ipv4 {
		a.ipv4[w], a.ipv6[w] = make([]rule4, 0, ipv4[w]), make([]rule6, 0, ipv6[w])
	}
	return a
}

// inDirection is mirror.Filter.InDirection without a copy of the rules. They are
// valid until the next call.
func (a *arena) inDirection(rules []mirror.Rule, d mirror.Direction) []*mirror.Rule {
	a.ordered = a.ordered[:0]
	for i := range rules {
		if rules[i].Direction == d {
			a.ordered = append(a.ordered, &rules[i])
		}
	}
	slices.SortFunc(a.ordered, func(x, y *mirror.Rule) int { return cmp.Compare(x.Number, y.Number) })
	return a.ordered
}

func (s *Source) compile(given Session, a *arena) session {
	c := session{
		number: given.Number, vni: uint32(given.Number), target: given.Target,
		dns: slices.Contains(given.Filter.NetworkServices, mirror.AmazonDNS),
	}
	if given.VirtualNetworkID != nil {
		c.vni = uint32(*given.VirtualNetworkID)
	}
	c.limit, c.limitedBy = s.options.limit(given)
	c.lost = lostBy(given.Target)
	for _, d := range mirror.Directions {
		rules, w := a.inDirection(given.Filter.Rules, d), wayOf(d)
		begin4, begin6 := len(a.ipv4[w]), len(a.ipv6[w])
		for _, r := range rules {
			a.add(w, r, s.register(ruleInfo{len(s.sessions), d, r.Number}))
		}
		run := &c.runs[w]
		run.ipv4, run.ipv6 = a.ipv4[w][begin4:], a.ipv6[w][begin6:]
		run.table4 = newTable(rules, len(run.ipv4), netip.Addr.Is4)
		run.table6 = newTable(rules, len(run.ipv6), netip.Addr.Is6)
		if c.dns {
			c.dnsRule[w] = s.register(ruleInfo{len(s.sessions), d, 0})
		}
	}
	return c
}

func (s *Source) register(info ruleInfo) int32 {
	s.rules = append(s.rules, info)
	return int32(len(s.rules))
}

func (a *arena) add(w way, given *mirror.Rule, info int32) {
	rest := ruleRest{reject: given.Action == mirror.Reject, info: info}
	rest.sourcePort, rest.sourceSpan = portSpan(given.SourcePorts)
	rest.destinationPort, rest.destinationSpan = portSpan(given.DestinationPorts)
	if given.Protocol != nil {
		rest.protocol, rest.protocolMask = uint8(*given.Protocol), 0xff
	}
	source, destination := packet.AddressOf(given.SourceCIDR.Addr()), packet.AddressOf(given.DestinationCIDR.Addr())
	if given.SourceCIDR.Addr().Is4() {
		a.ipv4[w] = append(a.ipv4[w], rule4{
			uint32(source.Low), mask4(given.SourceCIDR.Bits()),
			uint32(destination.Low), mask4(given.DestinationCIDR.Bits()), rest,
		})
		return
	}
	a.ipv6[w] = append(a.ipv6[w], rule6{
		source, mask6(given.SourceCIDR.Bits()), destination, mask6(given.DestinationCIDR.Bits()), rest,
	})
}

func portSpan(ports *mirror.PortRange) (low, span uint32) {
	if ports == nil {
		return 0, noPort
	}
	return uint32(ports.From), uint32(ports.To - ports.From)
}

func mask4(bits int) uint32 { return ^uint32(0) << (32 - bits) }

func mask6(bits int) packet.Address {
	if bits <= 64 {
		return packet.Address{High: ^uint64(0) << (64 - bits)}
	}
	return packet.Address{High: ^uint64(0), Low: ^uint64(0) << (128 - bits)}
}

// key is what rules ask about a packet, beside its addresses.
type key struct {
	sourcePort, destinationPort uint32
	protocol                    uint8
}

func keyOf(p *packet.Packet) key {
	if !p.HasPorts {
		return key{noPort, noPort, p.Protocol}
	}
	return key{uint32(p.SourcePort), uint32(p.DestinationPort), p.Protocol}
}

func (r *ruleRest) matches(k key) bool {
	return k.protocol&r.protocolMask == r.protocol &&
		k.sourcePort-r.sourcePort <= r.sourceSpan &&
		k.destinationPort-r.destinationPort <= r.destinationSpan
}

// first returns the first rule that matches the packet, or nil.
func (r *run) first(p *packet.Packet, k key) *ruleRest {
	switch {
	case p.Kind == packet.IPv4 && r.table4 != nil:
		if i := r.table4.first(p.Source, p.Destination, k); i >= 0 {
			return &r.ipv4[i].rest
		}
		return nil
	case p.Kind == packet.IPv4:
		return first4(r.ipv4, uint32(p.Source.Low), uint32(p.Destination.Low), k)
	case r.table6 != nil:
		if i := r.table6.first(p.Source, p.Destination, k); i >= 0 {
			return &r.ipv6[i].rest
		}
		return nil
	}
	return first6(r.ipv6, p.Source, p.Destination, k)
}

func first4(rules []rule4, source, destination uint32, k key) *ruleRest {
	for i := range rules {
		r := &rules[i]
		differs := (source^r.source)&r.sourceMask | (destination^r.destination)&r.destinationMask
		if differs == 0 && r.rest.matches(k) {
			return &r.rest
		}
	}
	return nil
}

func first6(rules []rule6, source, destination packet.Address, k key) *ruleRest {
	for i := range rules {
		r := &rules[i]
		differs := (source.High^r.source.High)&r.sourceMask.High | (source.Low^r.source.Low)&r.sourceMask.Low |
			(destination.High^r.destination.High)&r.destinationMask.High | (destination.Low^r.destination.Low)&r.destinationMask.Low
		if differs == 0 && r.rest.matches(k) {
			return &r.rest
		}
	}
	return nil
}
