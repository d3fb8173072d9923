package dataplane_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// For the 30 frames of testdata we send what EC2 sent, with two exceptions: the
// outer MAC addresses, which the network rewrites, and the outer source port,
// whose hash is unknown.
func TestRealMirrorIsReproduced(t *testing.T) {
	t.Parallel()
	inner := readCapture(t, "testdata/aws-mirror-first30.inner.pcap")
	want := readCapture(t, "testdata/aws-mirror-first30.pcap")
	if len(inner) != 30 || len(want) != 30 {
		t.Fatalf("testdata holds %d inner and %d outer frames, not 30 each", len(inner), len(want))
	}
	source := awsSource(t)
	encapsulator := newEncapsulator(t, source)
	for i := range inner {
		var p packet.Packet
		inner[i].Decode(&p)
		v := source.Process(&p, "")
		if v.Outcome != dataplane.Mirrored {
			t.Errorf("packet %d is %s (%s), not mirrored", i+1, v.Outcome, v.Reason)
			continue
		}
		got := encapsulator.Append(nil, &p, v)
		if g, w := withoutUnknowns(got), withoutUnknowns(want[i].Data); !bytes.Equal(g, w) {
			t.Errorf("packet %d (its outer headers are A0112):\n got %x\nwant %x", i+1, g, w)
		}
		if port := uint16(got[34])<<8 | uint16(got[35]); port < 65408 {
			t.Errorf("packet %d has the source port %d, outside of 65408 to 65535 (A0110)", i+1, port)
		}
	}
}

// awsSource is the source of the real capture.
func awsSource(t *testing.T) *dataplane.Source {
	t.Helper()
	vni := 5569041
	address := netip.MustParseAddr("172.31.0.238")
	s, err := dataplane.New(
		mirror.Interface{
			MACAddress: mirror.MAC{0x02, 0x85, 0x69, 0xc2, 0xab, 0x02}, PrivateIPAddress: address,
			DNSResolverAddresses: []netip.Addr{netip.MustParseAddr("172.31.0.2")},
		},
		[]dataplane.Session{{
			Session: mirror.Session{Number: 1, VirtualNetworkID: &vni},
			Target:  mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("172.31.17.188")},
			Filter:  mirror.Filter{Rules: all(), NetworkServices: mirror.NetworkServices},
		}},
		dataplane.Options{},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withoutUnknowns returns a copy of the frame with zeros for the outer MAC
// addresses and the outer source port. No checksum depends on them: that of UDP
// is 0.
func withoutUnknowns(frame []byte) []byte {
	b := bytes.Clone(frame)
	clear(b[0:12])
	clear(b[34:36])
	return b
}

// The real capture shows one port per TCP connection, for both directions.
func TestSourcePortIsThatOfTheFlow(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	port := func(spec packet.Spec) uint16 { return dataplane.SourcePort(decode(t, s, spec)) }
	for _, flow := range []struct {
		name         string
		there, back  packet.Spec
		distinctFrom packet.Spec
	}{
		{"TCP", tcp(own, peer, 40000, 443), tcp(peer, own, 443, 40000), tcp(own, peer, 40001, 443)},
		{"UDP", udp(own, peer, 40000, 53), udp(peer, own, 53, 40000), udp(own, peer, 40002, 53)},
		{"TCP over IPv6", tcp(own6, peer6, 40000, 443), tcp(peer6, own6, 443, 40000), tcp(own6, peer6, 40001, 443)},
		{"GRE", other(47, own, peer), other(47, peer, own), other(47, own, resolver)},
	} {
		if port(flow.there) != port(flow.back) {
			t.Errorf("%s: the ports are %d there and %d back (A0110)", flow.name, port(flow.there), port(flow.back))
		}
		if port(flow.there) == port(flow.distinctFrom) {
			t.Errorf("%s: another flow has the port %d too (A0110)", flow.name, port(flow.there))
		}
	}
}

// The identifier distinguishes ICMP echoes. The reply has the same one. Other
// ICMP, and packets that only look like an echo, have no identifier.
func TestSourcePortOfEcho(t *testing.T) {
	t.Parallel()
	echo := func(spec packet.Spec, kind, identifier byte) uint16 {
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		p := decodeFrame(frame)
		frame[p.TransportOffset], frame[p.TransportOffset+5] = kind, identifier
		return dataplane.SourcePort(p)
	}
	for _, test := range []struct {
		name            string
		there, back     packet.Spec
		request, answer byte
		told            bool // distinguished by the identifier
	}{
		{"ICMP", other(1, own, peer), other(1, peer, own), 8, 0, true},
		{"ICMPv6", other(58, own6, peer6), other(58, peer6, own6), 128, 129, true},
		{"ICMP error", other(1, own, peer), other(1, peer, own), 3, 3, false},
		{"ICMPv6 error", other(58, own6, peer6), other(58, peer6, own6), 1, 1, false},
		{"ICMPv6 types in ICMP", other(1, own, peer), other(1, peer, own), 128, 129, false},
		{"ICMP types in ICMPv6", other(58, own6, peer6), other(58, peer6, own6), 8, 0, false},
		{"GRE", other(47, own, peer), other(47, peer, own), 8, 0, false},
		{"ICMPv6 over IPv4", other(58, own, peer), other(58, peer, own), 128, 129, false},
		{"ICMP over IPv6", other(1, own6, peer6), other(1, peer6, own6), 8, 0, false},
	} {
		there, back, another := echo(test.there, test.request, 1), echo(test.back, test.answer, 1), echo(test.there, test.request, 3)
		if there != back {
			t.Errorf("%s: the ports are %d there and %d back (A0110)", test.name, there, back)
		}
		if (there != another) != test.told {
			t.Errorf("%s: with another identifier the port is %d, and was %d (A0110)", test.name, another, there)
		}
	}
}

// Nothing distinguishes echoes that are cut off before their identifier.
func TestSourcePortOfCutOffEcho(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	whole := decode(t, s, other(1, own, peer)).Data
	without := dataplane.SourcePort(decodeFrame(whole[:34]))
	for n := 34; n < 40; n++ {
		if got := dataplane.SourcePort(decodeFrame(whole[:n])); got != without {
			t.Errorf("of %d bytes, the port is %d, not %d", n, got, without)
		}
	}
	if got := dataplane.SourcePort(decodeFrame(whole[:40])); got == without {
		t.Errorf("with the identifier, the port is %d still", got)
	}
}

// Only the first fragment has ports. All fragments take the same way.
func TestSourcePortOfFragments(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	fragment := func(high, low byte) uint16 {
		frame := decode(t, s, udp(own, peer, 40000, 5000)).Data
		frame[20], frame[21] = high, low
		return dataplane.SourcePort(decodeFrame(frame))
	}
	if first, later := fragment(0x20, 0), fragment(0, 9); first != later {
		t.Errorf("the first fragment has the port %d, a later one %d (A0110)", first, later)
	}
}

// Many flows are spread over the 128 ports. No port has more than twice its
// share.
func TestSourcePortsAreSpread(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	flows := map[uint16]int{}
	for client := range uint16(12800) {
		flows[dataplane.SourcePort(decode(t, s, tcp(peer, own, 10000+client, 443)))]++
	}
	for port, n := range flows {
		if n > 200 {
			t.Errorf("port %d has %d of 12800 flows", port, n)
		}
	}
	if len(flows) != 128 {
		t.Errorf("%d ports are in use, not 128", len(flows))
	}
}
