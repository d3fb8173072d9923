package dataplane_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

func TestDirection(t *testing.T) {
	t.Parallel()
	broadcast := mirror.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	noMAC := testInterface()
	noMAC.MACAddress = mirror.MAC{}
	noAddresses := mirror.Interface{}
	frame := func(from, to mirror.MAC, source, destination netip.Addr) *packet.Packet {
		spec := tcp(source, destination, 1, 2)
		spec.SourceMAC, spec.DestinationMAC = from, to
		b, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		return decodeFrame(b)
	}
	raw := func(source, destination netip.Addr) *packet.Packet {
		p := &packet.Packet{}
		p.Decode(frame(ownMAC, otherMAC, source, destination).Data[packet.EthernetHeaderLength:], packet.LinkRaw)
		return p
	}
	flagged := func(p *packet.Packet, h packet.Heading) *packet.Packet {
		p.Heading = h
		return p
	}
	for _, test := range []struct {
		name   string
		iface  mirror.Interface
		packet *packet.Packet
		told   mirror.Direction
		want   mirror.Direction
	}{
		{"source MAC", testInterface(), frame(ownMAC, otherMAC, own, peer), "", egress},
		{"destination MAC", testInterface(), frame(otherMAC, ownMAC, peer, own), "", ingress},
		{"A0118: MAC goes before IP", testInterface(), frame(ownMAC, otherMAC, peer, own), "", egress},
		{"A0118: frames of others have no direction, whatever their IP addresses", testInterface(), frame(otherMAC, otherMAC, peer, own), "", ""},
		{"a broadcast from others has none", testInterface(), frame(otherMAC, broadcast, peer, own), "", ""},
		{"a broadcast of its own is sent", testInterface(), frame(ownMAC, broadcast, own, peer), "", egress},
		{"without the interface's MAC: source IP", noMAC, frame(otherMAC, otherMAC, own, peer), "", egress},
		{"without the interface's MAC: destination IP", noMAC, frame(otherMAC, otherMAC, peer, own), "", ingress},
		{"a secondary address", noMAC, frame(otherMAC, otherMAC, peer, addr("10.0.1.11")), "", ingress},
		{"an IPv6 address", noMAC, frame(otherMAC, otherMAC, own6, peer6), "", egress},
		{"addresses of others", noMAC, frame(otherMAC, otherMAC, peer, addr("10.0.1.12")), "", ""},
		{"an interface without addresses", noAddresses, frame(ownMAC, otherMAC, own, peer), "", ""},
		{"A0118: without MACs in the packet: IP", testInterface(), raw(peer, own), "", ingress},
		{"what is told goes before everything", testInterface(), flagged(frame(ownMAC, otherMAC, peer, own), packet.Outbound), ingress, ingress},
		{"A0118: what the capture says goes before MAC", testInterface(), flagged(frame(ownMAC, otherMAC, peer, own), packet.Inbound), "", ingress},
		{"what the capture says, outbound", testInterface(), flagged(frame(otherMAC, ownMAC, own, peer), packet.Outbound), "", egress},
		{"what only passed has none", testInterface(), flagged(raw(own, peer), packet.Passing), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := dataplane.New(test.iface, []dataplane.Session{session(1, all()...)}, dataplane.Options{})
			if err != nil {
				t.Fatal(err)
			}
			v := s.Process(test.packet, test.told)
			if v.Direction != test.want {
				t.Errorf("direction %q, not %q", v.Direction, test.want)
			}
			if (v.Outcome == dataplane.NoDirection) != (test.want == "") {
				t.Errorf("outcome %s", v.Outcome)
			}
		})
	}
}

// A packet that no rule can match has a reason. The first reason that is found is
// used.
func TestUnmatchable(t *testing.T) {
	t.Parallel()
	s := newSource(t, session(1, append(all(), accept(ingress, 9, any4, any4, protocol(mirror.TCP), to(443, 443)))...))
	whole := decode(t, s, tcp(peer, own, 40000, 443)).Data
	with := func(offset int, value byte) []byte {
		b := append([]byte(nil), whole...)
		b[offset] = value
		return b
	}
	for _, test := range []struct {
		name      string
		data      []byte
		link      packet.LinkType
		direction mirror.Direction
		want      want
	}{
		{"ARP, before its direction", with(13, 0x06), packet.LinkEthernet, "", want{dataplane.NeverMirrored, 0, 0, dataplane.ARP, ""}},
		{"another EtherType", with(12, 0x88), packet.LinkEthernet, "", unmatched(dataplane.NotIP)},
		{"a length in the place of the EtherType", with(12, 0x00), packet.LinkEthernet, "", unmatched(dataplane.NotIP)},
		{"A0117: IPv6 that says IPv4", with(14, 0x65), packet.LinkEthernet, "", unmatched(dataplane.Unreadable)},
		{"A0117: a header shorter than headers are", with(14, 0x44), packet.LinkEthernet, "", unmatched(dataplane.Unreadable)},
		{"A0117: a header longer than the packet", with(17, 19), packet.LinkEthernet, "", unmatched(dataplane.Unreadable)},
		{"cut inside the IP header", whole[:33], packet.LinkEthernet, "", unmatched(dataplane.CutOff)},
		{"cut inside the Ethernet header", whole[:13], packet.LinkEthernet, ingress, unmatched(dataplane.CutOff)},
		{"nothing left to tell the direction by", whole[:13], packet.LinkEthernet, "", want{dataplane.NoDirection, 0, 0, dataplane.DirectionUnknown, ""}},
		{"a link type that is not read", whole, 147, "", unmatched(dataplane.LinkTypeUnread)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var p packet.Packet
			p.Decode(test.data, test.link)
			test.want.check(t, s.Process(&p, test.direction))
		})
	}
}

// Rules without ports can match a packet that is cut off before its ports.
func TestCutOffPorts(t *testing.T) {
	t.Parallel()
	port443 := accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(443, 443))
	for _, test := range []struct {
		name string
		rest []mirror.Rule
		want want
	}{
		{"and no other rule", nil, unmatched(dataplane.CutOff).by("A0104")},
		{"and a rule for all ports", []mirror.Rule{accept(ingress, 2, any4, any4, protocol(mirror.TCP), to(0, 65535))}, unmatched(dataplane.CutOff).by("A0104")},
		{"and a rule for all", []mirror.Rule{accept(ingress, 2, any4, any4)}, accepted(1, 2).by("A0104")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t, session(1, append(test.rest, port443)...))
			whole := decode(t, s, tcp(peer, own, 40000, 443)).Data
			accepted(1, 1).check(t, s.Process(decodeFrame(whole[:38]), ""))
			test.want.check(t, s.Process(decodeFrame(whole[:37]), ""))
		})
	}
}

// Only the first fragment has ports. A rule with ports matches no packet without
// ports, even if its range has all ports.
func TestFragments(t *testing.T) {
	t.Parallel()
	s := newSource(t, session(1,
		accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(443, 443)),
		accept(ingress, 2, any4, any4, protocol(mirror.TCP), to(0, 65535)),
		accept(ingress, 3, any4, any4, protocol(mirror.TCP)),
	))
	fragment := func(high, low byte) *packet.Packet {
		frame := decode(t, s, tcp(peer, own, 40000, 443)).Data
		frame[20], frame[21] = high, low
		return decodeFrame(frame)
	}
	accepted(1, 1).check(t, s.Process(fragment(0x20, 0), ""))
	accepted(1, 3).by("A0004").check(t, s.Process(fragment(0x20, 1), ""))
	accepted(1, 3).by("A0004").check(t, s.Process(fragment(0, 1), ""))
}
