package dataplane_test

import (
	"bytes"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// FuzzClassify compares the classifier with the reference, in random worlds that
// two numbers seed.
func FuzzClassify(f *testing.F) {
	f.Add(uint64(1), uint64(1))
	f.Add(uint64(7), uint64(1<<63))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		w := newWorld(a, b)
		sessions := w.sessions()
		iface := pick(w, boundless(), unchecked(), testInterface())
		s := newSourceOn(t, iface, sessions...)
		for range 50 {
			frame, f := w.packet()
			f.stated = true
			got, want := s.Process(decodeFrame(frame), f.direction), reference(iface, sessions, f)
			if visible(got) != visible(want) {
				t.Errorf("packet %x, %+v:\n got %s\nwant %s", frame, f, visible(got), visible(want))
			}
		}
	})
}

// FuzzEncapsulate checks the copy of any bytes of any link type: it contains the
// packet as an Ethernet frame, cut to length.
func FuzzEncapsulate(f *testing.F) {
	s, err := dataplane.New(unchecked(), nil, dataplane.Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, spec := range []packet.Spec{tcp(peer, own, 1, 2), udp(own6, peer6, 3, 4), tagged(other(47, own, peer))} {
		frame, err := s.Build(spec, "")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame, uint16(1), uint16(100), uint16(1500))
		f.Add(frame[14:], uint16(101), uint16(8500), uint16(200))
		f.Add(append([]byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0}, frame[14:]...), uint16(113), uint16(20), uint16(68))
	}
	f.Fuzz(func(t *testing.T, data []byte, link, packetLength, mtu uint16) {
		given := session(1, all()...)
		given.Target.MTU = 88 + int(mtu)
		length := 1 + int(packetLength)%8500
		given.PacketLength = &length
		encapsulate(t, given, data, packet.LinkType(link), min(length, given.Target.MTU-40))
		given.Target.Address = appliance6
		encapsulate(t, given, data, packet.LinkType(link), min(length, given.Target.MTU-60))
	})
}

// encapsulate mirrors a packet, and checks the copy. limit is its maximum length.
func encapsulate(t *testing.T, given dataplane.Session, data []byte, link packet.LinkType, limit int) {
	t.Helper()
	s := newSourceOn(t, unchecked(), given)
	var p packet.Packet
	p.Decode(data, link)
	v := s.Process(&p, mirror.Ingress)
	out := newEncapsulator(t, s).Append([]byte("before"), &p, v)
	if !bytes.HasPrefix(out, []byte("before")) {
		t.Fatal("what was there before is overwritten")
	}
	if out = out[6:]; v.Outcome != dataplane.Mirrored {
		if len(out) != 0 {
			t.Errorf("%s, and %d bytes are sent", v.Outcome, len(out))
		}
		return
	}
	checkCopy(t, &p, v, out, limit)
}

// checkCopy checks that out is a VXLAN packet with the frame of p in it, cut to
// limit.
func checkCopy(t *testing.T, p *packet.Packet, v dataplane.Verdict, out []byte, limit int) {
	t.Helper()
	tunnel, err := decodeFrame(out).Unwrap()
	if err != nil {
		t.Fatalf("%v: %x", err, out)
	}
	inner := tunnel.Inner
	if tunnel.VNI != uint32(v.SessionNumber) || len(inner) != v.Bytes || len(inner) != min(p.FrameLength(), limit) {
		t.Errorf("VNI %d with %d bytes of a frame of %d cut to %d; the verdict says session %d, %d bytes",
			tunnel.VNI, len(inner), p.FrameLength(), limit, v.SessionNumber, v.Bytes)
	}
	if (v.TruncatedBy != 0) != (p.FrameLength() > limit) {
		t.Errorf("cut by %q", v.TruncatedBy)
	}
	want := p.Data
	if p.Link != packet.LinkEthernet {
		from := dataplane.RouterMAC
		if p.SourceMAC != [6]byte{} {
			from = p.SourceMAC
		}
		header := packet.EthernetHeader{Destination: ownMAC, Source: from, EtherType: p.OuterEtherType()}
		want = append(header.Append(nil), p.LinkPayload()...)
	}
	if !bytes.HasPrefix(want, inner) {
		t.Errorf("\n got %x\nwant %x", inner, want)
	}
}
