package dataplane_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The assumptions of docs/guides/assumptions.md that no verdict carries, and no
// other test is about.
func TestAssumptions(t *testing.T) {
	t.Parallel()
	for number, check := range map[string]func(*testing.T){
		"A0111": checkOuterMACs,
		"A0119": checkMetricsCountCopiedBytes,
		"A0120": checkVNIWithoutOne,
		"A0121": checkEthernetHeaderOfRawPackets,
		"A0125": checkGENEVEOptions,
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			check(t)
		})
	}
}

// routerMAC is that of RFC 9542.
var routerMAC = [6]byte{0x00, 0x00, 0x5e, 0x00, 0x53, 0x01}

func checkOuterMACs(t *testing.T) {
	s := newSource(t, session(1, all()...))
	e := newEncapsulator(t, s)
	for _, spec := range []packet.Spec{tcp(peer, own, 1, 2), tcp(own, peer, 1, 2)} {
		p := decode(t, s, spec)
		outer := decodeFrame(e.Append(nil, p, s.Process(p, "")))
		if outer.SourceMAC != ownMAC || outer.DestinationMAC != routerMAC {
			t.Errorf("sent from %x to %x, not from %x to %x", outer.SourceMAC, outer.DestinationMAC, ownMAC, routerMAC)
		}
	}
}

func checkMetricsCountCopiedBytes(t *testing.T) {
	length := 60
	given := session(1, all()...)
	given.PacketLength = &length
	s := newSource(t, given)
	tally := s.NewTally()
	for _, spec := range []packet.Spec{tcp(peer, own, 1, 2), tcp(own, peer, 1, 2)} {
		spec.Length = 1000
		p := decode(t, s, spec)
		tally.Process(p, "")
	}
	got := tally.Summary().CloudWatch
	want := dataplane.CloudWatch{NetworkMirrorIn: 60, NetworkMirrorOut: 60, NetworkPacketsMirrorIn: 1, NetworkPacketsMirrorOut: 1}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func checkVNIWithoutOne(t *testing.T) {
	s := newSource(t, session(777, all()...))
	e := newEncapsulator(t, s)
	p := decode(t, s, tcp(peer, own, 1, 2))
	sent := e.Append(nil, p, s.Process(p, ""))
	header := sent[dataplane.OuterLength-packet.VXLANHeaderLength : dataplane.OuterLength]
	if vni := binary.BigEndian.Uint32(header[4:]) >> 8; vni != 777 {
		t.Errorf("the VNI of session 777 is %d", vni)
	}
}

func checkEthernetHeaderOfRawPackets(t *testing.T) {
	s := newSource(t, session(1, all()...))
	e := newEncapsulator(t, s)
	for _, test := range []struct {
		spec     packet.Spec
		from, to [6]byte
	}{
		{tcp(peer, own, 1, 2), routerMAC, ownMAC},
		{tcp(own, peer, 1, 2), ownMAC, routerMAC},
		{tcp(own6, peer6, 1, 2), ownMAC, routerMAC},
	} {
		whole := decode(t, s, test.spec).Data
		var p packet.Packet
		p.Decode(whole[packet.EthernetHeaderLength:], packet.LinkRaw)
		sent := e.Append(nil, &p, s.Process(&p, ""))
		want := append(append(bytes.Clone(test.to[:]), test.from[:]...), whole[12:]...)
		if got := sent[dataplane.OuterLength:]; !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %x\nwant %x", dataplane.Describe(&p), got, want)
		}
	}
}

func checkGENEVEOptions(t *testing.T) {
	s := newSource(t, behind(mirror.GatewayLoadBalancerEndpoint, appliances))
	e := newEncapsulator(t, s)
	p := decode(t, s, tcp(peer, own, 1, 2))
	sent, received := e.Append(nil, p, s.Process(p, "")), e.AppendReceived(nil, p, s.Process(p, ""))
	if more := len(received) - len(sent); more != 68 {
		t.Fatalf("the load balancer adds %d bytes, not 68", more)
	}
	const (
		endpoint   = "\x01\x08\x01\x02" + "\x00\x00\x00\x00\x00\x00\x00\x00"
		attachment = "\x01\x08\x02\x02" + "\x00\x00\x00\x00\x00\x00\x00\x00"
		cookie     = "\x01\x08\x03\x01"
	)
	options := received[decodeFrame(received).TransportOffset+8+packet.GENEVEHeaderLength:]
	if want := []byte(endpoint + attachment + cookie); !bytes.HasPrefix(options, want) {
		t.Errorf("the options begin with\n%x, not with\n%x", options[:len(want)], want)
	}
}

// A rule for UDP finds it behind the extension headers of IPv6.
func TestExtensionHeaders(t *testing.T) {
	t.Parallel()
	s := newSource(t, session(1,
		reject(ingress, 1, any6, any6, protocol(0)), // hop-by-hop options are no protocol
		accept(ingress, 2, any6, any6, protocol(mirror.UDP), to(443, 443)),
	))
	plain := decode(t, s, udp(peer6, own6, 40000, 443)).Data
	const network, transport = packet.EthernetHeaderLength, packet.EthernetHeaderLength + 40
	extension := []byte{17, 0, 5, 2, 0, 0, 0, 0}
	frame := append(append(bytes.Clone(plain[:transport]), extension...), plain[transport:]...)
	binary.BigEndian.PutUint16(frame[network+4:], uint16(len(frame)-transport))
	frame[network+6] = 0
	accepted(1, 2).check(t, s.Process(decodeFrame(plain), ""))
	accepted(1, 2).by("A0115").check(t, s.Process(decodeFrame(frame), ""))
}
