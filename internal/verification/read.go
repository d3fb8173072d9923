package verification

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// extent is the time that a capture covers, in its own clock.
type extent struct {
	packets     int64
	first, last int64
	shortest    int // number of bytes to which its shortest cut packet is cut; 0: none is cut
}

func (e *extent) add(nanoseconds int64) {
	if e.packets == 0 {
		e.first, e.last = nanoseconds, nanoseconds
	}
	e.packets++
	e.first, e.last = min(e.first, nanoseconds), max(e.last, nanoseconds)
}

func (e *extent) cut(have, length int) {
	if have < length && (e.shortest == 0 || have < e.shortest) {
		e.shortest = have
	}
}

// origin is the capture at the source.
type origin struct {
	file   File
	extent extent
	p      packet.Packet
}

// readOrigin makes the item of a record of the source, and returns the bytes behind its head.
func (v *verifier) readOrigin(record *capture.Record, x *item) (rest []byte) {
	p := &v.origin.p
	record.Decode(p)
	x.number, x.raw, x.time = record.Number, record.Nanoseconds, record.Nanoseconds
	x.verdict = v.source.Process(p, v.in.Direction)
	captured := p.FrameLength()
	x.frame = captured + record.Wire - len(record.Data)
	x.length = x.frame
	if x.verdict.Outcome == dataplane.Mirrored {
		limit, _ := dataplane.CopyLimit(v.source, x.verdict.SessionNumber)
		x.length = min(x.frame, limit)
	}
	for i, a := range v.alternatives {
		x.predicted[i] = a.predict(p, v.in.Direction, x.frame)
	}
	x.kinds = kindsOf(p, x.frame)
	x.bucket = bucketOf(p, x.verdict)
	return x.fill(viewOf(p), v.prefix)
}

// bucketOf numbers the flows whose copies have the same outer addresses and ports, by direction.
// The network keeps such copies in order (assumption A0200).
func bucketOf(p *packet.Packet, verdict dataplane.Verdict) uint32 {
	b := uint32(verdict.SessionNumber)<<17 | uint32(dataplane.SourcePort(p))
	if verdict.Direction == "egress" {
		b |= 1 << 16
	}
	return b
}

// sensor is a capture at a sensor.
type sensor struct {
	index    int
	file     File
	form     Form
	extent   extent
	clock    clock
	unwrap   *decapsulation.Decapsulator
	p        packet.Packet
	copies   int64
	own      int64                // copies of the source's interface, by the survey
	others   map[netip.Addr]int64 // copies of other interfaces, by outer source
	tally    *decapsulation.Tally // of its packets
	order    map[uint32]int64     // by bucket: the last packet of the source whose copy has arrived
	foreigns int64
}

// frame is a frame that a record of a sensor carries.
type frame struct {
	vni       uint32
	data      []byte
	link      packet.LinkType
	length    int
	isForeign bool
}

// readFrame returns the frame in a record, if there is one.
func (v *verifier) readFrame(s *sensor, record *capture.Record) (frame, bool) {
	if s.form == Frames {
		s.p.Decode(record.Data, record.Link)
		return frame{data: record.Data, link: record.Link, length: s.p.FrameLength() + record.Wire - len(record.Data)}, true
	}
	c, reason := s.unwrap.Decapsulate(record)
	s.tally.Add(c, reason)
	if reason != 0 {
		return frame{}, false
	}
	f := frame{vni: c.VNI, data: c.Frame, link: packet.LinkEthernet, length: c.Length, isForeign: v.isForeign(c.Source)}
	if f.isForeign {
		s.foreigns++
		if s.others[c.Source] > 0 || len(s.others) < maxOthers {
			s.others[c.Source]++
		}
	}
	return f, true
}

// maxOthers is how many other interfaces are counted apart.
const maxOthers = 1000

// isForeign reports whether another interface has sent a copy: its outer source is not the
// primary address of the source's interface (assumption A0201).
func (v *verifier) isForeign(source netip.Addr) bool {
	own := v.iface.PrivateIPAddress
	if !own.IsValid() || !source.IsValid() {
		return false
	}
	if source.Is6() {
		return len(v.iface.IPv6Addresses) > 0 && !slices.Contains(v.iface.IPv6Addresses, source)
	}
	return source != own
}

// readCopy makes the item of a frame, and returns the bytes behind its head.
func (v *verifier) readCopy(s *sensor, record *capture.Record, f frame, x *item) (rest []byte) {
	x.isCopy, x.sensor, x.number, x.raw = true, s.index, record.Number, record.Nanoseconds
	x.vni, x.isForeign = f.vni, f.isForeign
	s.p.Decode(f.data, f.link)
	x.length, x.frame = f.length, f.length
	return x.fill(viewOf(&s.p), v.prefix)
}
