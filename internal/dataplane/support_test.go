package dataplane_test

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The interface of the tests, its peer, and addresses around them.
var (
	ownMAC    = mirror.MAC{0x02, 0, 0, 0, 0, 0x10}
	otherMAC  = mirror.MAC{0x02, 0, 0, 0, 0, 0x99}
	own       = netip.MustParseAddr("10.0.1.10")
	peer      = netip.MustParseAddr("10.1.2.3")
	own6      = netip.MustParseAddr("2001:db8:1::10")
	peer6     = netip.MustParseAddr("2001:db8:2::3")
	resolver  = netip.MustParseAddr("10.0.0.2")
	appliance = netip.MustParseAddr("10.0.2.20")
)

func testInterface() mirror.Interface {
	return mirror.Interface{
		MACAddress: ownMAC, PrivateIPAddress: own, PrivateIPAddresses: []netip.Addr{own, netip.MustParseAddr("10.0.1.11")},
		IPv6Addresses: []netip.Addr{own6}, DNSResolverAddresses: []netip.Addr{resolver},
	}
}

// boundless is the interface of the tests without IP addresses: each packet can be
// received and sent.
func boundless() mirror.Interface {
	return mirror.Interface{MACAddress: ownMAC, DNSResolverAddresses: []netip.Addr{resolver}}
}

// unchecked is the interface of the tests with its source/destination check off.
func unchecked() mirror.Interface {
	i := testInterface()
	i.SourceDestCheck = new(bool)
	return i
}

// accept and reject make a rule for everything of the address family. Options
// narrow it.
func accept(d mirror.Direction, number int, source, destination string, options ...func(*mirror.Rule)) mirror.Rule {
	r := mirror.Rule{
		Direction: d, Number: number, Action: mirror.Accept,
		SourceCIDR: netip.MustParsePrefix(source), DestinationCIDR: netip.MustParsePrefix(destination),
	}
	for _, o := range options {
		o(&r)
	}
	return r
}

func reject(d mirror.Direction, number int, source, destination string, options ...func(*mirror.Rule)) mirror.Rule {
	return accept(d, number, source, destination, append(options, func(r *mirror.Rule) { r.Action = mirror.Reject })...)
}

func protocol(p mirror.Protocol) func(*mirror.Rule) { return func(r *mirror.Rule) { r.Protocol = &p } }

func from(low, high int) func(*mirror.Rule) {
	return func(r *mirror.Rule) { r.SourcePorts = &mirror.PortRange{From: low, To: high} }
}

func to(low, high int) func(*mirror.Rule) {
	return func(r *mirror.Rule) { r.DestinationPorts = &mirror.PortRange{From: low, To: high} }
}

const (
	any4 = "0.0.0.0/0"
	any6 = "::/0"
)

// all accepts every packet that rules can accept, both ways.
func all() []mirror.Rule {
	return []mirror.Rule{
		accept(mirror.Ingress, 1, any4, any4), accept(mirror.Egress, 1, any4, any4),
		accept(mirror.Ingress, 2, any6, any6), accept(mirror.Egress, 2, any6, any6),
	}
}

func session(number int, rules ...mirror.Rule) dataplane.Session {
	return dataplane.Session{
		Session: mirror.Session{Number: number},
		Target:  mirror.Endpoint{Type: mirror.NetworkInterface, Address: appliance},
		Filter:  mirror.Filter{Rules: rules},
	}
}

func newSource(t testing.TB, sessions ...dataplane.Session) *dataplane.Source {
	t.Helper()
	return newSourceOn(t, testInterface(), sessions...)
}

func newSourceOn(t testing.TB, iface mirror.Interface, sessions ...dataplane.Session) *dataplane.Source {
	t.Helper()
	s, err := dataplane.New(iface, sessions, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newEncapsulator(t testing.TB, s *dataplane.Source) *dataplane.Encapsulator {
	t.Helper()
	e, err := s.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func port(n uint16) *uint16 { return &n }

// tcp, udp and other are packets in words.
func tcp(source, destination netip.Addr, sourcePort, destinationPort uint16) packet.Spec {
	return packet.Spec{Protocol: 6, Source: source, Destination: destination, SourcePort: &sourcePort, DestinationPort: &destinationPort}
}

func udp(source, destination netip.Addr, sourcePort, destinationPort uint16) packet.Spec {
	s := tcp(source, destination, sourcePort, destinationPort)
	s.Protocol = 17
	return s
}

func other(protocol uint8, source, destination netip.Addr) packet.Spec {
	return packet.Spec{Protocol: protocol, Source: source, Destination: destination, Length: 100}
}

// decode builds a packet in words and decodes it.
func decode(t testing.TB, s *dataplane.Source, spec packet.Spec) *packet.Packet {
	t.Helper()
	frame, err := s.Build(spec, "")
	if err != nil {
		t.Fatal(err)
	}
	return decodeFrame(frame)
}

func decodeFrame(frame []byte) *packet.Packet {
	p := &packet.Packet{}
	p.Decode(frame, packet.LinkEthernet)
	return p
}

// readCapture returns the records of a capture file, up to its end or a damage.
func readCapture(t testing.TB, path string) []capture.Record {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := capture.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var records []capture.Record
	for {
		var r capture.Record
		err := reader.Next(&r)
		if errors.Is(err, io.EOF) {
			return records
		}
		if err != nil {
			t.Fatal(err)
		}
		r.Data = slices.Clone(r.Data)
		records = append(records, r)
	}
}

// realCaptures returns the paths of the captures in the first of the folders that an
// environment variable names. The others have captures with which only package capture is
// tested.
func realCaptures(t testing.TB) []string {
	t.Helper()
	folders := filepath.SplitList(os.Getenv("TRAFFICMIRROR_CAPTURES"))
	if len(folders) == 0 {
		t.Skip("TRAFFICMIRROR_CAPTURES does not name a folder with captures")
	}
	paths, err := filepath.Glob(filepath.Join(folders[0], "*.pcap*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures in %s (TRAFFICMIRROR_CAPTURES): %v", folders[0], err)
	}
	return paths
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }
