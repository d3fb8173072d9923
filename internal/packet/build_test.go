package packet_test

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

var (
	source4, destination4 = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	source6, destination6 = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
)

func port(n uint16) *uint16 { return &n }

// spec is a Spec. It has ports if its protocol has ports.
func spec(protocol uint8, source, destination netip.Addr, length int) packet.Spec {
	s := packet.Spec{Protocol: protocol, Source: source, Destination: destination, Length: length}
	if protocol == 6 || protocol == 17 {
		s.SourcePort, s.DestinationPort = port(1000), port(443)
	}
	return s
}

// A packet that is built decodes to its Spec.
func TestBuildDecodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		spec   packet.Spec
		length int
	}{
		{"TCP", spec(6, source4, destination4, 0), 54},
		{"TCP over IPv6", spec(6, source6, destination6, 0), 74},
		{"UDP", spec(17, source4, destination4, 0), 42},
		{"UDP over IPv6, odd length", spec(17, source6, destination6, 101), 101},
		{"ICMP", spec(1, source4, destination4, 98), 98},
		{"ICMPv6", spec(58, source6, destination6, 0), 62},
		{"GRE", spec(47, source4, destination4, 60), 60},
		{"the longest IPv4", spec(17, source4, destination4, 65549), 65549},
		{"the longest IPv6", spec(17, source6, destination6, 65589), 65589},
		{"ICMPv6 over IPv4 has no header", spec(58, source4, destination4, 0), 34},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.spec.SourceMAC, test.spec.DestinationMAC = [6]byte{2, 0, 0, 0, 0, 1}, [6]byte{2, 0, 0, 0, 0, 2}
			checkBuilt(t, test.spec, test.length)
			test.spec.VLAN = port(4094)
			if test.spec.Length != 0 {
				test.spec.Length += 4
			}
			checkBuilt(t, test.spec, test.length+4)
		})
	}
}

func checkBuilt(t *testing.T, s packet.Spec, length int) {
	t.Helper()
	frame, err := packet.Build(s)
	if err != nil {
		t.Fatal(err)
	}
	var p packet.Packet
	p.Decode(frame, packet.LinkEthernet)
	if len(frame) != length || p.IPOffset+p.IPLength != length || p.Cut {
		t.Errorf("a frame of %d bytes with an IP packet of %d, not %d", len(frame), p.IPLength, length)
	}
	if p.Protocol != s.Protocol || p.SourceAddr() != s.Source || p.DestinationAddr() != s.Destination || p.Fragment != packet.Whole {
		t.Errorf("it says protocol %d from %s to %s", p.Protocol, p.SourceAddr(), p.DestinationAddr())
	}
	if p.SourceMAC != s.SourceMAC || p.DestinationMAC != s.DestinationMAC || (p.Tags == 1) != (s.VLAN != nil) {
		t.Errorf("it says MAC %x to %x, %d tags", p.SourceMAC, p.DestinationMAC, p.Tags)
	}
	if p.HasPorts != (s.SourcePort != nil) || p.HasPorts && (p.SourcePort != *s.SourcePort || p.DestinationPort != *s.DestinationPort) {
		t.Errorf("it says ports %d and %d", p.SourcePort, p.DestinationPort)
	}
	checkChecksums(t, &p)
}

// The headers that are built, byte by byte. Other tests check the checksums.
func TestBuiltHeaders(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]packet.Spec{
		"03e8 01bb 00000001 00000001 5010 ffff 0000 0000": spec(6, source4, destination4, 0),
		"03e8 01bb 0008 0000":                             spec(17, source4, destination4, 0),
		"08 00 0000 0001 0001":                            spec(1, source4, destination4, 0),
		"80 00 0000 0001 0001":                            spec(58, source6, destination6, 0),
	} {
		frame, err := packet.Build(s)
		if err != nil {
			t.Fatal(err)
		}
		header := frame[len(frame)-len(unhex(t, want)):]
		clear(header[map[uint8]int{6: 16, 17: 6, 1: 2, 58: 2}[s.Protocol]:][:2])
		if !bytes.Equal(header, unhex(t, want)) {
			t.Errorf("protocol %d: %x, not %s", s.Protocol, header, want)
		}
	}
}

// A later fragment has no transport header, and what follows the IP headers is no port.
func TestBuild_laterFragment(t *testing.T) {
	t.Parallel()
	for _, s := range []packet.Spec{
		{Protocol: 6, Source: source4, Destination: destination4, Length: 100, LaterFragment: true},
		{Protocol: 17, Source: source6, Destination: destination6, Length: 62, LaterFragment: true},
		{Protocol: 1, Source: source4, Destination: destination4, LaterFragment: true},
	} {
		frame, err := packet.Build(s)
		if err != nil {
			t.Fatal(err)
		}
		var p packet.Packet
		p.Decode(frame, packet.LinkEthernet)
		if p.Fragment != packet.LaterFragment || p.Protocol != s.Protocol || p.HasPorts || p.Cut || s.Length != 0 && len(frame) != s.Length || p.SourceAddr() != s.Source {
			t.Errorf("%+v becomes %+v", s, p)
		}
		if p.Kind == packet.IPv4 && sum(frame[14:34]) != 0xffff {
			t.Errorf("the header's checksum is wrong: %x", frame[14:34])
		}
	}
}

// checkChecksums adds up what a receiver adds up. With a valid checksum, the sum
// has all bits set.
func checkChecksums(t *testing.T, p *packet.Packet) {
	t.Helper()
	ip := p.Data[p.IPOffset:]
	segment := p.Data[p.TransportOffset:]
	if p.Kind == packet.IPv4 && sum(ip[:20]) != 0xffff {
		t.Errorf("the header's checksum is wrong: %x", ip[:20])
	}
	pseudo := append(p.SourceAddr().AsSlice(), p.DestinationAddr().AsSlice()...)
	pseudo = append(pseudo, 0, byte(len(segment)>>16), byte(len(segment)>>8), byte(len(segment)), 0, p.Protocol)
	covered := slices.Concat(pseudo, segment)
	switch {
	case p.Protocol == 1 && p.Kind == packet.IPv4:
		covered = segment
	case p.Protocol == 58 && p.Kind == packet.IPv6, p.HasPorts:
	default:
		return
	}
	if sum(covered) != 0xffff {
		t.Errorf("the checksum of protocol %d is wrong: %x", p.Protocol, segment[:8])
	}
}

// sum is the sum of RFC 1071, byte by byte.
func sum(b []byte) int {
	total := 0
	for i, x := range b {
		total += int(x) << (8 * (1 - i%2))
		total = total&0xffff + total>>16
	}
	return total
}

// A UDP checksum of 0 is sent as 0xffff: 0 means that there is none.
func TestBuildNeverSendsNoChecksum(t *testing.T) {
	t.Parallel()
	found := false
	for n := range 65536 {
		s := spec(17, source4, destination4, 0)
		s.SourcePort = port(uint16(n))
		frame, err := packet.Build(s)
		if err != nil {
			t.Fatal(err)
		}
		checksum := uint16(frame[40])<<8 | uint16(frame[41])
		if checksum == 0 {
			t.Fatalf("from port %d the checksum is 0", n)
		}
		found = found || checksum == 0xffff
	}
	if !found {
		t.Error("no port makes the checksum 0xffff")
	}
}

func TestBuildSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	change := func(f func(*packet.Spec)) packet.Spec {
		s := spec(6, source4, destination4, 0)
		f(&s)
		return s
	}
	for _, test := range []struct {
		want string
		spec packet.Spec
	}{
		{`source is missing. Write an IP address such as "10.0.1.10" or "2001:db8::10".`, change(func(s *packet.Spec) { s.Source = netip.Addr{} })},
		{`destination is missing. Write an IP address such as "10.0.1.10" or "2001:db8::10".`, change(func(s *packet.Spec) { s.Destination = netip.Addr{} })},
		{`source is "::ffff:10.0.0.1", which no packet carries. Write "10.0.0.1".`, change(func(s *packet.Spec) { s.Source = netip.MustParseAddr("::ffff:10.0.0.1") })},
		{`source is "fe80::1%eth0", which no packet carries. Write "fe80::1".`, change(func(s *packet.Spec) { s.Source = netip.MustParseAddr("fe80::1%eth0") })},
		{`destination is 2001:db8::2, of another address family than source, 10.0.0.1. Write both as IPv4 or both as IPv6.`, change(func(s *packet.Spec) { s.Destination = destination6 })},
		{`source_port is missing. Write a port from 0 to 65535: a TCP or UDP packet has both ports.`, change(func(s *packet.Spec) { s.SourcePort = nil })},
		{`destination_port is missing. Write a port from 0 to 65535: a TCP or UDP packet has both ports.`, change(func(s *packet.Spec) { s.DestinationPort = nil })},
		{`source_port is set for protocol 1, which has no ports. Leave it out, or write tcp or udp as protocol.`, change(func(s *packet.Spec) { s.Protocol = 1 })},
		{`destination_port is set for protocol 1, which has no ports. Leave it out, or write tcp or udp as protocol.`, change(func(s *packet.Spec) { s.Protocol, s.SourcePort = 1, nil })},
		{`vlan is 4095. Write a VLAN ID from 0 to 4094.`, change(func(s *packet.Spec) { s.VLAN = port(4095) })},
		{`length is 53. Write the length of the frame with its Ethernet header, for this packet from 54 to 65549.`, change(func(s *packet.Spec) { s.Length = 53 })},
		{`length is 65550. Write the length of the frame with its Ethernet header, for this packet from 54 to 65549.`, change(func(s *packet.Spec) { s.Length = 65550 })},
		{`length is -1. Write the length of the frame with its Ethernet header, for this packet from 54 to 65549.`, change(func(s *packet.Spec) { s.Length = -1 })},
		{`length is 65590. Write the length of the frame with its Ethernet header, for this packet from 74 to 65589.`, spec(6, source6, destination6, 65590)},
		{`protocol is 0, which is an extension header in IPv6. Write the protocol behind it, such as tcp, udp or icmpv6.`, spec(0, source6, destination6, 0)},
	} {
		_, err := packet.Build(test.spec)
		var wrong *packet.SpecError
		if !errors.As(err, &wrong) || err.Error() != test.want {
			t.Errorf("\n got %v\nwant %s", err, test.want)
		}
	}
}
