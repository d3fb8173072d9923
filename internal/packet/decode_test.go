package packet_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// unhex reads hexadecimal digits, with spaces anywhere between bytes.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Parts of packets. The addresses are 10.0.0.1 and 10.0.0.2, 2001:db8::1 and
// 2001:db8::2; the ports 1000 and 443.
const (
	macs     = "020000000002 020000000001 "
	ipv4Tail = "0000 0a000001 0a000002 "
	ipv6Tail = "40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
	ports    = "03e8 01bb "
	rest8    = "00000000 00000000 "
)

// udp4 and udp6 are whole packets of UDP without a payload.
const (
	udp4 = "4500 001c 0000 0000 4011 " + ipv4Tail + ports + "00080000 "
	udp6 = "60000000 0008 11 " + ipv6Tail + ports + "00080000 "
)

// read is the part of a decoded packet that the tables state.
type read struct {
	kind            packet.Kind
	protocol        uint8
	fragment        packet.Fragment
	hasPorts        bool
	transport       int
	ipOffset, ipLen int
}

func TestDecode(t *testing.T) {
	t.Parallel()
	whole4 := read{packet.IPv4, 17, packet.Whole, true, 34, 14, 28}
	whole6 := read{packet.IPv6, 17, packet.Whole, true, 54, 14, 48}
	kind := func(k packet.Kind) read { return read{kind: k} }
	eth, raw, sll, sll2 := packet.LinkEthernet, packet.LinkRaw, packet.LinkLinuxSLL, packet.LinkLinuxSLL2
	null, ppp := packet.LinkNull, packet.LinkPPP
	for _, test := range []struct {
		name string
		link packet.LinkType
		data string
		want read
	}{
		{"IPv4", eth, macs + "0800" + udp4, whole4},
		{"IPv4 with padding", eth, macs + "0800" + udp4 + rest8 + rest8, whole4},
		{"IPv4 with options", eth, macs + "0800 4600 0020 0000 0000 4011" + ipv4Tail + "94040000" + ports + "00080000", read{packet.IPv4, 17, packet.Whole, true, 38, 14, 32}},
		{"A0116: IPv4, total length 0", eth, macs + "0800 4500 0000 0000 0000 4011" + ipv4Tail + ports + rest8, read{packet.IPv4, 17, packet.Whole, true, 34, 14, 32}},
		{"IPv4, ports in the padding", eth, macs + "0800 4500 0014 0000 0000 4006" + ipv4Tail + ports, read{packet.IPv4, 6, packet.Whole, false, 34, 14, 20}},
		{"IPv4, three bytes of ports", eth, macs + "0800 4500 0017 0000 0000 4006" + ipv4Tail + ports, read{packet.IPv4, 6, packet.Whole, false, 34, 14, 23}},
		{"IPv4, SCTP", eth, macs + "0800 4500 0020 0000 0000 4084" + ipv4Tail + ports + rest8, read{packet.IPv4, 132, packet.Whole, false, 34, 14, 32}},
		{"IPv4, AH is a protocol", eth, macs + "0800 4500 0020 0000 0000 4033" + ipv4Tail + "06010000" + rest8, read{packet.IPv4, 51, packet.Whole, false, 34, 14, 32}},
		{"IPv4, do not fragment", eth, macs + "0800 4500 001c 0000 4000 4011" + ipv4Tail + ports + "00080000", whole4},
		{"IPv4, first fragment", eth, macs + "0800 4500 001c 0000 2000 4011" + ipv4Tail + ports + "00080000", read{packet.IPv4, 17, packet.FirstFragment, true, 34, 14, 28}},
		{"IPv4, later fragment", eth, macs + "0800 4500 001c 0000 2001 4011" + ipv4Tail + ports + "00080000", read{packet.IPv4, 17, packet.LaterFragment, false, 0, 14, 28}},
		{"IPv4, last fragment", eth, macs + "0800 4500 001c 0000 1fff 4011" + ipv4Tail + ports + "00080000", read{packet.IPv4, 17, packet.LaterFragment, false, 0, 14, 28}},
		{"IPv4, IHL 4", eth, macs + "0800 4400 001c 0000 0000 4011" + ipv4Tail + ports + "00080000", kind(packet.Unreadable)},
		{"IPv4, header above total length", eth, macs + "0800 4600 0014 0000 0000 4011" + ipv4Tail + ports + "00080000", kind(packet.Unreadable)},
		{"IPv4, total length below a header", eth, macs + "0800 4500 0013 0000 0000 4011" + ipv4Tail + ports + "00080000", kind(packet.Unreadable)},
		{"IPv4, options cut off", eth, macs + "0800 4600 0020 0000 0000 4011" + ipv4Tail + "9404", kind(packet.CutOff)},
		{"IPv4, header cut off", eth, macs + "0800 4500 001c 0000 0000 4011 0000 0a000001 0a0000", kind(packet.CutOff)},
		{"IPv4 that says 6", eth, macs + "0800" + udp6, kind(packet.Unreadable)},

		{"IPv6", eth, macs + "86dd" + udp6, whole6},
		{"IPv6 that says 4", eth, macs + "86dd" + udp4 + rest8 + rest8, kind(packet.Unreadable)},
		{"IPv6, header cut off", eth, macs + "86dd 60000000 0008 11 40 20010db8", kind(packet.CutOff)},
		{"A0116: IPv6, payload length 0 and a payload", eth, macs + "86dd 60000000 0000 11 " + ipv6Tail + ports + "00080000", whole6},
		{"IPv6, no next header", eth, macs + "86dd 60000000 0000 3b " + ipv6Tail + rest8, read{packet.IPv6, 59, packet.Whole, false, 54, 14, 40}},
		{"IPv6, hop-by-hop", eth, macs + "86dd 60000000 0010 00 " + ipv6Tail + "11000502 00000000" + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 62, 14, 56}},
		{"IPv6, hop-by-hop of 16 bytes", eth, macs + "86dd 60000000 0018 00 " + ipv6Tail + "11010502 00000000" + rest8 + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 70, 14, 64}},
		{"IPv6, routing", eth, macs + "86dd 60000000 0010 2b " + ipv6Tail + "11000400 00000000" + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 62, 14, 56}},
		{"IPv6, destination options", eth, macs + "86dd 60000000 0010 3c " + ipv6Tail + "11000104 00000000" + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 62, 14, 56}},
		{"IPv6, AH counts in fours", eth, macs + "86dd 60000000 0014 33 " + ipv6Tail + "11010000" + rest8 + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 66, 14, 60}},
		{"A0115: IPv6, two extensions", eth, macs + "86dd 60000000 0018 00 " + ipv6Tail + "3c000502 00000000 11000104 00000000" + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 70, 14, 64}},
		{"IPv6, atomic fragment", eth, macs + "86dd 60000000 0010 2c " + ipv6Tail + "11000000 00000001" + ports + "00080000", read{packet.IPv6, 17, packet.Whole, true, 62, 14, 56}},
		{"IPv6, first fragment", eth, macs + "86dd 60000000 0010 2c " + ipv6Tail + "11000001 00000001" + ports + "00080000", read{packet.IPv6, 17, packet.FirstFragment, true, 62, 14, 56}},
		{"IPv6, later fragment", eth, macs + "86dd 60000000 0010 2c " + ipv6Tail + "11000008 00000001" + ports + "00080000", read{packet.IPv6, 17, packet.LaterFragment, false, 0, 14, 56}},
		{"IPv6, extensions behind a later fragment are its payload", eth, macs + "86dd 60000000 0010 2c " + ipv6Tail + "3c000008 00000001" + ports + "00080000", read{packet.IPv6, 60, packet.LaterFragment, false, 0, 14, 56}},
		{"IPv6, extension longer than the packet", eth, macs + "86dd 60000000 0010 00 " + ipv6Tail + "11020502 00000000" + ports + "00080000" + rest8, kind(packet.Unreadable)},
		{"IPv6, extension cut off", eth, macs + "86dd 60000000 0018 00 " + ipv6Tail + "11010502 00000000", kind(packet.CutOff)},
		{"IPv6, ESP ends what can be read", eth, macs + "86dd 60000000 0008 32 " + ipv6Tail + rest8, read{packet.IPv6, 50, packet.Whole, false, 54, 14, 48}},

		{"A0114: 802.1Q", eth, macs + "8100 0007 0800" + udp4, read{packet.IPv4, 17, packet.Whole, true, 38, 18, 28}},
		{"802.1ad and 802.1Q", eth, macs + "88a8 0007 8100 0008 86dd" + udp6, read{packet.IPv6, 17, packet.Whole, true, 62, 22, 48}},
		{"old QinQ", eth, macs + "9100 0007 8100 0008 0800" + udp4, read{packet.IPv4, 17, packet.Whole, true, 42, 22, 28}},
		{"a tag cut off", eth, macs + "8100 0007 08", kind(packet.CutOff)},
		{"ARP", eth, macs + "0806", kind(packet.ARP)},
		{"ARP behind a tag", eth, macs + "8100 0007 0806", kind(packet.ARP)},
		{"MPLS, whatever is in it", eth, macs + "8847 0001f140" + udp4, kind(packet.NotIP)},
		{"802.3 length", eth, macs + "0026 4242 03", kind(packet.NotIP)},
		{"13 bytes", eth, macs + "08", kind(packet.CutOff)},
		{"nothing", eth, "", kind(packet.CutOff)},

		{"raw IPv4", raw, udp4, read{packet.IPv4, 17, packet.Whole, true, 20, 0, 28}},
		{"raw IPv6", raw, udp6, read{packet.IPv6, 17, packet.Whole, true, 40, 0, 48}},
		{"raw, another version", raw, "5" + udp4[1:], kind(packet.Unreadable)},
		{"raw, nothing", raw, "", kind(packet.CutOff)},
		{"LINKTYPE_IPV4", packet.LinkIPv4, udp4, read{packet.IPv4, 17, packet.Whole, true, 20, 0, 28}},
		{"LINKTYPE_IPV4 with IPv6", packet.LinkIPv4, udp6, kind(packet.Unreadable)},
		{"LINKTYPE_IPV6", packet.LinkIPv6, udp6, read{packet.IPv6, 17, packet.Whole, true, 40, 0, 48}},
		{"LINKTYPE_IPV6 with IPv4", packet.LinkIPv6, udp4, kind(packet.Unreadable)},
		{"cooked", sll, "0000 0001 0006 0200000000010000 0800" + udp4, read{packet.IPv4, 17, packet.Whole, true, 36, 16, 28}},
		{"cooked, tagged", sll, "0000 0001 0006 0200000000010000 8100 0007 0800" + udp4, read{packet.IPv4, 17, packet.Whole, true, 40, 20, 28}},
		{"cooked, cut off", sll, "0000 0001 0006 0200000000010000 08", kind(packet.CutOff)},
		{"DLT_RAW of most systems", 12, udp4, read{packet.IPv4, 17, packet.Whole, true, 20, 0, 28}},
		{"DLT_RAW of OpenBSD", 14, udp6, read{packet.IPv6, 17, packet.Whole, true, 40, 0, 48}},
		{"cooked 2", sll2, "0800 0000 00000002 0001 04 06 0200000000010000" + udp4, read{packet.IPv4, 17, packet.Whole, true, 40, 20, 28}},
		{"cooked 2, IPv6", sll2, "86dd 0000 00000002 0001 04 06 0200000000010000" + udp6, read{packet.IPv6, 17, packet.Whole, true, 60, 20, 48}},
		{"cooked 2, tagged", sll2, "8100 0000 00000002 0001 04 06 0200000000010000 0007 0800" + udp4, read{packet.IPv4, 17, packet.Whole, true, 44, 24, 28}},
		{"cooked 2, ARP", sll2, "0806 0000 00000002 0001 01 06 0200000000010000", kind(packet.ARP)},
		{"cooked 2, netlink", sll2, "0004 0000 00000002 0338 04 00 0000000000000000", kind(packet.NotIP)},
		{"cooked 2, cut off", sll2, "0800 0000 00000002 0001 04 06 02000000000100", kind(packet.CutOff)},
		{"loopback, little-endian", null, "02000000" + udp4, read{packet.IPv4, 17, packet.Whole, true, 24, 4, 28}},
		{"loopback, big-endian", null, "00000002" + udp4, read{packet.IPv4, 17, packet.Whole, true, 24, 4, 28}},
		{"loopback, IPv6 of NetBSD and OpenBSD", null, "18000000" + udp6, read{packet.IPv6, 17, packet.Whole, true, 44, 4, 48}},
		{"loopback, IPv6 of FreeBSD", null, "0000001c" + udp6, read{packet.IPv6, 17, packet.Whole, true, 44, 4, 48}},
		{"loopback, IPv6 of macOS", null, "1e000000" + udp6, read{packet.IPv6, 17, packet.Whole, true, 44, 4, 48}},
		{"loopback, OSI", null, "07000000" + udp4, kind(packet.NotIP)},
		{"loopback, cut off", null, "020000", kind(packet.CutOff)},
		{"LOOP", packet.LinkLoop, "00000002" + udp4, read{packet.IPv4, 17, packet.Whole, true, 24, 4, 28}},
		{"LOOP, IPv6", packet.LinkLoop, "00000018" + udp6, read{packet.IPv6, 17, packet.Whole, true, 44, 4, 48}},
		{"LOOP in the wrong byte order", packet.LinkLoop, "1e000000" + udp6, read{packet.IPv6, 17, packet.Whole, true, 44, 4, 48}},
		{"PPP", ppp, "0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 22, 2, 28}},
		{"PPP, IPv6", ppp, "0057" + udp6, read{packet.IPv6, 17, packet.Whole, true, 42, 2, 48}},
		{"PPP, one byte of protocol", ppp, "21" + udp4, read{packet.IPv4, 17, packet.Whole, true, 21, 1, 28}},
		{"PPP, framed", ppp, "ff03 0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 24, 4, 28}},
		{"PPP, framed, one byte of protocol", ppp, "ff03 57" + udp6, read{packet.IPv6, 17, packet.Whole, true, 43, 3, 48}},
		{"PPP, LCP", ppp, "c021 01010004", kind(packet.NotIP)},
		{"PPP, MPLS, whatever is in it", ppp, "0281 0001f140" + udp4, kind(packet.NotIP)},
		{"PPP, framed, cut off", ppp, "ff03 00", kind(packet.CutOff)},
		{"PPP, one byte", ppp, "ff", kind(packet.CutOff)},
		{"PPP is not Cisco HDLC", ppp, "0f00 0800" + udp4, kind(packet.NotIP)},
		{"PPP_HDLC", packet.LinkPPPHDLC, "ff03 0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 24, 4, 28}},
		{"PPP_HDLC without framing", packet.LinkPPPHDLC, "0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 22, 2, 28}},
		{"Cisco HDLC", packet.LinkPPPHDLC, "0f00 0800" + udp4, read{packet.IPv4, 17, packet.Whole, true, 24, 4, 28}},
		{"Cisco HDLC, multicast", packet.LinkPPPHDLC, "8f00 86dd" + udp6, read{packet.IPv6, 17, packet.Whole, true, 44, 4, 48}},
		{"Cisco HDLC, keepalive", packet.LinkPPPHDLC, "8f00 8035 00000002", kind(packet.NotIP)},
		{"Cisco HDLC, cut off", packet.LinkPPPHDLC, "0f00 08", kind(packet.CutOff)},
		{"A0197: PPPoE", eth, macs + "8864 1100 0001 001e 0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 42, 22, 28}},
		{"PPPoE, IPv6, padding", eth, macs + "8864 1100 0001 0032 0057" + udp6 + rest8, read{packet.IPv6, 17, packet.Whole, true, 62, 22, 48}},
		{"PPPoE, tagged", eth, macs + "8100 0007 8864 1100 0001 001e 0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 46, 26, 28}},
		{"PPPoE, one byte of protocol", eth, macs + "8864 1100 0001 001d 21" + udp4, read{packet.IPv4, 17, packet.Whole, true, 41, 21, 28}},
		{"PPPoE, LCP", eth, macs + "8864 1100 0001 0006 c021 0901 0008", kind(packet.NotIP)},
		{"PPPoE, another code", eth, macs + "8864 11a7 0001 001e 0021" + udp4, kind(packet.NotIP)},
		{"PPPoE, another version", eth, macs + "8864 2100 0001 001e 0021" + udp4, kind(packet.NotIP)},
		{"PPPoE, cut off", eth, macs + "8864 1100 0001 00", kind(packet.CutOff)},
		{"PPPoE, protocol cut off", eth, macs + "8864 1100 0001 001e 00", kind(packet.CutOff)},
		{"PPPoE discovery", eth, macs + "8863 1109 0000 0004 0101 0000", kind(packet.NotIP)},
		{"cooked, PPPoE", sll, "0000 0001 0006 0200000000010000 8864 1100 0001 001e 0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 44, 24, 28}},
		{"PPP_ETHER", packet.LinkPPPEther, "1100 0001 001e 0021" + udp4, read{packet.IPv4, 17, packet.Whole, true, 28, 8, 28}},
		{"PPP_ETHER, discovery", packet.LinkPPPEther, "1109 0000 0004 0101 0000", kind(packet.NotIP)},
		{"PPP_ETHER, nothing", packet.LinkPPPEther, "", kind(packet.CutOff)},
		{"a link type that is not read", 147, macs + "0800" + udp4, kind(packet.UnknownLink)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := packet.Packet{Protocol: 99, HasPorts: true} // Decode has to overwrite it
			p.Decode(unhex(t, test.data), test.link)
			got := read{kind: p.Kind}
			if p.IsIP() {
				got = read{p.Kind, p.Protocol, p.Fragment, p.HasPorts, p.TransportOffset, p.IPOffset, p.IPLength}
			}
			if got != test.want {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
			checkAddresses(t, &p)
		})
	}
}

func checkAddresses(t *testing.T, p *packet.Packet) {
	t.Helper()
	source, destination := "10.0.0.1", "10.0.0.2"
	if p.Kind == packet.IPv6 {
		source, destination = "2001:db8::1", "2001:db8::2"
	}
	if p.IsIP() && (p.SourceAddr() != netip.MustParseAddr(source) || p.DestinationAddr() != netip.MustParseAddr(destination)) {
		t.Errorf("the addresses are %s and %s, not %s and %s", p.SourceAddr(), p.DestinationAddr(), source, destination)
	}
	if p.HasPorts && (p.SourcePort != 1000 || p.DestinationPort != 443) {
		t.Errorf("the ports are %d and %d, not 1000 and 443", p.SourcePort, p.DestinationPort)
	}
	if p.HasMAC && (p.SourceMAC[5] != 1 || p.DestinationMAC[5] != 2) {
		t.Errorf("the MAC addresses are %x and %x", p.SourceMAC, p.DestinationMAC)
	}
}

// A packet that is cut off anywhere is read as far as it goes.
func TestDecodeCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		data           string
		headers, ports int // how many bytes it takes to read them
	}{
		{"IPv4", macs + "0800" + udp4, 34, 38},
		{"IPv6 with extensions", macs + "86dd 60000000 0018 00 " + ipv6Tail + "3c000502 00000000 11000104 00000000" + ports + "00080000", 70, 74},
		{"PPPoE behind a tag", macs + "8100 0007 8864 1100 0001 001e 0021" + udp4, 46, 50},
	} {
		whole := unhex(t, test.data)
		for n := range whole {
			var p packet.Packet
			p.Decode(whole[:n], packet.LinkEthernet)
			if p.IsIP() != (n >= test.headers) || p.HasPorts != (n >= test.ports) {
				t.Errorf("%s: of %d bytes: IP %t, ports %t", test.name, n, p.IsIP(), p.HasPorts)
			}
			if !p.IsIP() && p.Kind != packet.CutOff {
				t.Errorf("%s: of %d bytes: kind %d, not cut off", test.name, n, p.Kind)
			}
			if p.PortsCutOff() != (test.headers <= n && n < test.ports) {
				t.Errorf("%s: of %d bytes: ports cut off: %t", test.name, n, p.PortsCutOff())
			}
			if p.FrameLength() != max(n, 14) && n >= 14 {
				t.Errorf("%s: of %d bytes: a frame of %d", test.name, n, p.FrameLength())
			}
		}
	}
}

func TestHeading(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]packet.Heading{
		"0000": packet.Inbound, "0001": packet.Passing, "0002": packet.Passing, "0003": packet.Passing, "0004": packet.Outbound,
	} {
		var p packet.Packet
		p.Decode(unhex(t, kind+"0001 0006 0200000000010000 0800"+udp4), packet.LinkLinuxSLL)
		if p.Heading != want || p.SourceMAC != [6]byte{2, 0, 0, 0, 0, 1} || p.HasMAC {
			t.Errorf("packet type %s (A0118): heading %d, source %x, both MAC addresses %t", kind, p.Heading, p.SourceMAC, p.HasMAC)
		}
		p.Decode(unhex(t, "0800 0000 00000102 0001"+kind[2:]+"06 0200000000010000"+udp4), packet.LinkLinuxSLL2)
		if p.Heading != want || p.SourceMAC != [6]byte{2, 0, 0, 0, 0, 1} || p.HasMAC || p.InterfaceIndex != 0x102 {
			t.Errorf("packet type %s (A0118), version 2: heading %d, source %x, both MAC addresses %t, interface %d", kind, p.Heading, p.SourceMAC, p.HasMAC, p.InterfaceIndex)
		}
	}
}

// An Ethernet header takes the place of another link header. Tags and a PPPoE header
// stay.
func TestFrameOfOtherLinks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		link   packet.LinkType
		header string
		ether  uint16
		kept   string // of the header
	}{
		{packet.LinkRaw, "", 0x0800, ""},
		{packet.LinkLinuxSLL, "0000 0001 0006 0200000000010000 0800", 0x0800, ""},
		{packet.LinkLinuxSLL, "0000 0001 0006 0200000000010000 8100 0007 0800", 0x8100, "0007 0800"},
		{packet.LinkLinuxSLL2, "0800 0000 00000002 0001 04 06 0200000000010000", 0x0800, ""},
		{packet.LinkLinuxSLL2, "8100 0000 00000002 0001 04 06 0200000000010000 0007 0800", 0x8100, "0007 0800"},
		{packet.LinkNull, "02000000", 0x0800, ""},
		{packet.LinkLoop, "00000002", 0x0800, ""},
		{packet.LinkPPP, "ff03 21", 0x0800, ""},
		{packet.LinkPPPHDLC, "0f00 0800", 0x0800, ""},
		{packet.LinkPPPEther, "1100 0001 001e 0021", 0x8864, "1100 0001 001e 0021"},
		{packet.LinkEthernet, macs + "0800", 0x0800, ""},
		{packet.LinkEthernet, macs + "88a8 0007 0800", 0x88a8, "0007 0800"},
		{packet.LinkEthernet, macs + "8864 1100 0001 001e 0021", 0x8864, "1100 0001 001e 0021"},
	} {
		var p packet.Packet
		p.Decode(unhex(t, test.header+udp4), test.link)
		if p.OuterEtherType() != test.ether {
			t.Errorf("%s %s: EtherType %#x, not %#x", test.link, test.header, p.OuterEtherType(), test.ether)
		}
		if want := unhex(t, test.kept+udp4); p.FrameLength() != 14+len(want) || !bytes.Equal(p.LinkPayload(), want) {
			t.Errorf("%s %s: a frame of %d bytes with %x, not %x", test.link, test.header, p.FrameLength(), p.LinkPayload(), want)
		}
	}
}

// The numbers of https://www.tcpdump.org/linktypes.html.
func TestLinkTypes(t *testing.T) {
	t.Parallel()
	for number, name := range map[packet.LinkType]string{
		0: "NULL", 1: "ETHERNET", 9: "PPP", 12: "RAW", 14: "RAW", 50: "PPP_HDLC", 51: "PPP_ETHER", 101: "RAW", 108: "LOOP", 113: "LINUX_SLL",
		228: "IPV4", 229: "IPV6", 276: "LINUX_SLL2", 147: "147",
	} {
		if number.String() != name {
			t.Errorf("%d is %s, not %s", number, number, name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		macs + "0800" + udp4, macs + "86dd" + udp6, macs + "8100 0007 0800" + udp4,
		macs + "86dd 60000000 0010 2c " + ipv6Tail + "11000001 00000001" + ports + "00080000",
		macs + "86dd 60000000 0014 33 " + ipv6Tail + "11010000" + rest8 + ports + "00080000",
		"0004 0001 0006 0200000000010000 0800" + udp4,
		"86dd 0000 00000002 0001 04 06 0200000000010000" + udp6, "1e000000" + udp6, "00000002" + udp4, "ff03 0021" + udp4, "57" + udp6,
		"8f00 0800" + udp4, "1100 0001 001e 0021" + udp4, macs + "8864 1100 0001 001e 0021" + udp4,
		macs + "0800 4500 0026 0000 0000 ff11" + ipv4Tail + "ff80 12b5 0012 0000 08000000 54fa2100 aabb",
		macs + "0800 4500 0030 0000 0000 ff11" + ipv4Tail + "c000 17c1 001c 0000 02000800 00000000 01080301 01020304 aabbccdd",
	} {
		for _, link := range []uint16{0, 1, 9, 50, 51, 101, 108, 113, 276} {
			f.Add(unhex(f, seed), link)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, link uint16) {
		var p packet.Packet
		p.Decode(data, packet.LinkType(link))
		if p.FrameLength() < 0 || len(p.LinkPayload()) > len(data) {
			t.Errorf("a frame of %d bytes", p.FrameLength())
		}
		if tunnel, err := p.Unwrap(); err == nil && len(tunnel.Inner) > len(data)-16 {
			t.Errorf("%d bytes in a packet of %d", len(tunnel.Inner), len(data))
		}
		if !p.IsIP() {
			return
		}
		if p.IPOffset+p.IPLength > len(data) || p.IPLength < 20 {
			t.Errorf("an IP packet of %d bytes at %d in %d", p.IPLength, p.IPOffset, len(data))
		}
		if p.Fragment != packet.LaterFragment && (p.TransportOffset < p.IPOffset+20 || p.TransportOffset > p.IPOffset+p.IPLength) {
			t.Errorf("a transport header at %d behind IP at %d", p.TransportOffset, p.IPOffset)
		}
		if p.HasPorts && (p.PortsCutOff() || p.TransportOffset+4 > p.IPOffset+p.IPLength) {
			t.Error("ports where there are none")
		}
	})
}
