package decapsulation

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Summary counts the packets of a run.
type Summary struct {
	Packets      int64         `json:"packets" doc:"Packets that were read."`
	Copies       int64         `json:"copies" doc:"Packets that carry a copy."`
	Bytes        int64         `json:"bytes" doc:"Bytes of the frames in the copies."`
	CutFrames    int64         `json:"cut_frames" doc:"Frames that are shorter than the length in their IP header. A session has cut them, for example."`
	CutByCapture int64         `json:"cut_by_capture" doc:"Frames that the capture of the copies has cut."`
	VNIs         []VNICount    `json:"vnis" doc:"Copies by VNI, at most 65,536 VNIs."`
	Routes       []RouteCount  `json:"routes" doc:"Copies by outer addresses, at most 65,536 pairs."`
	Uncounted    int64         `json:"uncounted" doc:"Copies whose VNI or addresses are in neither list, because the list is full."`
	NotCopies    []ReasonCount `json:"not_copies" doc:"Packets without a copy, by reason."`
}

// VNICount counts the copies of a VNI.
type VNICount struct {
	VNI       uint32 `json:"vni" doc:"The VNI."`
	Copies    int64  `json:"copies" doc:"Copies with this VNI."`
	Bytes     int64  `json:"bytes" doc:"Bytes of the frames."`
	CutFrames int64  `json:"cut_frames" doc:"Frames that are shorter than the length in their IP header."`
}

// RouteCount counts the copies between two addresses.
type RouteCount struct {
	Source        string `json:"source" doc:"Source address of the outer IP header, or empty."`
	Target        string `json:"target" doc:"Destination address of the outer IP header, or empty."`
	Encapsulation string `json:"encapsulation" doc:"VXLAN, or VXLAN in GENEVE."`
	Copies        int64  `json:"copies" doc:"Copies between these addresses."`
}

// ReasonCount counts the packets without a copy for one reason.
type ReasonCount struct {
	Reason      string `json:"reason" doc:"Why the packets are no copies."`
	Packets     int64  `json:"packets" doc:"Number of packets."`
	FirstPacket int64  `json:"first_packet" doc:"Number of the first of them in the input."`
}

// maxListed is how many VNIs and how many pairs of addresses are counted apart.
const maxListed = 1 << 16

// Tally counts copies. It is not safe for concurrent use.
type Tally struct {
	summary Summary
	vnis    map[uint32]*VNICount
	routes  map[route]*int64
	reasons [reasonCount]ReasonCount
	inner   packet.Packet
}

type route struct {
	source, target  netip.Addr
	isThroughGENEVE bool
}

// NewTally returns an empty tally.
func NewTally() *Tally { return &Tally{vnis: map[uint32]*VNICount{}, routes: map[route]*int64{}} }

// Add counts a packet.
func (t *Tally) Add(c Copy, reason Reason) {
	t.summary.Packets++
	if reason != 0 {
		r := &t.reasons[reason]
		if r.Packets++; r.Packets == 1 {
			r.FirstPacket = t.summary.Packets
		}
		return
	}
	t.inner.Decode(c.Frame, packet.LinkEthernet)
	isCutByCapture := c.Length > len(c.Frame)
	isCut := t.inner.Cut && !isCutByCapture
	t.summary.Copies++
	t.summary.Bytes += int64(c.Length)
	t.summary.CutFrames += count(isCut)
	t.summary.CutByCapture += count(isCutByCapture)
	t.list(c, isCut)
}

func (t *Tally) list(c Copy, isCut bool) {
	way := route{c.Source, c.Target, c.IsThroughGENEVE}
	vni, routed := t.vnis[c.VNI], t.routes[way]
	if vni == nil && len(t.vnis) < maxListed {
		vni = &VNICount{VNI: c.VNI}
		t.vnis[c.VNI] = vni
	}
	if routed == nil && len(t.routes) < maxListed {
		routed = new(int64)
		t.routes[way] = routed
	}
	if vni == nil || routed == nil {
		t.summary.Uncounted++
	}
	if vni != nil {
		vni.Copies++
		vni.Bytes += int64(c.Length)
		vni.CutFrames += count(isCut)
	}
	if routed != nil {
		*routed++
	}
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Summary returns the counts so far.
func (t *Tally) Summary() Summary {
	s := t.summary
	s.VNIs, s.Routes, s.NotCopies = []VNICount{}, []RouteCount{}, []ReasonCount{}
	for _, vni := range slices.Sorted(maps.Keys(t.vnis)) {
		s.VNIs = append(s.VNIs, *t.vnis[vni])
	}
	for way, n := range t.routes {
		s.Routes = append(s.Routes, RouteCount{text(way.source), text(way.target), way.encapsulation(), *n})
	}
	slices.SortFunc(s.Routes, func(a, b RouteCount) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Encapsulation, b.Encapsulation))
	})
	for _, reason := range Reasons {
		if r := t.reasons[reason]; r.Packets > 0 {
			r.Reason = reason.String()
			s.NotCopies = append(s.NotCopies, r)
		}
	}
	return s
}

func (r route) encapsulation() string {
	if r.isThroughGENEVE {
		return "VXLAN in GENEVE"
	}
	return "VXLAN"
}

// text returns the address, or "" if it is unknown.
func text(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
