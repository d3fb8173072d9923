package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// perOctave is into how many buckets lengths between a power of two and the next are divided.
const perOctave = 4

// lengths shows the lengths of all frames, and which of them each session cuts.
func (p *page) lengths() g.Node {
	counts := p.Statistics.Lengths()
	picture := Lengths(p.facts, counts)
	t := table{caption: "How long copies are at most", heads: []string{">Session", ">Bytes", "Because", ">Copies", ">Cut", ">Longest frame"}}
	for _, s := range p.facts.Sessions {
		copied := p.Statistics.Copied(s.Number)
		limit := s.Limit()
		t.add(g.Text(strconv.Itoa(s.Number)), number(int64(limit.Bytes)), g.Text(limit.Text), number(sum(copied)), number(longer(copied, limit.Bytes)), longest(copied))
	}
	all := g.Group{h.P(g.Text("The length of a frame is the one that it had on the wire, from its Ethernet header on. A frame that is longer than the limit of its session is copied in part.")), p.unknownLengths(), t.node()}
	if len(counts) == 0 {
		return all
	}
	return append(all, h.Figure(scroll("Picture: frame lengths", g.Raw(picture.SVG())), dataTable(picture.Table())))
}

// unknownLengths says of how many packets the length is not known.
func (p *page) unknownLengths() g.Node {
	n := p.Statistics.Shortened().Unknown
	if n == 0 {
		return nil
	}
	return h.P(g.Textf("%s longer than the capture says: the IP header counts more bytes. The length on the wire is not known, and here it is that in the capture.", wording.CountIs(n, "packet")))
}

// longer counts the frames that are longer than a limit.
func longer(counts map[int]int64, limit int) int64 {
	n := int64(0)
	for length, count := range counts {
		if length > limit {
			n += count
		}
	}
	return n
}

func longest(counts map[int]int64) g.Node {
	if len(counts) == 0 {
		return g.Text("none")
	}
	most := slices.Max(slices.Collect(maps.Keys(counts)))
	if most > simulation.LongestFrame {
		return g.Textf("more than %s", wording.Grouped(simulation.LongestFrame))
	}
	return number(int64(most))
}

// Lengths draws the lengths of all frames, with the limits of the sessions that a frame
// reaches.
func Lengths(facts dataplane.Facts, counts map[int]int64) picture.Histogram {
	pic := picture.Histogram{ID: "picture-lengths", Title: "Frame lengths", Size: "frame length in bytes", Unit: "packets"}
	most := 0
	for length := range counts {
		most = max(most, length)
	}
	for _, s := range facts.Sessions {
		for _, b := range s.Bounds {
			if b.Bytes < most {
				pic.Marks = append(pic.Marks, picture.Mark{At: b.Bytes, Label: fmt.Sprintf("session %d, %s", s.Number, boundLabel(s, b))})
			}
		}
	}
	pic.Bars = picture.Buckets(counts, perOctave, 0, pic.Marks...)
	pic.Description = "A bar for each range of lengths; every range is wider than the one before. A line marks a limit of a session: it copies frames on its right in part."
	if len(pic.Marks) == 0 {
		pic.Description += " No frame is longer than the limit of a session."
	}
	return pic
}

func boundLabel(s dataplane.SessionFacts, b dataplane.Bound) string {
	switch b.By {
	case dataplane.ByTargetMTU:
		if s.Target.MTU == 0 {
			return fmt.Sprintf("MTU of the target not known, %d assumed", mirror.DefaultMTU)
		}
		return fmt.Sprintf("MTU %d of the target", s.Target.MTU)
	case dataplane.ByPacketLength:
		if s.PacketLength == nil {
			return "default for a Network Load Balancer"
		}
	}
	return b.By.String()
}
