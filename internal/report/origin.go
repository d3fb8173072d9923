package report

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Origin says where the data of a report come from.
type Origin struct {
	Captures  []string              // names of the files that have the packets; nil: Data.Input says it
	Files     []string              // that have the interface, its sessions and the expectations: "--config mirror.json"
	Version   string                // of the program; "": not said
	Unwrapped *simulation.Unwrapped // what was unwrapped; nil: the packets are those of the captures
}

// mostCaptures is how many captures a page names.
const mostCaptures = 100

// origin says what the report is of. The time of the run is not in it: the same run gives the same
// page.
func (p *page) origin() g.Node {
	t := table{caption: "What this report is of", heads: []string{"What", "Name"}}
	t.add(g.Text("Packets"), captures(p))
	if p.Origin.Files != nil {
		t.add(g.Text("Configuration"), list(p.Origin.Files))
	}
	if p.Origin.Version != "" {
		t.add(g.Text("Program"), g.Text("terraform-provider-trafficmirror "+p.Origin.Version))
	}
	return t.node()
}

// captures names the captures, the first and the last ones if there are very many.
func captures(p *page) g.Node {
	names := p.Origin.Captures
	switch n := len(names) - mostCaptures; {
	case len(names) == 0:
		return g.Text(p.Input)
	case n > 0:
		return g.Group{list(names[:mostCaptures/2]), g.Textf("and %s more, and then", wording.Grouped(n)), list(names[len(names)-mostCaptures/2:])}
	}
	return list(names)
}

func list(texts []string) g.Node {
	return h.Ul(g.Map(texts, func(text string) g.Node { return h.Li(h.Code(g.Text(text))) }))
}

// unwrapped says what was unwrapped and what was left out.
func unwrapped(p *page) g.Node {
	u := p.Origin.Unwrapped
	if u == nil {
		return nil
	}
	return h.P(g.If(u.NoTunnel+u.Unreadable > 0, h.Class("alert")), g.Text(u.Sentences()+" The numbers of this page are about the packets that were unwrapped."))
}
