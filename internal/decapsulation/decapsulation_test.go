package decapsulation_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

var own = netip.MustParseAddr("10.0.1.10")

// newSource is an interface that mirrors everything to the target.
func newSource(t testing.TB, length int, target mirror.Endpoint) *dataplane.Source {
	t.Helper()
	s := dataplane.Session{Session: mirror.Session{Number: 1, VirtualNetworkID: new(4242), PacketLength: &length}, Target: target}
	s.Filter.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
	for _, cidr := range []string{"0.0.0.0/0", "::/0"} {
		for _, d := range mirror.Directions {
			prefix := netip.MustParsePrefix(cidr)
			s.Filter.Rules = append(s.Filter.Rules, mirror.Rule{Direction: d, Number: 1 + len(s.Filter.Rules), Action: mirror.Accept, SourceCIDR: prefix, DestinationCIDR: prefix})
		}
	}
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own, SourceDestCheck: new(false)}, []dataplane.Session{s}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// targets are those of which the copies look different.
var targets = []mirror.Endpoint{
	{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.3.1"), MTU: 9001},
	{Type: mirror.NetworkLoadBalancer, Address: netip.MustParseAddr("10.0.4.1"), Appliances: []netip.Addr{netip.MustParseAddr("10.0.5.1")}},
	{Type: mirror.GatewayLoadBalancerEndpoint, Address: netip.MustParseAddr("10.0.6.1"), Appliances: []netip.Addr{netip.MustParseAddr("10.0.7.1")}},
}

// checkRoundTrip mirrors a packet, and compares what is in the copy with the packet.
func checkRoundTrip(t *testing.T, source *dataplane.Source, record *capture.Record) (mirrored bool) {
	t.Helper()
	out, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	var p packet.Packet
	record.Decode(&p)
	v := source.Process(&p, mirror.Ingress)
	if v.Outcome != dataplane.Mirrored {
		return false
	}
	for _, sent := range [][]byte{out.Append(nil, &p, v), out.AppendReceived(nil, &p, v)} {
		c, reason := decapsulation.New(decapsulation.Options{}).Decapsulate(&capture.Record{Data: sent, Wire: len(sent), Link: packet.LinkEthernet})
		switch {
		case reason != 0 || c.VNI != 4242 || c.Length != v.Bytes || len(c.Frame) != v.Bytes || c.Source != own:
			t.Fatalf("packet %d: %s, VNI %d, %d of %d bytes from %s", record.Number, reason, c.VNI, len(c.Frame), v.Bytes, c.Source)
		case p.Link == packet.LinkEthernet && !bytes.Equal(c.Frame, record.Data[:v.Bytes]):
			t.Fatalf("packet %d: the frame is not the packet", record.Number)
		case v.Bytes > 14 && !bytes.Equal(c.Frame[14:], p.LinkPayload()[:v.Bytes-14]):
			t.Fatalf("packet %d: the frame is not the packet behind an Ethernet header", record.Number)
		}
	}
	return true
}

// What is in a copy is the packet, cut to length.
func TestDecapsulate_simulated(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for _, target := range targets {
		source := newSource(t, 200, target)
		for n := range 500 {
			frame, err := packet.Build(packet.Spec{
				Protocol: uint8([]int{1, 47, 50}[random.IntN(3)]), Source: netip.MustParseAddr("192.0.2.1"), Destination: own, Length: 60 + random.IntN(3000),
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := 34; i < len(frame); i++ {
				frame[i] = byte(random.IntN(256))
			}
			if !checkRoundTrip(t, source, &capture.Record{Number: int64(n), Data: frame, Wire: len(frame), Link: packet.LinkEthernet}) {
				t.Fatal("nothing is mirrored")
			}
		}
	}
}

func TestDecapsulate_captures(t *testing.T) {
	t.Parallel()
	folder := "../dataplane/testdata"
	if folders := filepath.SplitList(os.Getenv("TRAFFICMIRROR_CAPTURES")); len(folders) > 0 {
		folder = folders[0]
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.pcap*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures in %s: %v", folder, err)
	}
	mirrored := 0
	for _, path := range paths {
		records := read(t, path)
		for _, length := range []int{8500, 64} {
			for _, target := range targets {
				source := newSource(t, length, target)
				for i := range records {
					if checkRoundTrip(t, source, &records[i]) {
						mirrored++
					}
				}
			}
		}
	}
	if mirrored == 0 {
		t.Error("nothing is mirrored")
	}
}

// A real mirror has sent the first capture, and its source has seen the second one.
func TestDecapsulate_AWS(t *testing.T) {
	t.Parallel()
	copies := read(t, "../dataplane/testdata/aws-mirror-first30.pcap")
	frames := read(t, "../dataplane/testdata/aws-mirror-first30.inner.pcap")
	if len(copies) != len(frames) {
		t.Fatalf("%d copies of %d packets", len(copies), len(frames))
	}
	d := decapsulation.New(decapsulation.Options{})
	for i := range copies {
		c, reason := d.Decapsulate(&copies[i])
		if reason != 0 || !bytes.Equal(c.Frame, frames[i].Data) || copies[i].Nanoseconds != frames[i].Nanoseconds || c.VNI != 5569041 {
			t.Errorf("copy %d (%s) is not its packet", i+1, reason)
		}
	}
}

func read(t *testing.T, path string) (records []capture.Record) {
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

// aCopy is a copy of 100 bytes with an outer IPv4 header: VNI 4242.
func aCopy(t testing.TB) []byte {
	t.Helper()
	source := newSource(t, 8500, targets[0])
	out, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	frame, err := packet.Build(packet.Spec{Protocol: 1, Source: netip.MustParseAddr("192.0.2.1"), Destination: own, Length: 100})
	if err != nil {
		t.Fatal(err)
	}
	var p packet.Packet
	p.Decode(frame, packet.LinkEthernet)
	return out.Append(nil, &p, source.Process(&p, mirror.Ingress))
}

// A socket receives the datagrams of a capture, without the headers around them. A GENEVE header is
// recognized on any port.
func TestDecapsulateDatagram(t *testing.T) {
	t.Parallel()
	sensor, frame := netip.MustParseAddr("10.0.7.1"), make([]byte, 0)
	for i, target := range targets {
		source := newSource(t, 200, target)
		out, err := source.Encapsulator()
		if err != nil {
			t.Fatal(err)
		}
		if frame, err = packet.Build(packet.Spec{Protocol: 1, Source: netip.MustParseAddr("192.0.2.1"), Destination: own, Length: 100}); err != nil {
			t.Fatal(err)
		}
		var p packet.Packet
		p.Decode(frame, packet.LinkEthernet)
		datagram := out.AppendReceived(nil, &p, source.Process(&p, mirror.Ingress))[42:]
		isGENEVE := target.Type == mirror.GatewayLoadBalancerEndpoint
		for _, port := range [][]uint16{{4789, 36081}, {6081, 36081}}[i/2] {
			c, reason := decapsulation.New(decapsulation.Options{}).DecapsulateDatagram(datagram, own, netip.AddrPortFrom(sensor, port))
			if reason != 0 || c.VNI != 4242 || !bytes.Equal(c.Frame, frame) || c.Length != len(frame) || c.Source != own || c.IsThroughGENEVE != isGENEVE {
				t.Errorf("%s on port %d: %q, %+v", target.Type, port, reason, c)
			}
		}
	}
	vxlan := append(packet.AppendVXLAN(nil, 7), frame...)
	geneve := packet.AppendGENEVE(nil, packet.EtherTypeIPv4)
	for _, c := range []struct {
		datagram []byte
		port     uint16
		want     decapsulation.Reason
	}{
		{vxlan, 6081, decapsulation.BadGENEVE}, {geneve[:7], 6081, decapsulation.TooShort}, {geneve, 4789, decapsulation.NoVXLAN},
		{append(geneve, frame[14:]...), 6081, decapsulation.NoVXLAN}, {vxlan[1:], 4789, decapsulation.BadFlags},
	} {
		if _, reason := decapsulation.New(decapsulation.Options{}).DecapsulateDatagram(c.datagram, own, netip.AddrPortFrom(sensor, c.port)); reason != c.want {
			t.Errorf("%x on port %d: %q, want %q", c.datagram[:7], c.port, reason, c.want)
		}
	}
}

// Each packet that is no copy has a reason.
func TestDecapsulate_reasons(t *testing.T) {
	t.Parallel()
	whole := aCopy(t)
	change := func(at int, value ...byte) []byte {
		b := slices.Clone(whole)
		copy(b[at:], value)
		return b
	}
	cut := func(total int) []byte { // the packet itself is shorter
		b := change(16, byte(total>>8), byte(total))
		b[38], b[39] = byte((total-20)>>8), byte(total-20)
		return b[:14+total]
	}
	for _, c := range []struct {
		data   []byte
		wanted decapsulation.Reason
	}{
		{whole, 0},
		{change(12, 0x08, 0x06), decapsulation.NotIP},
		{whole[:30], decapsulation.CutOff},
		{whole[:48], decapsulation.CutOff},
		{change(23, 6), decapsulation.NotUDP},
		{change(20, 0x20), decapsulation.Fragment},
		{change(20, 0, 9), decapsulation.Fragment},
		{change(36, 0, 80), decapsulation.OtherPort},
		{cut(30), decapsulation.TooShort},
		{change(38, 0, 50), decapsulation.BadLength},
		{change(42, 0), decapsulation.BadFlags},
		{change(36, 0x17, 0xc1), decapsulation.BadGENEVE},
	} {
		record := capture.Record{Data: c.data, Wire: len(c.data), Link: packet.LinkEthernet}
		if _, reason := decapsulation.New(decapsulation.Options{}).Decapsulate(&record); reason != c.wanted {
			t.Errorf("%d bytes: %q, want %q", len(c.data), reason, c.wanted)
		}
	}
	record := capture.Record{Data: whole, Wire: len(whole), Link: packet.LinkEthernet}
	if _, reason := decapsulation.New(decapsulation.Options{VNIs: []uint32{7}}).Decapsulate(&record); reason != decapsulation.OtherVNI {
		t.Errorf("another VNI: %q", reason)
	}
	record.Data = change(36, 0x21, 0x18)
	if c, reason := decapsulation.New(decapsulation.Options{Ports: []uint16{8472}}).Decapsulate(&record); reason != 0 || len(c.Frame) != 100 {
		t.Errorf("another port: %q", reason)
	}
	record.Data = whole[:80]
	if c, reason := decapsulation.New(decapsulation.Options{}).Decapsulate(&record); reason != 0 || len(c.Frame) != 30 || c.Length != 100 {
		t.Errorf("a copy that its capture cut: %q, %d of %d bytes", reason, len(c.Frame), c.Length)
	}
}

// Outer VLAN tags and outer IPv6 headers do not hide a copy.
func TestDecapsulate_outer(t *testing.T) {
	t.Parallel()
	whole := aCopy(t)
	tagged := slices.Concat(whole[:12], []byte{0x81, 0, 0, 5}, whole[12:])
	udp := whole[34:]
	ipv6 := packet.EthernetHeader{EtherType: packet.EtherTypeIPv6}.Append(nil)
	ipv6 = packet.IPv6Header{
		PayloadLength: uint16(len(udp)), NextHeader: 17, HopLimit: 64,
		Source: netip.MustParseAddr("2001:db8::1"), Destination: netip.MustParseAddr("2001:db8::2"),
	}.Append(ipv6)
	for _, data := range [][]byte{tagged, append(ipv6, udp...)} {
		record := capture.Record{Data: data, Wire: len(data), Link: packet.LinkEthernet}
		if c, reason := decapsulation.New(decapsulation.Options{}).Decapsulate(&record); reason != 0 || c.VNI != 4242 || len(c.Frame) != 100 {
			t.Errorf("%d bytes: %q", len(data), reason)
		}
	}
}

// Every packet is counted once: as a copy, or with a reason.
func FuzzDecapsulate(f *testing.F) {
	whole := aCopy(f)
	f.Add(whole, uint16(1))
	f.Add(whole[:40], uint16(1))
	f.Add(whole[14:], uint16(101))
	f.Fuzz(func(t *testing.T, data []byte, link uint16) {
		record := capture.Record{Data: data, Wire: len(data), Link: packet.LinkType(link)}
		c, reason := decapsulation.New(decapsulation.Options{}).Decapsulate(&record)
		tally := decapsulation.NewTally()
		tally.Add(c, reason)
		s := tally.Summary()
		if s.Packets != 1 || s.Copies+int64(len(s.NotCopies)) != 1 || len(c.Frame) > c.Length {
			t.Errorf("%+v, %q", s, reason)
		}
	})
}
