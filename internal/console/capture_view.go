package console

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// serveCapture shows what the sessions of the interface do with the packets of a file.
func serveCapture(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	f, ran, err := captureOn(r)
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
			lines = append(lines, words(counted(int(n), "mirrored packet"), ": ", u.Sentence()))
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

// lengthsPart is the histogram of the lengths, with the longest copy of each session.
func lengthsPart(ran *captureRun) g.Node {
	if len(ran.lengths) == 0 {
		return nil
	}
	pic := picture.Histogram{
		ID: "picture-lengths", Title: "Frame lengths", Size: "frame length in bytes", Unit: "packets",
		Description: "A bar for each range of lengths. A line marks the longest copy of a session: it copies frames on its right in part.",
	}
	longest := 0
	for length := range ran.lengths {
		longest = max(longest, length)
	}
	for _, s := range dataplane.FactsOf(ran.source).Sessions {
		if limit := s.Limit(); limit.Bytes < longest {
			pic.Marks = append(pic.Marks, picture.Mark{At: limit.Bytes, Label: fmt.Sprintf("session %d: %s", s.Number, limit.Text)})
		}
	}
	pic.Bars = picture.Buckets(ran.lengths, 4, 0, pic.Marks...)
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
		para(counted(len(all), "conversation"), ", the most bytes first."+apartWords(ran.flows.Apart)),
		table("Conversations of the interface", columns, rows), pages)
}

func apartWords(a flow.Apart) string {
	n := a.WithoutIP.Packets + a.WithoutDirection.Packets
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %s in none: no readable IP header, or no direction.", counted(int(n), "packet"))
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

func number64(n int64) g.Node { return g.Text(simulation.Grouped(n)) }

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

// A captureDownload is a file that is made of a run.
type captureDownload struct {
	what, ending, mediaType, help string
	write                         func(r *request, f *captureFile, ran *captureRun, to io.Writer) error
}

var captureDownloads = []captureDownload{
	{"copies", ".mirrored.pcap", "application/vnd.tcpdump.pcap", "the copies in VXLAN, as they leave the interface", writeCopies},
	{"verdicts", ".verdicts.jsonl", "application/x-ndjson", "the verdict of each packet, one JSON object on a line", writeVerdicts},
	{"summary", ".summary.json", "application/json", "the summary", writeSummary},
	{"flows", ".flows.csv", "text/csv; charset=utf-8", "the flow table", func(_ *request, _ *captureFile, ran *captureRun, to io.Writer) error { return ran.flows.WriteCSV(to) }},
	{"flows-json", ".flows.json", "application/json", "the flow table with everything that it has", func(_ *request, _ *captureFile, ran *captureRun, to io.Writer) error { return ran.flows.WriteJSON(to) }},
	{"report", ".report.html", "text/html; charset=utf-8", "the report: one page that needs no network", writeReport},
}

func writeCopies(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
	encapsulator, err := ran.source.Encapsulator()
	if err != nil {
		return err
	}
	return f.write(r.Context(), ran, simulation.NewCopies(to, capture.Pcap, encapsulator))
}

func writeVerdicts(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
	return f.write(r.Context(), ran, simulation.NewVerdictLines(to, ran.source, simulation.VerdictJSON))
}

func writeReport(r *request, f *captureFile, ran *captureRun, to io.Writer) error {
	collector := report.NewCollector(ran.source)
	summary, err := f.simulate(r.Context(), ran.source, collector)
	data := collector.Data(f.name, summary, simulation.Results{Err: err})
	data.Origin.Version = r.console.options.Version
	return report.Write(to, data)
}

func writeSummary(_ *request, _ *captureFile, ran *captureRun, to io.Writer) error {
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(ran.summary)
}

// downloadsPart lists the downloads, and says what the copies lack.
func downloadsPart(f *captureFile, ran *captureRun) g.Node {
	var lines [][]g.Node
	for _, d := range captureDownloads {
		if d.what == "copies" && ran.noCopy != nil {
			lines = append(lines, words("There are no copies to download: ", sentence(ran.noCopy.Error())))
			continue
		}
		lines = append(lines, words(anchor("/captures/"+f.id+"/"+d.what, f.baseName()+d.ending), ": "+d.help))
	}
	for _, l := range ran.leftOut {
		lines = append(lines, words("The copies lack ", l.String(), "."))
	}
	return part("downloads", "Downloads", list(lines...))
}

// serveDownload makes a file of a run.
func serveDownload(r *request) (*page, error) {
	at := slices.IndexFunc(captureDownloads, func(d captureDownload) bool { return d.what == r.PathValue("what") })
	if at < 0 {
		return noPage(r)
	}
	f, ran, err := captureOn(r)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return noCapturePage(), nil
	case at == 0 && ran.noCopy != nil:
		return refusal(422, "There are no copies", sentence(ran.noCopy.Error())), nil
	}
	d := captureDownloads[at]
	return &page{download: &download{name: f.baseName() + d.ending, mediaType: d.mediaType, write: func(to io.Writer) error { return d.write(r, f, ran, to) }}}, nil
}
