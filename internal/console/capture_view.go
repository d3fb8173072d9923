package console

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// serveCapture shows what the sessions of the interface do with the packets of a file.
func serveCapture(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	f, ran, err := captureOn(r, r.PathValue("id"))
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return noCapturePage(), nil
	}
	p := &page{title: f.title(s), section: "/captures"}
	if ran.damage != nil {
		p.notes = append(p.notes, note{kind: noteWarning, text: "The file is damaged. The numbers are of the packets before the damage: " + ran.damage.Error() + "."})
	}
	if len(ran.summary.Sessions) == 0 {
		p.notes = append(p.notes, note{kind: noteWarning, text: "The interface has no session, so that no packet is mirrored."})
	}
	paths, err := pathsPart(ran)
	if err != nil {
		return nil, err
	}
	p.body = []g.Node{
		captureActions(r, f), part("summary", "Summary", h.Pre(h.TabIndex("0"), g.Text(simulation.Table(ran.summary))), unknownPart(ran)),
		paths, lengthsPart(ran), flowsPart(r, ran), downloadsPart(f, ran), tracePart(f),
	}
	return p, nil
}

// captureActions removes the file.
func captureActions(r *request, f *captureFile) g.Node {
	return h.Form(h.Method("post"), h.Action("/captures/"+f.id+"/remove"), h.Class("actions"), r.hiddenToken(), h.Button(h.Type("submit"), h.Class("danger"), g.Text("Remove the file")))
}

// unknownPart says what is not known of the targets, and what the numbers assume.
func unknownPart(ran *captureRun) g.Node {
	var lines [][]g.Node
	for _, u := range dataplane.Unknowns {
		if n := ran.summary.Unknown[u]; n > 0 {
			lines = append(lines, words(wording.Count(n, "mirrored packet"), ": ", u.Sentence()))
		}
	}
	if lines == nil {
		return nil
	}
	return h.Div(h.Class("note warning"), h.P(g.Text("EC2 does not show everything about the targets:")), list(lines...))
}

// pathsPart is the picture of where the packets go.
func pathsPart(ran *captureRun) (g.Node, error) {
	paths, err := report.Paths(dataplane.FactsOf(ran.source), ran.summary)
	if err != nil {
		return nil, err
	}
	if ran.summary.Packets == 0 {
		return nil, nil
	}
	svg, err := paths.SVG()
	if err != nil {
		return nil, err
	}
	return part("paths", "Where the packets go", h.Div(h.Class("scroll"), h.Role("region"), g.Attr("aria-label", "Picture: where the packets go"), h.TabIndex("0"), g.Raw(svg)), asTable(paths.Table())), nil
}

// asTable is the data of a picture as a table that opens.
func asTable(t picture.Table) g.Node {
	columns := make([]column, len(t.Head))
	for i, head := range t.Head {
		columns[i] = column{heading: head}
	}
	rows := make([][]g.Node, len(t.Rows))
	for i, cells := range t.Rows {
		for _, cell := range cells {
			rows[i] = append(rows[i], g.Text(cell))
		}
	}
	return h.Details(h.Summary(g.Text("The same as a table")), table(t.Caption, columns, rows))
}

// lengthsPart is the histogram of the lengths, with the limits of each session.
func lengthsPart(ran *captureRun) g.Node {
	counts := ran.statistics.Lengths()
	if len(counts) == 0 {
		return nil
	}
	pic := report.Lengths(dataplane.FactsOf(ran.source), counts)
	return part("lengths", "Frame lengths", h.Div(h.Class("scroll"), h.Role("region"), g.Attr("aria-label", "Picture: frame lengths"), h.TabIndex("0"), g.Raw(pic.SVG())), asTable(pic.Table()))
}

// flowsPart is the flow table, the most bytes first.
func flowsPart(r *request, ran *captureRun) g.Node {
	all := slices.Clone(ran.flows.Conversations)
	slices.SortStableFunc(all, func(a, b flow.Conversation) int {
		return cmp.Compare(b.In.Bytes+b.Out.Bytes, a.In.Bytes+a.Out.Bytes)
	})
	shown, pages := paged(r, all)
	if len(all) == 0 {
		return part("flows", "Flows", para("No packet has IP addresses and a direction, so that there is no flow."))
	}
	var rows [][]g.Node
	for _, c := range shown {
		rows = append(rows, flowRow(c))
	}
	columns := []column{
		{"Local", ""}, {"Remote", ""}, {"Protocol", ""}, {"Packets in", "number"}, {"mirrored", "number"}, {"Packets out", "number"}, {"mirrored", "number"}, {"Bytes", "number"}, {"Copied", "number"}, {"Marks", ""},
	}
	return part("flows", "Flows",
		para(wording.Count(len(all), "conversation"), ", the most bytes first."+apartWords(ran.flows.Apart)),
		table("Conversations of the interface", columns, rows), pages)
}

func apartWords(a flow.Apart) string {
	n := a.WithoutIP.Packets + a.WithoutDirection.Packets
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %s in none: no readable IP header, or no direction.", wording.Count(n, "packet"))
}

func flowRow(c flow.Conversation) []g.Node {
	local, remote := c.Local.String(), c.Remote.String()
	if c.Ports == flow.PortNumbers {
		local, remote = netip.AddrPortFrom(c.Local, c.LocalPort).String(), netip.AddrPortFrom(c.Remote, c.RemotePort).String()
	}
	var marks []g.Node
	for _, m := range c.Marks {
		marks = append(marks, badge("warning", markWord(m)), g.Text(" "))
	}
	protocol, _ := c.Protocol.MarshalText()
	return []g.Node{
		code(local), code(remote), g.Text(string(protocol)), number64(c.In.Packets), number64(c.In.Mirrored), number64(c.Out.Packets), number64(c.Out.Mirrored),
		number64(c.In.Bytes + c.Out.Bytes), number64(c.In.MirroredBytes + c.Out.MirroredBytes), g.Group(marks),
	}
}

func number64(n int64) g.Node { return g.Text(wording.Grouped(n)) }

func markWord(m flow.Mark) string {
	switch m {
	case flow.OneWay:
		return "one way"
	case flow.HalfMirrored:
		return "half mirrored"
	case flow.PartlyMirrored:
		return "partly mirrored"
	}
	return "copied cut"
}

// tracePart leads to the steps of one packet.
func tracePart(f *captureFile) g.Node {
	return part("trace", "One packet",
		h.Form(h.Method("get"), h.Action("/trace"), h.Class("actions"), h.Input(h.Type("hidden"), h.Name(captureField), h.Value(f.id)),
			h.Label(h.For("number"), g.Text("Number of the packet")), h.Input(h.Type("text"), h.ID("number"), h.Name(numberField), g.Attr("inputmode", "numeric"), h.Value("1")),
			h.Button(h.Type("submit"), h.Class("second"), g.Text("Trace"))))
}
