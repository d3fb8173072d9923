package dataplane_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// toIPv6 is a session whose target has an IPv6 address.
func toIPv6(target mirror.TargetType, appliances ...netip.Addr) dataplane.Session {
	s := behind(target, appliances)
	s.Target.Address = appliance6
	return s
}

// A copy to an IPv6 address has these headers: the address of the interface, hop limit
// 255, no flow label, and a UDP checksum.
func TestOuterIPv6(t *testing.T) {
	t.Parallel()
	s := newSource(t, toIPv6(mirror.NetworkInterface))
	e := newEncapsulator(t, s)
	for length := 60; length < 80; length++ { // odd ones too
		spec := tcp(peer, own, 40000, 443)
		spec.Length = length
		p := decode(t, s, spec)
		sent := e.Append([]byte("before"), p, s.Process(p, ""))[6:]
		outer := decodeFrame(sent)
		want := "00005e005301" + "020000000010" + "86dd" + "60000000"
		if got := hex.EncodeToString(sent[:18]); got != want || sent[20] != packet.ProtocolUDP || sent[21] != 255 {
			t.Fatalf("A0198: the copy begins with %x", sent[:24])
		}
		if outer.SourceAddr() != own6 || outer.DestinationAddr() != appliance6 || outer.SourcePort != dataplane.SourcePort(p) || outer.Cut || outer.IPOffset+outer.IPLength != len(sent) {
			t.Fatalf("A0198: %s, %+v", dataplane.Describe(outer), outer)
		}
		checkUDPChecksum(t, sent)
		tunnel, err := outer.Unwrap()
		if err != nil || tunnel.VNI != 7 || !bytes.Equal(tunnel.Inner, p.Data) {
			t.Fatalf("%+v, %v", tunnel, err)
		}
	}
}

// checkUDPChecksum checks the outer UDP checksum of a frame over IPv6.
func checkUDPChecksum(t *testing.T, frame []byte) {
	t.Helper()
	p := decodeFrame(frame)
	datagram := frame[p.TransportOffset:]
	sum := packet.PseudoHeader(p.SourceAddr(), p.DestinationAddr(), packet.ProtocolUDP, len(datagram))
	if left := packet.Checksum(sum, datagram); left != 0 || datagram[6] == 0 && datagram[7] == 0 {
		t.Errorf("A0198: the UDP checksum %x is wrong by %#x", datagram[6:8], left)
	}
}

// Behind a load balancer, the copy has the address of an appliance of the same family, and its
// checksum is right again. A Gateway Load Balancer puts it into GENEVE over IPv4.
func TestReceivedOverIPv6(t *testing.T) {
	t.Parallel()
	v6 := addrs("2001:db8:3::1", "2001:db8:3::2")
	for _, test := range []struct {
		session dataplane.Session
		reached []netip.Addr
	}{
		{toIPv6(mirror.NetworkInterface), []netip.Addr{appliance6}},
		{toIPv6(mirror.NetworkLoadBalancer, v6...), v6},
		{toIPv6(mirror.NetworkLoadBalancer, appliances...), nil},
		{behind(mirror.NetworkLoadBalancer, v6), nil},
		{toIPv6(mirror.GatewayLoadBalancerEndpoint, v6...), nil},
	} {
		s := newSource(t, test.session)
		e := newEncapsulator(t, s)
		if got := e.Appliances(); !slices.Equal(got, test.reached) {
			t.Errorf("%s to %s: the appliances are %v, not %v", test.session.Target.Type, test.session.Target.Address, got, test.reached)
		}
		for client := range uint16(20) {
			p := decode(t, s, tcp(peer, own, 10000+client, 443))
			v := s.Process(p, "")
			received := e.AppendReceived(nil, p, v)
			if test.reached == nil {
				if len(received) != 0 {
					t.Errorf("%s: received %x", test.session.Target.Type, received)
				}
				continue
			}
			tunnel, err := decodeFrame(received).Unwrap()
			if to := decodeFrame(received).DestinationAddr(); err != nil || !bytes.Equal(tunnel.Inner, p.Data) || to != e.Appliance(p, v) || !slices.Contains(test.reached, to) {
				t.Fatalf("%s: %s receives %+v, %v", test.session.Target.Type, to, tunnel, err)
			}
			checkUDPChecksum(t, received)
		}
	}
}

// The GENEVE packet of a Gateway Load Balancer whose endpoint has an IPv6 address comes
// from a stand-in.
func TestGENEVEAroundIPv6(t *testing.T) {
	t.Parallel()
	s := newSource(t, toIPv6(mirror.GatewayLoadBalancerEndpoint, appliances...))
	e := newEncapsulator(t, s)
	p := decode(t, s, tcp(peer, own, 40000, 443))
	v := s.Process(p, "")
	outer := decodeFrame(e.AppendReceived(nil, p, v))
	if outer.SourceAddr() != addr("192.0.2.1") || outer.DestinationAddr() != e.Appliance(p, v) {
		t.Errorf("A0199: %s", dataplane.Describe(outer))
	}
	tunnel, err := outer.Unwrap()
	if err != nil || tunnel.Link != packet.LinkIPv6 || !bytes.Equal(tunnel.Inner, e.Append(nil, p, v)[packet.EthernetHeaderLength:]) {
		t.Fatalf("%+v, %v", tunnel, err)
	}
	var inner packet.Packet
	inner.Decode(tunnel.Inner, tunnel.Link)
	if frame, err := inner.Unwrap(); err != nil || !bytes.Equal(frame.Inner, p.Data) {
		t.Errorf("%+v, %v", frame, err)
	}
}

// Without an IPv6 address of the interface, copies to one are left out. Those over IPv4
// are built.
func TestNoIPv6AddressToSendFrom(t *testing.T) {
	t.Parallel()
	iface := testInterface()
	iface.IPv6Addresses = nil
	over6, over4 := toIPv6(mirror.NetworkInterface), session(8, all()...)
	over6.Filter.Rules = over6.Filter.Rules[:0:0]
	over6.Filter.Rules = append(over6.Filter.Rules, accept(ingress, 1, any4, any4, protocol(mirror.UDP)))
	s := newSourceOn(t, iface, over6, over4)
	e, tally := newEncapsulator(t, s), s.NewTally()
	for _, spec := range []packet.Spec{udp(peer, own, 1, 2), tcp(peer, own, 1, 2)} {
		p := decode(t, s, spec)
		v := tally.Process(p, "")
		if isBuilt := len(e.Append(nil, p, v)) > 0; isBuilt != (v.SessionNumber == 8) || e.Builds(v) != isBuilt {
			t.Errorf("session %d: built: %t", v.SessionNumber, isBuilt)
		}
	}
	got := e.LeftOut(tally.Summary())
	if len(got) != 1 || got[0].String() != "1 copy of session 7, because the IP address of its target is 2001:db8:2::20, and no IPv6 address of the interface is known" {
		t.Errorf("left out: %v", got)
	}
}

// tshark finds nothing wrong in copies over IPv6, also behind load balancers, and reads the
// inner frame.
func TestTsharkReadsCopiesOverIPv6(t *testing.T) {
	t.Parallel()
	var frames [][]byte
	for _, given := range []dataplane.Session{
		toIPv6(mirror.NetworkInterface), toIPv6(mirror.NetworkLoadBalancer, addrs("2001:db8:3::1")...), toIPv6(mirror.GatewayLoadBalancerEndpoint, appliances...),
	} {
		s := newSource(t, given)
		e := newEncapsulator(t, s)
		for _, spec := range []packet.Spec{tcp(peer, own, 40000, 5000), udp(own6, peer6, 40000, 5000), other(1, own, peer)} {
			for _, length := range []int{101, 1514, 8000} {
				spec.Length = length
				p := decode(t, s, spec)
				v := s.Process(p, "")
				frames = append(frames, e.Append(nil, p, v), e.AppendReceived(nil, p, v))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "ipv6.pcap")
	writeCapture(t, path, frames)
	rows := tshark(t, path, "frame.protocols", "_ws.malformed", "ipv6.dst", "udp.checksum.status", "vxlan.vni")
	if len(rows) != len(frames) {
		t.Fatalf("%d packets, not %d", len(rows), len(frames))
	}
	const good, missing = "1", "3"
	for i, row := range rows {
		status := strings.TrimPrefix(row[3], missing+",") // GENEVE over IPv4 has no checksum
		isRead := strings.Contains(row[0], "eth:ethertype:ipv6:udp:vxlan:eth") || strings.Contains(row[0], "ip:udp:geneve:ipv6:udp:vxlan:eth")
		if !isRead || row[1] != "" || !strings.HasPrefix(status, good) || row[4] != "7" {
			t.Errorf("packet %d: %q", i+1, row)
		}
	}
}
