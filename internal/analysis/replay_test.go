package analysis_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// frame builds a packet with the fields.
func frame(t *testing.T, h mirror.Header) []byte {
	t.Helper()
	payload := binary.BigEndian.AppendUint16(nil, h.SourcePort)
	payload = append(binary.BigEndian.AppendUint16(payload, h.DestinationPort), make([]byte, 20)...)
	b := make([]byte, 12)
	isExtension := map[mirror.Protocol]bool{0: true, 43: true, 44: true, 51: true, 60: true}[h.Protocol]
	isFragment := h.IsLaterFragment() || h.Source.Is6() && isExtension
	if h.Source.Is4() {
		b = append(b, 8, 0)
		ip := packet.IPv4Header{TotalLength: uint16(20 + len(payload)), TTL: 64, Protocol: uint8(h.Protocol), Source: h.Source, Destination: h.Destination}.Append(nil)
		if isFragment {
			binary.BigEndian.PutUint16(ip[6:], 100) // the offset
		}
		return append(append(b, ip...), payload...)
	}
	next := uint8(h.Protocol)
	if isFragment {
		payload = append([]byte{next, 0, 0, 100 << 3 & 0xff, 0, 0, 0, 1}, payload...)
		payload[2], payload[3] = 100<<3>>8, 100<<3&0xff
		next = 44
	}
	b = append(b, 0x86, 0xdd)
	b = packet.IPv6Header{PayloadLength: uint16(len(payload)), NextHeader: next, HopLimit: 64, Source: h.Source, Destination: h.Destination}.Append(b)
	return append(b, payload...)
}

// replay checks that the dataplane decides about a packet as the analysis says.
func replay(t *testing.T, f mirror.Filter, w analysis.Witness) {
	t.Helper()
	session := dataplane.Session{
		Session: mirror.Session{Number: 1}, Filter: f, Target: mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.2.20")},
	}
	s, err := dataplane.New(mirror.Interface{}, []dataplane.Session{session}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var p packet.Packet
	p.Decode(frame(t, w.Packet), packet.LinkEthernet)
	if h := w.Packet; p.SourceAddr() != h.Source || p.DestinationAddr() != h.Destination || p.Protocol != uint8(h.Protocol) || p.HasPorts != h.HasPorts ||
		h.HasPorts && (p.SourcePort != h.SourcePort || p.DestinationPort != h.DestinationPort) {
		t.Fatalf("%v is built as another packet", h)
	}
	v, number := s.Process(&p, w.Packet.Direction), 0
	if w.Decision.Rule != nil {
		number = w.Decision.Rule.Number
	}
	byService := v.Reason == dataplane.ServiceAccepts || v.Reason == dataplane.AmazonDNSOff
	if (v.Outcome == dataplane.Mirrored) != w.Decision.Mirrored || v.RuleNumber != number ||
		(v.Outcome == dataplane.NeverMirrored) != w.Decision.Never || byService != (w.Decision.Service != "") {
		t.Fatalf("%s %v: the analysis says %+v, the dataplane %s by rule %d (%s)", w.Packet.Direction, w.Packet, w.Decision, v.Outcome, v.RuleNumber, v.Reason)
	}
}

// randomFilter draws rules whose witnesses are often unusual packets.
func randomFilter(w *rand.Rand) mirror.Filter {
	prefixes := []string{"0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/31", "169.254.169.252/30", "169.254.0.0/16", "255.255.255.255/32", "::/0", "::/0", "2001:db8::/32", "fd00:ec2::/64", "ff02::1/128"}
	protocols := []mirror.Protocol{0, 1, 6, 6, 6, 17, 17, 17, 44, 58, 60, 255}
	var f mirror.Filter
	if every := w.IntN(3); every < 2 { // only later fragments get past it
		f.Rules = append(f.Rules, mirror.Rule{
			Number: 1, Direction: mirror.Ingress, Action: mirror.Accept, Protocol: new(mirror.TCP),
			SourceCIDR: []netip.Prefix{mirror.EveryIPv4, mirror.EveryIPv6}[every], DestinationCIDR: []netip.Prefix{mirror.EveryIPv4, mirror.EveryIPv6}[every],
			DestinationPorts: &mirror.PortRange{From: 0, To: 65535},
		})
	}
	for n := range w.IntN(12) {
		from := w.IntN(7)
		most := 7
		if w.IntN(2) == 0 {
			from, most = 7+w.IntN(5), 5
		}
		r := mirror.Rule{Number: n + 2, Direction: mirror.Directions[w.IntN(2)], Action: mirror.Actions[w.IntN(2)], SourceCIDR: netip.MustParsePrefix(prefixes[from])}
		r.DestinationCIDR = netip.MustParsePrefix(prefixes[map[int]int{7: 0, 5: 7}[most]+w.IntN(most)])
		if w.IntN(4) > 0 {
			r.Protocol = new(protocols[w.IntN(len(protocols))])
		}
		if r.Protocol != nil && r.Protocol.HasPorts() {
			ports := func() *mirror.PortRange {
				from := []int{0, 1, 53, 54, 67, 68, 546, 60000}[w.IntN(8)]
				return []*mirror.PortRange{nil, {From: from, To: from}, {From: from, To: 65535}, {From: 0, To: from}, {From: 0, To: 65535}, {From: 0, To: 65535}}[w.IntN(6)]
			}
			r.SourcePorts, r.DestinationPorts = ports(), ports()
		}
		f.Rules = append(f.Rules, r)
	}
	if w.IntN(2) == 0 {
		f.NetworkServices = mirror.NetworkServices
	}
	return f
}

// The dataplane decides about every witness as the analysis says.
func TestWitnessesInDataplane(t *testing.T) {
	t.Parallel()
	rounds, seed := 200, sample.Seed(t)
	if sample.All() {
		rounds = 20_000
	}
	fragments, witnesses := 0, 0
	for round := range rounds {
		w := rand.New(rand.NewPCG(seed, uint64(round)))
		f, other := randomFilter(w), randomFilter(w)
		check := func(f mirror.Filter, w *analysis.Witness) {
			if w == nil {
				return
			}
			if witnesses++; w.Packet.IsLaterFragment() {
				fragments++
			}
			replay(t, f, *w)
		}
		spaces := []mirror.Space{{}, {Protocol: new(mirror.UDP)}}
		for _, r := range other.Rules {
			spaces = append(spaces, mirror.Space{
				Direction: r.Direction, Protocol: r.Protocol, SourceCIDR: r.SourceCIDR, DestinationCIDR: r.DestinationCIDR,
				SourcePorts: r.SourcePorts, DestinationPorts: r.DestinationPorts,
			})
		}
		for _, space := range spaces {
			for _, ask := range []func(mirror.Filter, mirror.Space) (analysis.Share, error){analysis.Mirrors, analysis.MirrorsOutside} {
				share, err := ask(f, space)
				if err != nil {
					t.Fatal(err)
				}
				check(f, share.Mirrored)
				check(f, share.NotMirrored)
			}
		}
		others := []mirror.Filter{other}
		if len(f.Rules) > 0 { // often only later fragments differ
			withoutPorts := mirror.Filter{NetworkServices: f.NetworkServices, Rules: slices.Clone(f.Rules)}
			withoutPorts.Rules[0].SourcePorts, withoutPorts.Rules[0].DestinationPorts = nil, nil
			others = append(others, withoutPorts)
		}
		for _, other := range others {
			differences, err := analysis.Compare(f, other)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				check(f, &analysis.Witness{Packet: d.Packet, Decision: d.A})
				check(other, &analysis.Witness{Packet: d.Packet, Decision: d.B})
			}
		}
		flows, err := analysis.OneWayFlows(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, flow := range flows {
			check(f, &flow.Packet)
			check(f, &flow.Reply)
		}
		packets, err := analysis.DecidedPackets(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range f.Rules {
			if h, isThere := packets[analysis.RuleKey{TrafficDirection: r.Direction, RuleNumber: r.Number}]; isThere {
				check(f, &analysis.Witness{Packet: h, Decision: analysis.Decision{Rule: &r, Mirrored: r.Action == mirror.Accept}})
			}
		}
	}
	if fragments < rounds/50 || witnesses < 20*rounds {
		t.Errorf("%d witnesses, %d of them later fragments", witnesses, fragments)
	}
	t.Logf("%d witnesses, %d of them later fragments", witnesses, fragments)
}
