package simulation_test

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func drawHeader(r *rand.Rand) mirror.Header {
	random := func(ipv6 bool) netip.Addr {
		if !ipv6 {
			return netip.AddrFrom4([4]byte{10, byte(r.UintN(4)), byte(r.UintN(256)), byte(r.UintN(256))})
		}
		a := netip.MustParseAddr("2001:db8::").As16()
		a[5], a[15] = byte(r.UintN(3)), byte(r.UintN(256))
		return netip.AddrFrom16(a)
	}
	ipv6 := r.IntN(2) == 0
	h := mirror.Header{
		Protocol: mirror.Protocol(r.IntN(256)), Source: random(ipv6), Destination: random(ipv6),
	}
	if r.IntN(2) == 0 {
		h.Protocol = []mirror.Protocol{mirror.TCP, mirror.UDP}[r.IntN(2)]
	}
	if h.Protocol.HasPorts() && r.IntN(3) > 0 {
		h.HasPorts, h.SourcePort, h.DestinationPort = true, uint16(r.UintN(65536)), uint16(r.UintN(65536))
	}
	return h
}

// What describes a packet, in the dataplane and in the nouns, is read again, and is then the
// same packet.
func TestParsePacket_roundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	source := newSource(t)
	fragments := 0
	for range 5000 {
		h := drawHeader(r)
		text := h.String()
		words, problems := simulation.ParsePacket(text)
		if problems != nil {
			// An extension header is no protocol of a packet over IPv6.
			if h.Source.Is6() && strings.Contains(problems.Error(), "extension header") {
				continue
			}
			t.Fatalf("%q: %v", text, problems)
		}
		words.Direction = "ingress"
		var p packet.Packet
		if err := words.Decode(source, &p); err != nil {
			t.Fatal(err)
		}
		length := len(p.Data)
		described := dataplane.Describe(&p)
		if h.IsLaterFragment() {
			fragments++
		}
		if got, _, _ := strings.Cut(described, " bytes"); got[:strings.LastIndex(got, ",")] != text {
			t.Fatalf("%q is described as %q", text, described)
		}
		again, problems := simulation.ParsePacket(described)
		if problems != nil || again.Length != int64(length) || again.LaterFragment != h.IsLaterFragment() {
			t.Fatalf("%q is read as %+v: %v", described, again, problems)
		}
	}
	if fragments < 100 {
		t.Errorf("only %d packets are later fragments", fragments)
	}
}

func TestParsePacket(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tcp 10.1.2.3:50000 > 10.0.1.10:22":                         "",
		"  ingress  tcp 10.1.2.3:50000>10.0.1.10:22 , 1500 bytes  ": "",
		"icmp 10.0.0.1 > 10.0.0.2, later fragment, 100 bytes":       "",
		"6 [2001:db8::1]:1 > [2001:db8::2]:2":                       "",
		"icmpv6 [2001:db8::1] > 2001:db8::2":                        "",
		"":                                                          `"" is not a packet. ` + simulation.PacketForm,
		"arp, 28 bytes":                                             `"arp, 28 bytes" is not a packet. ` + simulation.PacketForm,
		"tcp 10.1.2.3:1 10.0.1.10:22":                               `"tcp 10.1.2.3:1 10.0.1.10:22" is not a packet. ` + simulation.PacketForm,
		"tcp 10.1.2.3:1 > 10.0.1.10:ssh":                            `destination_port is "ssh". Write a whole number from 0 to 65535.`,
		"tcp 10.1.2.3:65536 > 10.0.1.10:22":                         `source_port is "65536". Write a whole number from 0 to 65535.`,
		"tcp web:1 > 10.0.1.10:22":                                  `source is "web", which is not an IP address. Write an address such as "10.0.1.10" or "2001:db8::10".`,
		"tcp 10.1.2.3 > 10.0.1.10:22":                               `source_port is missing. Write it behind the address, such as "10.1.2.3:443": a TCP or UDP packet has both ports, unless it is a later fragment.`,
		"tcp [2001:db8::1]:5 > 2001:db8::2:22":                      `destination_port is missing. Write it behind the address, such as "[2001:db8::2:22]:443": a TCP or UDP packet has both ports, unless it is a later fragment.`,
		"tpc 10.1.2.3:1 > 10.0.1.10:22":                             `protocol is "tpc". ` + mirror.ProtocolFix(mirror.Protocols) + ".",
		"icmp 10.1.2.3:1 > 10.0.1.10":                               `source_port is set for protocol 1, which has no ports. Leave it out, or write tcp or udp as protocol.`,
		"icmp 10.1.2.3 > 2001:db8::1":                               `destination is 2001:db8::1, of another address family than source, 10.1.2.3. Write both as IPv4 or both as IPv6.`,
		"icmp 10.1.2.3 > 10.0.1.10, 1500":                           `"1500" cannot be read after the addresses. Write "later fragment" or a length such as "1500 bytes", each at most once.`,
		"icmp 10.1.2.3 > 10.0.1.10, 20 bytes":                       `length is 20. Write the length of the frame with its Ethernet header, for this packet from 42 to 65549.`,
		"udp 10.1.2.3:5 > 10.0.1.10:5, later fragment":              "source_port is set for a later fragment, which has no ports. Leave it out.",
		"icmp [2001:db8::1]x > 2001:db8::2":                         `source is "[2001:db8::1]x", which is not an IP address. Write an address such as "10.0.1.10" or "2001:db8::10".`,
	} {
		got := ""
		words, problems := simulation.ParsePacket(text)
		if problems != nil {
			got = problems.Error()
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
		if words.Name != strings.TrimSpace(text) {
			t.Errorf("%q has the name %q", text, words.Name)
		}
	}
}

// The text of a packet becomes its fields.
func TestParsePacket_fields(t *testing.T) {
	t.Parallel()
	w, problems := simulation.ParsePacket("egress udp [2001:db8::1]:5000 > [2001:db8::2]:53, 200 bytes")
	if problems != nil || w.Direction != "egress" || w.Protocol != "udp" || w.Source != "2001:db8::1" || *w.SourcePort != 5000 ||
		w.Destination != "2001:db8::2" || *w.DestinationPort != 53 || w.Length != 200 || w.LaterFragment {
		t.Errorf("%+v: %v", w, problems)
	}
}
