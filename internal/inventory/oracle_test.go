package inventory_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// The values of drawn rules, and packets that differ wherever these rules can differ.
var (
	drawnCIDRs = [2][]string{{"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9"}, {"::/0", "::/0", "2001:db8::/32"}}
	drawnPorts = []*mirror.PortRange{nil, nil, {From: 443, To: 443}, {From: 0, To: 1023}}

	addressesOf = [2][]string{
		{"9.9.9.9", "10.1.1.1", "10.200.1.1", "169.254.169.253", "169.254.169.254"},
		{"2001:db8::1", "2001:db9::1", "fd00:ec2::253", "fd00:ec2::254"},
	}
	portsOf = []uint16{22, 443, 50000, mirror.DNSPort, 67, 546}
)

type dice struct{ *rand.Rand }

func (d dice) filter() mirror.Filter {
	var f mirror.Filter
	if d.IntN(2) == 0 {
		f.NetworkServices = mirror.NetworkServices
	}
	for n := range d.IntN(4) {
		cidrs := drawnCIDRs[d.IntN(2)]
		r := mirror.Rule{
			Number: n + 1, Direction: mirror.Directions[d.IntN(2)], Action: mirror.Actions[d.IntN(2)],
			SourceCIDR: netip.MustParsePrefix(cidrs[d.IntN(len(cidrs))]), DestinationCIDR: netip.MustParsePrefix(cidrs[d.IntN(len(cidrs))]),
		}
		if p := []mirror.Protocol{mirror.TCP, mirror.UDP, mirror.ICMP}[d.IntN(3)]; d.IntN(2) == 0 {
			r.Protocol = &p
			if p.HasPorts() {
				r.SourcePorts, r.DestinationPorts = drawnPorts[d.IntN(len(drawnPorts))], drawnPorts[d.IntN(len(drawnPorts))]
			}
		}
		f.Rules = append(f.Rules, r)
	}
	for _, direction := range mirror.Directions {
		if d.IntN(2) == 0 {
			f.Rules = append(f.Rules, everything(mirror.Accept, direction)...)
		}
	}
	return f
}

// allPackets returns a packet for everything that drawn rules can tell apart.
func allPackets(hasIPv6 bool) []packet.Packet {
	var all []packet.Packet
	for family, kind := range []packet.Kind{packet.IPv4, packet.IPv6} {
		if kind == packet.IPv6 && !hasIPv6 {
			continue
		}
		for _, source := range addressesOf[family] {
			for _, destination := range addressesOf[family] {
				p := packet.Packet{
					Link: packet.LinkRaw, Kind: kind, Source: packet.AddressOf(netip.MustParseAddr(source)), Destination: packet.AddressOf(netip.MustParseAddr(destination)),
				}
				for _, p.Protocol = range []uint8{packet.ProtocolICMP, packet.ProtocolTCP, packet.ProtocolUDP, 47} {
					p.Fragment, p.HasPorts = packet.Whole, false
					if p.Protocol != packet.ProtocolTCP && p.Protocol != packet.ProtocolUDP {
						all = append(all, p)
						continue
					}
					p.Fragment = packet.LaterFragment
					all = append(all, p)
					p.Fragment, p.HasPorts = packet.Whole, true
					for _, p.SourcePort = range portsOf {
						for _, p.DestinationPort = range portsOf {
							all = append(all, p)
						}
					}
				}
			}
		}
	}
	return all
}

func reversed(p packet.Packet) packet.Packet {
	p.Source, p.Destination, p.SourcePort, p.DestinationPort = p.Destination, p.Source, p.DestinationPort, p.SourcePort
	return p
}

// simulatedClass decides the class packet by packet.
func simulatedClass(source *dataplane.Source, packets []packet.Packet) inventory.Class {
	isCopied := func(p packet.Packet, d mirror.Direction) (copied, counts bool) {
		v := source.Process(&p, d)
		return v.Outcome == dataplane.Mirrored, v.Outcome != dataplane.NeverMirrored
	}
	some, all, oneWay := false, true, false
	for _, p := range packets {
		in, counts := isCopied(p, mirror.Ingress)
		out, _ := isCopied(p, mirror.Egress)
		back, _ := isCopied(reversed(p), mirror.Egress)
		if !counts {
			continue
		}
		some, all, oneWay = some || in || out, all && in && out, oneWay || in != back
	}
	switch {
	case !some:
		return inventory.NotMirrored
	case all:
		return inventory.Mirrored
	case oneWay:
		return inventory.OneWay
	}
	return inventory.Partly
}

// The class of an interface, and which of its sessions do nothing, are what the simulator of the
// dataplane shows of every packet.
func TestClassesAgreeWithDataplane(t *testing.T) {
	t.Parallel()
	rounds, seed := 150, sample.Seed(t)
	if sample.All() {
		rounds = 20_000
	}
	packets := map[bool][]packet.Packet{false: allPackets(false), true: everyPacket()}
	seen := map[inventory.Class]int{}
	for round := range rounds {
		d := dice{rand.New(rand.NewPCG(seed, uint64(round)))}
		p := newSite()
		i := p.attach("eni-a", "10.0.0.1", "m5.large")
		hasIPv6 := d.IntN(2) == 0
		if hasIPv6 {
			i.SubnetID = "subnet-6"
		}
		p.target(mirror.Target{ID: "tmt-gone", LoadBalancerARN: "arn"}, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Gone: true})
		p.Filters = nil
		var sessions []dataplane.Session
		for n := range 1 + d.IntN(3) {
			target := []string{"tmt-1", "tmt-1", "tmt-1", "tmt-gone"}[d.IntN(4)]
			id := []string{"tmf-0", "tmf-1", "tmf-2"}[n]
			p.filter(id, nil)
			f := d.filter()
			f.ID = id
			p.Filters[n].Noun = f
			s := p.session("eni-a", 10+n, id, target)
			sessions = append(sessions, dataplane.Session{Session: s.Noun, Filter: f, Target: p.endpoints[target]})
		}
		source, err := dataplane.New(mirror.Interface{}, sessions, dataplane.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := p.coverage(inventory.CoverageQuestions{})
		want := simulatedClass(source, packets[hasIPv6])
		seen[want]++
		if got := c.Interfaces[0]; got.Class != want {
			t.Fatalf("TRAFFICMIRROR_SEED=%d, round %d: %s is %s, %q; the simulator says %s", seed, round, got.Source.Interface.ID, got.Class, got.Reason, want)
		}
		checkIdle(t, c, source, packets[hasIPv6])
	}
	for _, class := range []inventory.Class{inventory.Mirrored, inventory.Partly, inventory.OneWay, inventory.NotMirrored} {
		if seen[class] == 0 {
			t.Errorf("no interface was %s: %v", class, seen)
		}
	}
}

// A filter that is said to accept nothing accepts no packet that the interface can send or
// receive, says the simulator of the dataplane, which knows the addresses of the interface.
func TestAcceptsNothingAgreesWithDataplane(t *testing.T) {
	t.Parallel()
	rounds, seed := 150, sample.Seed(t)
	if sample.All() {
		rounds = 5000
	}
	byAddress := 0
	for round := range rounds {
		d := dice{rand.New(rand.NewPCG(seed, uint64(round)))}
		p := newSite()
		i := p.attach("eni-a", addressesOf[0][d.IntN(3)], "m5.large")
		i.IPv6Addresses = []netip.Addr{netip.MustParseAddr(addressesOf[1][d.IntN(2)])}
		own := i.Interface
		f := d.filter()
		if d.IntN(2) == 0 { // some rules are about other addresses only
			f.NetworkServices, f.Rules = nil, onlyTo([]string{"10.1.0.0/16", "10.200.0.0/16", "9.0.0.0/8"}[d.IntN(3)])
		}
		f.ID = "tmf-x"
		p.filter(f.ID)
		p.Filters[1].Noun = f
		s := p.session("eni-a", 1, f.ID, "tmt-1")
		source, err := dataplane.New(own, []dataplane.Session{{Session: s.Noun, Filter: f, Target: p.endpoints["tmt-1"]}}, dataplane.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := p.coverage(inventory.CoverageQuestions{})
		if c.Sessions[0].Idle != inventory.AcceptsNothing {
			continue
		}
		if len(f.Rules) == 1 && f.Rules[0].Action == mirror.Accept {
			byAddress++
		}
		for _, packet := range everyPacket() {
			for _, direction := range mirror.Directions {
				if v := source.Process(&packet, direction); v.Outcome == dataplane.Mirrored {
					t.Fatalf("TRAFFICMIRROR_SEED=%d, round %d: the session accepts nothing, and the simulator mirrors %s %+v", seed, round, direction, packet)
				}
			}
		}
	}
	if byAddress == 0 {
		t.Error("no filter was about other addresses")
	}
}

// checkIdle checks that the sessions that take no packet, or lose them, are idle, and no others.
func checkIdle(t *testing.T, c inventory.Coverage, source *dataplane.Source, packets []packet.Packet) {
	t.Helper()
	works := map[int]bool{}
	for _, p := range packets {
		for _, d := range mirror.Directions {
			if v := source.Process(&p, d); v.Outcome == dataplane.Mirrored {
				works[v.SessionNumber] = true
			}
		}
	}
	for _, s := range c.Sessions {
		if n := s.Session.Noun.Number; (s.Idle == "") != works[n] {
			t.Fatalf("session %d is idle: %q; it copies packets: %t", n, s.Idle, works[n])
		}
	}
}
