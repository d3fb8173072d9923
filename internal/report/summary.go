package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

func (p *page) summary() g.Node {
	s := p.Summary
	totals := table{caption: "Totals", heads: []string{"What", ">Number", ">Share"}}
	add := func(what string, n int64, share string) { totals.add(g.Text(what), number(n), g.Text(share)) }
	add("Packets", s.Packets, "")
	add("Mirrored", s.Mirrored, percent(s.Mirrored, s.Packets))
	add("Not mirrored", s.Packets-s.Mirrored, percent(s.Packets-s.Mirrored, s.Packets))
	add("Copies shorter than their packet", sum(s.Truncated), percent(sum(s.Truncated), s.Mirrored))
	add("Bytes captured", s.BytesIn, "")
	add("Bytes copied, without VXLAN headers", s.BytesOut, "")
	return g.Group{
		p.origin(),
		p.span(),
		cutByCapture(p),
		totals.node(),
		p.sessionTotals(),
		reasonTable("Not mirrored, by reason", "Why", s.NotMirrored),
		reasonTable("Shorter than the packet, by reason", "Why", s.Truncated),
		reasonTable("Not known of the target", "What", s.Unknown),
		p.assumptions(),
	}
}

// span says when the packets were captured.
func (p *page) span() g.Node {
	if p.Flows == nil || p.Flows.Total.Packets == 0 {
		return nil
	}
	t := p.Flows.Total
	if t.First.IsZero() {
		return h.P(g.Text("No packet has a time."))
	}
	return h.P(g.Textf("The packets are from %s to %s UTC, %s seconds.", timeText(t.First), timeText(t.Last), secondsText(t.First, t.Last)))
}

// cutByCapture says which numbers of the page are lower because the capture has cut packets.
func cutByCapture(p *page) g.Node {
	if p.Statistics == nil {
		return nil
	}
	s := p.Statistics.Shortened()
	if s.Known+s.Unknown == 0 {
		return nil
	}
	return h.P(g.Textf("The capture has cut %s. Bytes copied are those of the capture on all of this page. The tables of this section and of the rules also count copies as cut only where the capture shows it. "+
		"The flows, the rate and the frame lengths take packets as they were on the wire.", wording.Count(s.Known+s.Unknown, "packet")))
}

func (p *page) sessionTotals() g.Node {
	t := table{caption: "Mirrored by each session", heads: []string{">Session", ">VNI", "Target", ">Packets", ">Bytes copied"}}
	for i, s := range p.Summary.Sessions {
		t.add(g.Text(strconv.Itoa(s.SessionNumber)), g.Text(strconv.Itoa(s.VirtualNetworkID)), g.Text(p.facts.Sessions[i].TargetText), number(s.Packets), number(s.Bytes))
	}
	return t.node()
}

func sum[K comparable](counts map[K]int64) int64 {
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	return total
}

// reasonTable lists counts, the largest first, each with the sentence that explains it.
func reasonTable[W interface {
	~uint8
	String() string
	Sentence() string
}](caption, column string, counts map[W]int64) g.Node {
	t := table{caption: caption, heads: []string{column, ">Packets", "Meaning"}}
	byCount := func(a, b W) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) }
	for _, w := range slices.SortedFunc(maps.Keys(counts), byCount) {
		if w.String() != "" { // "" is what is not cut
			t.add(g.Text(w.String()), number(counts[w]), g.Text(w.Sentence()))
		}
	}
	return t.node()
}

// assumptions lists what the verdicts depend on.
func (p *page) assumptions() g.Node {
	if p.Statistics == nil {
		return nil
	}
	counts := p.Statistics.Assumptions()
	t := table{caption: "Assumptions about AWS on which verdicts depend", heads: []string{"Assumption", ">Packets"}}
	for _, a := range slices.Sorted(maps.Keys(counts)) {
		t.add(h.A(h.Href(guides+"assumptions"), g.Text(a.String())), number(counts[a]))
	}
	if len(t.rows) == 0 {
		return h.P(g.Text("No verdict of this run depends on an assumption about AWS."))
	}
	return t.node()
}

// expectationSection is the section about expectations.
type expectationSection struct{ *page }

func (p expectationSection) holding() string {
	all := len(p.Results.Expectations)
	verb := "hold"
	if all-p.Results.Failed() == 1 {
		verb = "holds"
	}
	return fmt.Sprintf("%d of %s %s.", all-p.Results.Failed(), wording.Count(all, "expectation"), verb)
}

// expectations lists what was expected, and why it does not hold.
func (p expectationSection) expectations() g.Node {
	if p.Results.Err != nil {
		return h.P(g.Text("The run ended early, so that no expectation was compared."))
	}
	failed := map[int]bool{}
	var texts []g.Node
	for _, f := range p.Results.Failures {
		failed[f.Index] = true
		texts = append(texts, h.Pre(g.Text(f.Text)))
	}
	t := table{caption: "Expectations of " + p.Results.Suite, heads: []string{"Expectation", "Result"}}
	for i, e := range p.Results.Expectations {
		result := g.Text("holds")
		if failed[i] {
			result = h.Strong(h.Class("bad"), g.Text("does not hold"))
		}
		t.add(h.Code(g.Text(e.String())), result)
	}
	return g.Group{
		h.P(g.Text(p.holding())),
		t.node(), g.Group(texts),
	}
}
