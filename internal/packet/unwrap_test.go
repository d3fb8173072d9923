package packet_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// datagram is a UDP packet in Ethernet and IPv4 whose length fields are right.
// Bytes in hexadecimal follow the UDP header.
func datagram(t *testing.T, port uint16, text string) []byte {
	t.Helper()
	payload := unhex(t, text)
	length := uint16(8 + len(payload))
	b := packet.EthernetHeader{EtherType: packet.EtherTypeIPv4}.Append(nil)
	b = packet.IPv4Header{TotalLength: 20 + length, TTL: 64, Protocol: packet.ProtocolUDP, Source: source4, Destination: destination4}.Append(b)
	b = packet.UDPHeader{SourcePort: 0xff80, DestinationPort: port, Length: length}.Append(b)
	return append(b, payload...)
}

func unwrap(data []byte) (packet.Tunnel, error) {
	var p packet.Packet
	p.Decode(data, packet.LinkEthernet)
	return p.Unwrap()
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	option := packet.GENEVEOption{Class: 0x0108, Type: 3, Data: []byte{1, 2, 3, 4}}
	for _, test := range []struct {
		name string
		port uint16
		text string
		want packet.Tunnel
	}{
		{"VXLAN", 4789, "08000000 54fa2100 aabb", packet.Tunnel{Protocol: packet.VXLAN, VNI: 0x54fa21, Link: packet.LinkEthernet}},
		{"VXLAN: reserved bits are ignored", 4789, "f8123456 54fa21ff aabb", packet.Tunnel{Protocol: packet.VXLAN, VNI: 0x54fa21, Link: packet.LinkEthernet}},
		{"GENEVE with Ethernet", 6081, "00006558 54fa2100 aabb", packet.Tunnel{Protocol: packet.GENEVE, VNI: 0x54fa21, Link: packet.LinkEthernet}},
		{"GENEVE with IPv4", 6081, "00000800 00000000 aabb", packet.Tunnel{Protocol: packet.GENEVE, Link: packet.LinkIPv4}},
		{"GENEVE with IPv6", 6081, "000086dd 00000000 aabb", packet.Tunnel{Protocol: packet.GENEVE, Link: packet.LinkIPv6}},
		{
			"GENEVE with options, one of them critical and without data", 6081, "03400800 00000000 01080301 01020304 ffff8000 aabb",
			packet.Tunnel{Protocol: packet.GENEVE, Link: packet.LinkIPv4, Options: []packet.GENEVEOption{option, {Class: 0xffff, Type: 0x80}}},
		},
	} {
		got, err := unwrap(datagram(t, test.port, test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got.Protocol != test.want.Protocol || got.VNI != test.want.VNI || got.Link != test.want.Link || string(got.Inner) != "\xaa\xbb" {
			t.Errorf("%s: %+v, not %+v", test.name, got, test.want)
		}
		if !equalOptions(got.Options, test.want.Options) {
			t.Errorf("%s: options %+v, not %+v", test.name, got.Options, test.want.Options)
		}
	}
}

func equalOptions(a, b []packet.GENEVEOption) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Class != b[i].Class || a[i].Type != b[i].Type || !bytes.Equal(a[i].Data, b[i].Data) {
			return false
		}
	}
	return true
}

// What AppendGENEVE writes is read again.
func TestUnwrapBuiltGENEVE(t *testing.T) {
	t.Parallel()
	want := []packet.GENEVEOption{{Class: 0x0108, Type: 1, Data: make([]byte, 8)}, {Class: 0x0108, Type: 3, Data: []byte{1, 2, 3, 4}}}
	payload := packet.AppendGENEVE(nil, packet.EtherTypeIPv6, want...)
	b := datagram(t, packet.GENEVEPort, strings.Repeat("00", len(payload)))
	copy(b[len(b)-len(payload):], payload)
	got, err := unwrap(b)
	if err != nil || got.Link != packet.LinkIPv6 || len(got.Inner) != 0 || !equalOptions(got.Options, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// An outer packet that the capture cut off has an inner packet that is cut off.
func TestUnwrapCut(t *testing.T) {
	t.Parallel()
	whole := datagram(t, packet.VXLANPort, "08000000 54fa2100 aabbccdd")
	got, err := unwrap(whole[:len(whole)-3])
	if err != nil || string(got.Inner) != "\xaa" {
		t.Errorf("%x, %v", got.Inner, err)
	}
	if got, err := unwrap(whole[:len(whole)-5]); err == nil {
		t.Errorf("%x without a whole header", got.Inner)
	}
}

func TestUnwrapErrors(t *testing.T) {
	t.Parallel()
	const vxlan = "08000000 54fa2100 aabb"
	change := func(at int, to byte) []byte {
		b := datagram(t, packet.VXLANPort, vxlan)
		b[at] = to
		return b
	}
	none := packet.ErrNoTunnel.Error()
	for _, test := range []struct {
		want string
		data []byte
	}{
		{none, datagram(t, 4790, vxlan)},
		{none, change(23, packet.ProtocolTCP)},
		{none, unhex(t, macs+"0806")},
		{"a fragment: only a whole datagram can be unwrapped", change(20, 0x20)},
		{none, change(21, 1)}, // a later fragment: it has no ports
		{"too short for a UDP header", unhex(t, macs+"0800 4500 0018 0000 0000 4011"+ipv4Tail+"ff80 12b5")},
		{"its UDP length is 19, and there are 18 bytes", change(39, 19)},
		{"its UDP length is 17, and there are 18 bytes", change(39, 17)},
		{"too short for a VXLAN header", datagram(t, packet.VXLANPort, "08000000 54fa21")},
		{"its VXLAN flags are 0xf7, without a VNI", change(42, 0xf7)},
		{"too short for a GENEVE header", datagram(t, packet.GENEVEPort, "00006558 54fa21")},
		{"version 1 of GENEVE is not known, only 0", datagram(t, packet.GENEVEPort, "40006558 54fa2100")},
		{"a control packet of GENEVE", datagram(t, packet.GENEVEPort, "00806558 54fa2100")},
		{"too short for its GENEVE options", datagram(t, packet.GENEVEPort, "02006558 54fa2100 01080300")},
		{"a GENEVE option ends behind the options", datagram(t, packet.GENEVEPort, "01006558 54fa2100 01080301 00000000")},
		{"its GENEVE header says protocol type 0x8847, and only Ethernet (0x6558), IPv4 and IPv6 are read", datagram(t, packet.GENEVEPort, "00008847 54fa2100")},
	} {
		_, err := unwrap(test.data)
		if err == nil || err.Error() != test.want {
			t.Errorf("\n got %v\nwant %s", err, test.want)
		}
		if errors.Is(err, packet.ErrNoTunnel) != (test.want == none) {
			t.Errorf("%v is ErrNoTunnel: %t", err, errors.Is(err, packet.ErrNoTunnel))
		}
	}
}

func TestTunnelProtocols(t *testing.T) {
	t.Parallel()
	for protocol, name := range map[packet.TunnelProtocol]string{packet.VXLAN: "VXLAN", packet.GENEVE: "GENEVE", 0: "TunnelProtocol(0)"} {
		if protocol.String() != name {
			t.Errorf("%d is %s, not %s", uint8(protocol), protocol, name)
		}
	}
}
