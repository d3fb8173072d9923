package report

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// flowHeads are the columns of the table of flows.
var flowHeads = []string{
	"Protocol", "Interface's side", "Other side", ">Packets in", ">Mirrored in", ">Packets out", ">Mirrored out", ">Bytes", ">Bytes copied", ">Cut", ">Lost", "Decided in", "Decided out", "First", ">Seconds", "Marks",
}

// bytesColumn is the column by which the table is sorted at first.
const bytesColumn = 7

// flowSection is the sections about conversations.
type flowSection struct{ *page }

// flows is the table of conversations. The script of the page lets a reader filter and sort it.
func (p flowSection) flows() g.Node {
	shown := slices.Clone(p.Flows.Conversations)
	slices.SortStableFunc(shown, func(a, b flow.Conversation) int { return cmp.Compare(bytesOf(b), bytesOf(a)) })
	var left []flow.Conversation
	if len(shown) > p.MostFlows {
		shown, left = shown[:p.MostFlows], shown[p.MostFlows:]
	}
	if len(shown) == 0 {
		return g.Group{h.P(g.Text("The run has no conversation.")), p.apart()}
	}
	return g.Group{
		h.P(g.Text(p.flowsIntroduction(len(shown), left))),
		p.marks(),
		h.P(h.Class("filter"), h.ID("flow-filter"), g.Attr("hidden"), h.Label(h.For("flow-words"), g.Text("Show flows with all of these words ")),
			h.Input(h.Type("search"), h.ID("flow-words"), h.Placeholder("10.0.1.10 tcp one_way")), g.Text(" "), h.Span(h.ID("flow-count"), h.Role("status"))),
		scroll("Table: flows", h.Table(h.ID("flow-table"),
			h.Caption(g.Text("Conversations, those with the most bytes first")),
			h.THead(h.Tr(g.Group(flowHeadCells()))),
			h.TBody(g.Map(shown, p.flowRow)))),
		p.apart(),
		p.talkers(),
	}
}

func flowHeadCells() []g.Node {
	cells := make([]g.Node, len(flowHeads))
	for i, head := range flowHeads {
		text, isNumber := strings.CutPrefix(head, ">")
		cells[i] = h.Th(h.Scope("col"), g.If(isNumber, h.Class("n")), g.If(i == bytesColumn, g.Attr("aria-sort", "descending")), g.Text(text))
	}
	return cells
}

func bytesOf(c flow.Conversation) int64 { return c.In.Bytes + c.Out.Bytes }

// flowsIntroduction says how many flows there are, and how many the page leaves out.
func (p flowSection) flowsIntroduction(shown int, left []flow.Conversation) string {
	text := fmt.Sprintf("%s.", wording.Count(shown+len(left), "conversation"))
	if len(left) == 0 {
		return text
	}
	packets, bytes := int64(0), int64(0)
	for _, c := range left {
		packets, bytes = packets+c.In.Packets+c.Out.Packets, bytes+bytesOf(c)
	}
	return text + fmt.Sprintf(" This page leaves out the %s with the fewest bytes: %s, %s. To get all of them, write --flows.",
		wording.Count(len(left), "conversation"), wording.Count(packets, "packet"), wording.Count(bytes, "byte"))
}

// marks explains the marks of conversations.
func (p flowSection) marks() g.Node {
	counts := map[flow.Mark]int64{}
	for _, c := range p.Flows.Conversations {
		for _, m := range c.Marks {
			counts[m]++
		}
	}
	t := table{caption: "Marks of conversations", heads: []string{"Mark", ">Conversations", "Meaning"}}
	for _, m := range flow.Marks {
		if counts[m] > 0 {
			t.add(g.Text(string(m)), number(counts[m]), g.Text(m.Sentence()))
		}
	}
	return t.node()
}

// apart lists packets that are in no conversation, or in one by their addresses only.
func (p flowSection) apart() g.Node {
	t := table{caption: "Packets apart", heads: []string{"Packets", ">Number", ">Mirrored"}}
	for _, a := range []struct {
		text string
		way  flow.Way
	}{
		{"in no conversation: no readable IP header", p.Flows.Apart.WithoutIP},
		{"in no conversation: direction unknown or impossible", p.Flows.Apart.WithoutDirection},
		{"in conversations without ports: later fragments", p.Flows.Apart.LaterFragments},
		{"in conversations without ports: the capture ends before the ports", p.Flows.Apart.PortsCutOff},
		{"without a time, so that they are not in the rate", p.Flows.Apart.WithoutTime},
	} {
		if a.way.Packets > 0 {
			t.add(g.Text(a.text), number(a.way.Packets), number(a.way.Mirrored))
		}
	}
	return t.node()
}

func (p flowSection) flowRow(c flow.Conversation) g.Node {
	cell := func(text string) g.Node { return h.Td(g.Text(text)) }
	count := func(n int64) g.Node { return h.Td(h.Class("n"), number(n)) }
	local := endText(c.Local, c.LocalPort, c.Ports)
	if len(p.Flows.Sources) > 1 {
		local += " of " + c.Interface
	}
	marks := make([]string, len(c.Marks))
	for i, m := range c.Marks {
		marks[i] = string(m)
	}
	return h.Tr(
		cell(fmt.Sprint(c.Protocol)), cell(local), cell(endText(c.Remote, c.RemotePort, c.Ports)),
		count(c.In.Packets), count(c.In.Mirrored), count(c.Out.Packets), count(c.Out.Mirrored), count(bytesOf(c)), count(c.In.MirroredBytes+c.Out.MirroredBytes),
		count(c.In.Truncated+c.Out.Truncated), count(c.In.Lost+c.Out.Lost),
		cell(decidedText(c.In)), cell(decidedText(c.Out)), cell(timeText(c.First)), h.Td(h.Class("n"), g.Text(secondsText(c.First, c.Last))), cell(strings.Join(marks, ", ")),
	)
}

func endText(a netip.Addr, port uint16, ports flow.Ports) string {
	switch ports {
	case flow.PortNumbers:
		return netip.AddrPortFrom(a, port).String()
	case flow.EchoIdentifier:
		return fmt.Sprintf("%s, identifier %d", a, port)
	case flow.LaterFragments:
		return a.String() + ", later fragments"
	case flow.PortsCutOff:
		return a.String() + ", ports cut off"
	}
	return a.String()
}

// decidedText says what decided about the packets of a direction: "session 1 rule 200: mirrored".
func decidedText(w flow.Way) string {
	texts := make([]string, len(w.Decisions))
	for i, d := range w.Decisions {
		switch {
		case d.RuleNumber != 0:
			texts[i] = fmt.Sprintf("session %d rule %d: %s", d.SessionNumber, d.RuleNumber, d.Outcome)
		case d.SessionNumber != 0:
			texts[i] = fmt.Sprintf("session %d %s: %s", d.SessionNumber, d.Reason, d.Outcome)
		default:
			texts[i] = d.Reason
		}
		if d.Outcome == dataplane.Lost.String() {
			texts[i] += " (" + d.Reason + ")"
		}
		if len(w.Decisions) > 1 {
			texts[i] += fmt.Sprintf(" %d", d.Packets)
		}
	}
	return strings.Join(texts, "; ")
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

func secondsText(first, last time.Time) string {
	if first.IsZero() || last.IsZero() {
		return ""
	}
	return fmt.Sprintf("%.3f", last.Sub(first).Seconds())
}

// talkers lists the addresses with the most bytes.
func (p flowSection) talkers() g.Node {
	var all g.Group
	for _, side := range []struct {
		caption string
		talkers []flow.Talker
	}{{"Addresses of the interface with the most bytes", p.Flows.Top.Local}, {"Other addresses with the most bytes", p.Flows.Top.Remote}} {
		t := table{caption: side.caption, heads: []string{"Address", ">Conversations", ">Packets", ">Bytes", ">Mirrored", ">Bytes copied"}}
		for _, a := range side.talkers {
			t.add(g.Text(a.Address.String()), number(a.Conversations), number(a.Packets), number(a.Bytes), number(a.Mirrored), number(a.MirroredBytes))
		}
		all = append(all, t.node())
	}
	return all
}

// rate says how much the targets have to take.
func (p flowSection) rate() g.Node {
	t := table{
		caption: "Copies that reach the targets, with all headers around them",
		heads:   []string{"Target", ">Copies", ">Bytes", ">Peak, bits per second", "At", ">99 %", ">95 %", ">Mean", ">Peak, packets per second"},
	}
	for _, l := range append([]flow.Load{p.Flows.Rate.Together}, p.Flows.Rate.Targets...) {
		cells := []g.Node{g.Text(cmp.Or(l.Target, "all together")), number(l.Copies), number(l.Bytes)}
		if l.Bits == nil || l.Packets == nil {
			for range 6 {
				cells = append(cells, g.Text("not known"))
			}
		} else {
			cells = append(cells, number(l.Bits.Peak), g.Text(timeText(l.Bits.PeakAt)), number(l.Bits.P99), number(l.Bits.P95), number(l.Bits.Mean), number(l.Packets.Peak))
		}
		t.add(cells...)
	}
	if p.Flows.Rate.Observed == 0 {
		return g.Group{h.P(g.Text("No packet has a time, so that no rate is known.")), t.node()}
	}
	return g.Group{h.P(g.Textf("Over %s in which the capture has packets. A peak is that of one second of time stamps. In 99 %% or 95 %% of these seconds, the rate is not higher than the number in that column.",
		wording.Count(p.Flows.Rate.Observed, "second"))), t.node(), p.notInRate()}
}

// notInRate says what makes the rates higher than the table says.
func (p flowSection) notInRate() g.Node {
	var all g.Group
	if n := p.Flows.Rate.Together.Untimed; n > 0 {
		all = append(all, h.P(g.Textf("The rate is higher than that: %s without a time in no second.", wording.CountIs(n, "mirrored packet"))))
	}
	if sentence := p.Flows.Rate.Together.AtLeastSentence(); sentence != "" {
		all = append(all, h.P(g.Text(sentence)))
	}
	return all
}
