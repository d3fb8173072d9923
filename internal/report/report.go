// Package report writes what a simulation found as one HTML page, for a browser, on paper or for
// a screen reader. The page needs no network and works without script. It is no dashboard: it
// shows one run that has ended.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html
package report

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Data is what a report shows.
type Data struct {
	Input      string // names the packets: a file
	Origin     Origin
	Source     *dataplane.Source
	Summary    dataplane.Summary
	Statistics *simulation.Statistics // nil: not counted, and not shown
	Flows      *flow.Flows            // nil: not counted, and not shown
	Results    simulation.Results     // Err also says that the run ended early
	MostFlows  int                    // in the page; 0: MostFlows
}

// MostFlows is how many conversations a page has if the data does not say it.
const MostFlows = 10000

// guides is where the guides of the documentation are.
const guides = "https://registry.terraform.io/providers/trafficmirror/trafficmirror/latest/docs/guides/"

// Write writes the page. The same data gives the same bytes.
func Write(w io.Writer, d Data) error {
	p := page{Data: d, facts: dataplane.FactsOf(d.Source)}
	if p.MostFlows <= 0 {
		p.MostFlows = MostFlows
	}
	sections, err := p.sections()
	if err != nil {
		return err
	}
	style := pageStyle + picture.Style
	csp := fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashOf(style), hashOf(pageScript))
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(g.Attr("http-equiv", "Content-Security-Policy"), h.Content(csp)),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.Meta(h.Name("referrer"), h.Content("no-referrer")),
			h.TitleEl(g.Text("Traffic mirror report: "+d.Input)),
			h.StyleEl(g.Raw(style)),
		),
		h.Body(
			h.A(h.Class("skip"), h.Href("#main"), g.Text("Skip to the report")),
			p.head(),
			contents(sections),
			h.Main(h.ID("main"), g.Map(sections, section.node)),
			h.Script(g.Raw(pageScript)),
		),
	)).Render(w)
}

// hashOf is how a Content-Security-Policy names an element by its text.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page is a report while it is written.
type page struct {
	Data
	facts dataplane.Facts
}

// section is a part of the page with a heading of its own.
type section struct {
	id, title string
	content   g.Node
}

func (s section) node() g.Node {
	return h.Section(h.ID(s.id), g.Attr("aria-labelledby", s.id+"-title"), h.H2(h.ID(s.id+"-title"), g.Text(s.title)), s.content)
}

func contents(sections []section) g.Node {
	return h.Nav(g.Attr("aria-label", "Contents"), h.Ul(g.Map(sections, func(s section) g.Node {
		return h.Li(h.A(h.Href("#"+s.id), g.Text(s.title)))
	})))
}

// sections returns the parts that have something to show.
func (p *page) sections() ([]section, error) {
	paths, err := p.paths()
	if err != nil {
		return nil, err
	}
	all := []section{{"summary", "Summary", p.summary()}}
	if len(p.Results.Expectations) > 0 {
		all = append(all, section{"expectations", "Expectations", expectationSection{p}.expectations()})
	}
	all = append(all, section{"paths", "Where the packets go", paths}, section{"rules", "Rules", ruleSection{p}.rules()})
	if p.Flows != nil {
		all = append(all, section{"flows", "Flows", flowSection{p}.flows()}, section{"rate", "Rate of the copies", flowSection{p}.rate()})
	}
	if p.Statistics != nil {
		all = append(all, section{"lengths", "Frame lengths", p.lengths()})
	}
	return append(all, section{"configuration", "Configuration", p.configuration()}), nil
}

// head has the title of the page, and what a reader must know before anything else.
func (p *page) head() g.Node {
	var alerts []g.Node
	if err := p.Results.Err; err != nil {
		alerts = append(alerts, h.P(h.Class("alert"), h.Strong(g.Text("The run ended early. ")),
			g.Text("The numbers of this page count only the packets before that. Expectations were not compared. The error is: "), h.Code(g.Text(err.Error()))))
	}
	if n := len(p.Results.Failures); n > 0 && p.Results.Err == nil {
		alerts = append(alerts, h.P(h.Class("alert"), h.Strong(g.Text(p.notHolding()+" ")),
			h.A(h.Href("#expectations"), g.Text("Read why")), g.Text(".")))
	}
	if p.Summary.Packets == 0 {
		alerts = append(alerts, h.P(h.Class("alert"), g.Text("The run has no packet, so that this page proves nothing about the configuration.")))
	}
	if len(p.facts.Sessions) == 0 {
		alerts = append(alerts, h.P(h.Class("alert"), g.Text("The interface has no session, so that nothing is mirrored.")))
	}
	return h.Header(h.H1(g.Text("Traffic mirror report")), h.P(g.Text(p.subject())), unwrapped(p), g.Group(alerts))
}

// notHolding says how many expectations do not hold.
func (p *page) notHolding() string {
	switch n := p.Results.Failed(); n {
	case 0: // a failure of the run as a whole
		return "The expectations hold, but the run as a whole proves nothing."
	case 1:
		return fmt.Sprintf("1 of %s does not hold.", wording.Count(len(p.Results.Expectations), "expectation"))
	default:
		return fmt.Sprintf("%d of %s do not hold.", n, wording.Count(len(p.Results.Expectations), "expectation"))
	}
}

// subject says in a sentence what the report is about.
func (p *page) subject() string {
	return fmt.Sprintf("%s, sent through %s of %s.", p.Input, wording.Count(len(p.facts.Sessions), "session"), p.interfaceName())
}

func (p *page) interfaceName() string {
	switch i := p.facts.Interface; {
	case i.ID != "":
		return "interface " + i.ID
	case i.PrivateIPAddress.IsValid():
		return "the interface " + i.PrivateIPAddress.String()
	}
	return "the interface"
}
