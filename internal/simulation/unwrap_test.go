package simulation_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// given is a capture.Source with these records.
type given []capture.Record

// Next implements capture.Source.
func (g *given) Next(rec *capture.Record) error {
	if len(*g) == 0 {
		return io.EOF
	}
	*rec, *g = (*g)[0], (*g)[1:]
	return nil
}

// ethernet are records with these frames.
func ethernet(frames ...[]byte) *given {
	var all given
	for i, f := range frames {
		all = append(all, capture.Record{Number: int64(i + 1), Nanoseconds: int64(i), Data: f, Wire: len(f), Link: packet.LinkEthernet, Heading: packet.Inbound})
	}
	return &all
}

// all reads a source to its end.
func all(t *testing.T, in capture.Source) (records []capture.Record) {
	t.Helper()
	for {
		var rec capture.Record
		err := in.Next(&rec)
		if errors.Is(err, io.EOF) {
			return records
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, rec)
	}
}

// in wraps a payload into Ethernet, IPv4 and UDP.
func in(port uint16, payload []byte) []byte {
	length := uint16(8 + len(payload))
	b := packet.EthernetHeader{EtherType: packet.EtherTypeIPv4}.Append(nil)
	b = packet.IPv4Header{TotalLength: 20 + length, Protocol: packet.ProtocolUDP, Source: netip.MustParseAddr("10.0.0.1"), Destination: netip.MustParseAddr("10.0.0.2")}.Append(b)
	return append(packet.UDPHeader{SourcePort: 1, DestinationPort: port, Length: length}.Append(b), payload...)
}

// A sensor's capture gives the frames of the interface again: of all kinds of target,
// with the file's number and time, and without the direction at the sensor.
func TestUnwrapper_copies(t *testing.T) {
	t.Parallel()
	f := frame(t, 443, 300)
	appliances := []netip.Addr{netip.MustParseAddr("10.0.3.1")}
	for _, kind := range mirror.TargetTypes {
		target := mirror.Endpoint{Type: kind, Address: netip.MustParseAddr("10.0.2.20"), Appliances: appliances}
		if kind == mirror.NetworkInterface {
			target.Appliances = nil
		}
		source, err := dataplane.New(mirror.Interface{MACAddress: mirror.MAC{2, 0, 0, 0, 0, 1}, PrivateIPAddress: netip.MustParseAddr("10.0.1.10")},
			[]dataplane.Session{session(9, target, rule(1, mirror.Accept, 443, 443))}, dataplane.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var p packet.Packet
		p.Decode(f, packet.LinkEthernet)
		sent := newEncapsulator(t, source).AppendReceived(nil, &p, source.Process(&p, mirror.Ingress))
		u := simulation.NewUnwrapper(ethernet(frame(t, 22, 60), sent), "")
		records := all(t, u)
		if len(records) != 1 {
			t.Fatalf("%s: %d records: %s", kind, len(records), u.Unwrapped())
		}
		rec := records[0]
		if !bytes.Equal(rec.Data, f) || rec.Wire != len(f) || rec.Link != packet.LinkEthernet || rec.Number != 2 || rec.Nanoseconds != 1 || rec.Heading != packet.HeadingUnknown {
			t.Errorf("%s: %+v", kind, rec)
		}
		if n := u.Unwrapped(); n.VXLAN+n.GENEVE != 1 || n.NoTunnel != 1 || n.Unreadable != 0 || (n.GENEVE == 1) != (kind == mirror.GatewayLoadBalancerEndpoint) {
			t.Errorf("%s: %s", kind, n)
		}
	}
}

// A tunnel in a tunnel is unwrapped once, but for the copies of a Gateway Load Balancer.
func TestUnwrapper_once(t *testing.T) {
	t.Parallel()
	inner := frame(t, 443, 100)
	vxlan := in(packet.VXLANPort, append(packet.AppendVXLAN(nil, 7), inner...))
	const etherTypeEthernet = 0x6558
	for name, test := range map[string]struct {
		outer, want []byte
		link        packet.LinkType
	}{
		"VXLAN in VXLAN":                {in(packet.VXLANPort, append(packet.AppendVXLAN(nil, 8), vxlan...)), vxlan, packet.LinkEthernet},
		"VXLAN over Ethernet in GENEVE": {in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, etherTypeEthernet), vxlan...)), vxlan, packet.LinkEthernet},
		"VXLAN over IP in GENEVE":       {in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), vxlan[14:]...)), inner, packet.LinkEthernet},
		"IP in GENEVE":                  {in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), inner[14:]...)), inner[14:], packet.LinkIPv4},
		"GENEVE over IP in GENEVE":      {in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), inner[14:]...))[14:]...)), in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), inner[14:]...))[14:], packet.LinkIPv4},
	} {
		records := all(t, simulation.NewUnwrapper(ethernet(test.outer), ""))
		if len(records) != 1 || !bytes.Equal(records[0].Data, test.want) || records[0].Link != test.link {
			t.Errorf("%s: %+v", name, records)
		}
	}
}

// Of a packet that the capture cut off, the length on the wire is that of the inner one.
func TestUnwrapper_cut(t *testing.T) {
	t.Parallel()
	inner := frame(t, 443, 100)
	outer := in(packet.VXLANPort, append(packet.AppendVXLAN(nil, 7), inner...))
	records := all(t, simulation.NewUnwrapper(&given{{Number: 1, Data: outer[:90], Wire: len(outer), Link: packet.LinkEthernet}}, ""))
	if len(records) != 1 || !bytes.Equal(records[0].Data, inner[:40]) || records[0].Wire != 100 {
		t.Errorf("%+v", records)
	}
	padded := append(bytes.Clone(outer), make([]byte, 6)...) // is no part of the inner frame
	records = all(t, simulation.NewUnwrapper(ethernet(padded), ""))
	if len(records) != 1 || !bytes.Equal(records[0].Data, inner) || records[0].Wire != 100 {
		t.Errorf("%+v", records)
	}
}

func TestUnwrapped(t *testing.T) {
	t.Parallel()
	vxlan := in(packet.VXLANPort, append(packet.AppendVXLAN(nil, 7), frame(t, 443, 100)...))
	geneve := in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), frame(t, 443, 100)[14:]...))
	damaged, wrapped := bytes.Clone(vxlan), in(packet.GENEVEPort, append(packet.AppendGENEVE(nil, packet.EtherTypeIPv4), vxlan[14:]...))
	damaged[42] = 0
	binary.BigEndian.PutUint16(wrapped[42+8+20+4:], 9) // the UDP length of the VXLAN packet
	for want, test := range map[string]struct {
		name   string
		frames [][]byte
	}{
		"unwrapped no packet.": {"", nil},
		"unwrapped 2 packets from VXLAN and 1 packet from GENEVE.":                                                                                                               {"", [][]byte{vxlan, geneve, vxlan}},
		"unwrapped 1 packet from GENEVE. Left out 1 other packet: not UDP to port 4789 or 6081.":                                                                                 {"", [][]byte{frame(t, 22, 60), geneve}},
		"unwrapped 1 packet from VXLAN. Left out 2 VXLAN or GENEVE packets that cannot be unwrapped, such as packet 2 of b.pcap: its VXLAN flags are 0x00, without a VNI.":       {"b.pcap", [][]byte{vxlan, damaged, wrapped}},
		"unwrapped no packet. Left out 1 VXLAN or GENEVE packet that cannot be unwrapped, such as packet 1: the packet in GENEVE: its UDP length is 9, and there are 116 bytes.": {"", [][]byte{wrapped}},
	} {
		u := simulation.NewUnwrapper(ethernet(test.frames...), test.name)
		all(t, u)
		if got := u.Unwrapped().String(); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

// The counts of several captures add up. The first packet that cannot be unwrapped is
// that of the first capture that has one.
func TestUnwrapped_add(t *testing.T) {
	t.Parallel()
	damaged := in(packet.VXLANPort, append(make([]byte, 8), frame(t, 443, 100)...))
	var sum simulation.Unwrapped
	for _, name := range []string{"a.pcap", "b.pcap", "c.pcap"} {
		frames := ethernet(damaged, frame(t, 22, 60))
		if name == "a.pcap" {
			frames = ethernet(in(packet.VXLANPort, append(packet.AppendVXLAN(nil, 7), frame(t, 443, 100)...)))
		}
		u := simulation.NewUnwrapper(frames, name)
		all(t, u)
		sum.Add(u.Unwrapped())
	}
	if sum.VXLAN != 1 || sum.NoTunnel != 2 || sum.Unreadable != 2 || !strings.Contains(sum.String(), "such as packet 1 of b.pcap: its VXLAN flags") {
		t.Error(sum)
	}
}

// Unwrapping allocates nothing per packet in VXLAN. Allocations of other tests would count
// too, so that it is not parallel.
func TestUnwrapper_allocatesNothing(t *testing.T) {
	vxlan := in(packet.VXLANPort, append(packet.AppendVXLAN(nil, 7), frame(t, 443, 100)...))
	other := frame(t, 22, 60)
	both := given{{Data: other, Wire: len(other), Link: packet.LinkEthernet}, {Data: vxlan, Wire: len(vxlan), Link: packet.LinkEthernet}}
	var records given
	u := simulation.NewUnwrapper(&records, "")
	var rec capture.Record
	per := testing.AllocsPerRun(100, func() {
		records = both
		if err := u.Next(&rec); err != nil {
			t.Error(err)
		}
	})
	if per != 0 {
		t.Errorf("%v allocations for two packets", per)
	}
}
