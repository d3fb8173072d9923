package dataplane_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	build := func(spec packet.Spec) []byte {
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		return frame
	}
	v4 := packet.Spec{
		Protocol: packet.ProtocolTCP, Source: netip.MustParseAddr("10.1.2.3"), Destination: netip.MustParseAddr("10.0.1.10"),
		SourcePort: new(uint16(50000)), DestinationPort: new(uint16(22)), Length: 1500,
	}
	v6 := v4
	v6.Source, v6.Destination = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	ping := packet.Spec{Protocol: packet.ProtocolICMP, Source: v4.Source, Destination: v4.Destination}
	later := build(ping)
	later[14+7] = 1 // fragment offset 8
	link := func(number packet.LinkType, b ...byte) string {
		var p packet.Packet
		p.Decode(b, number)
		return dataplane.Describe(&p)
	}
	if got := link(packet.LinkPPP, 0xc0, 0x21, 1, 1); got != "not IP, 4 bytes" {
		t.Error(got)
	}
	if got := link(147, 1, 2); got != "link type 147, 2 bytes" {
		t.Error(got)
	}
	for want, frame := range map[string][]byte{
		"tcp 10.1.2.3:50000 > 10.0.1.10:22, 1500 bytes":          build(v4),
		"tcp [2001:db8::1]:50000 > [2001:db8::2]:22, 1500 bytes": build(v6),
		"icmp 10.1.2.3 > 10.0.1.10, 42 bytes":                    build(ping),
		"icmp 10.1.2.3 > 10.0.1.10, later fragment, 42 bytes":    later,
		"arp, 28 bytes":                    append(make([]byte, 12), append([]byte{0x08, 0x06}, make([]byte, 14)...)...),
		"EtherType 0x88cc, 28 bytes":       append(make([]byte, 12), append([]byte{0x88, 0xcc}, make([]byte, 14)...)...),
		"cut off in its headers, 20 bytes": build(v4)[:20],
	} {
		var p packet.Packet
		p.Decode(frame, packet.LinkEthernet)
		if got := dataplane.Describe(&p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
