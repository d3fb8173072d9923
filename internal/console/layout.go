package console

import (
	"net/http"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// layout returns a page in the frame that all pages have.
func layout(r *request, p *page) g.Node {
	o := r.console.options
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.Meta(h.Name("htmx-config"), h.Content(`{"history":false,"includeIndicatorCSS":false,"mode":"same-origin"}`)),
			h.TitleEl(g.Text(p.title+" - Traffic Mirroring console")),
			h.Link(h.Rel("icon"), h.Href("data:,")),
			h.Link(h.Rel("stylesheet"), h.Href("/static/console.css")),
			h.Link(h.Rel("stylesheet"), h.Href("/static/view.css")),
			h.Script(h.Src("/static/htmx.min.js"), h.Defer()),
			g.If(p.section == "/captures", h.Script(h.Src("/static/view.js"), h.Defer())),
		),
		h.Body(
			h.A(h.Href("#main"), h.Class("skip"), g.Text("Skip to the content")),
			h.Header(
				h.P(h.Class("brand"), h.A(h.Href("/"), g.Text("Traffic Mirroring"))),
				h.P(h.Class("place"), g.Text(o.Place), g.If(o.ReadOnly != "", badge("quiet", "read-only"))),
			),
			g.If(p.status != http.StatusUnauthorized, navigation(r, p)),
			h.Main(h.ID("main"), h.TabIndex("-1"), g.Group(content(r, p))),
			h.Footer(h.P(g.Text("terraform-provider-trafficmirror "+o.Version+". Nothing on this page comes from another host."))),
		),
	))
}

func content(r *request, p *page) []g.Node {
	nodes := []g.Node{trail(r, p), h.H1(g.Text(p.title))}
	for _, n := range p.notes {
		nodes = append(nodes, n.node())
	}
	if p.hasBar {
		nodes = append(nodes, r.bar.form(r.URL.Path))
	}
	return append(nodes, p.body...)
}

// navigation has the sections, with the bar as it is.
func navigation(r *request, p *page) g.Node {
	var items []g.Node
	for _, s := range sections {
		if _, exists := r.console.routes["GET "+s.path]; !exists {
			continue
		}
		items = append(items, h.Li(h.A(h.Href(r.bar.link(s.path)), h.Title(s.help), g.If(s.path == p.section, g.Attr("aria-current", "page")), g.Text(s.text))))
	}
	return h.Nav(g.Attr("aria-label", "Pages"), h.Ul(items...))
}

// trail has the links to the pages that lead to this one.
func trail(r *request, p *page) g.Node {
	i := slices.IndexFunc(sections, func(s section) bool { return s.path == p.section })
	if i < 0 {
		return nil
	}
	if p.title == sections[i].text {
		return nil
	}
	items := []g.Node{h.Li(anchor(r.bar.link(p.section), sections[i].text))}
	for _, l := range p.trail {
		items = append(items, h.Li(anchor(r.bar.link(l.path), l.text)))
	}
	items = append(items, h.Li(h.Span(g.Attr("aria-current", "page"), g.Text(p.title))))
	return h.Nav(g.Attr("aria-label", "Breadcrumb"), h.Class("trail"), h.Ol(items...))
}

// node shows a note. An error has the focus, so that a screen reader reads it at once.
func (n note) node() g.Node {
	role, focus := "status", g.Node(nil)
	if n.kind == noteError {
		role, focus = "alert", g.Group{h.TabIndex("-1"), g.Attr("autofocus")}
	}
	return h.Div(append([]g.Node{h.Class("note " + string(n.kind)), h.Role(role), focus, g.If(n.text != "", h.P(g.Text(n.text)))}, n.more...)...)
}

// readAt says when a snapshot was read, with a link that reads again.
func (r *request) readAt(s *snapshot) g.Node {
	return h.P(h.Class("read"), g.Text("EC2 was read at "+s.read.Format(time.TimeOnly)+". "), anchor(r.again(), "Read again"))
}

// again is the address of this page with a new snapshot.
func (r *request) again() string {
	values := r.URL.Query()
	values.Set("fresh", "1")
	return r.URL.Path + "?" + values.Encode()
}

// readAgain returns what EC2 shows now.
func (r *request) readAgain() (*snapshot, error) { return r.console.snapshot(r.Context(), true) }

// snapshotFor returns what EC2 shows, for a check of what a form asks for. If the check refuses it
// because of other objects, they may have changed since they were read: then they are read again.
func (r *request) snapshotFor(check func(*snapshot) mirror.Problems) (*snapshot, error) {
	s, err := r.snapshot()
	if err != nil || !slices.ContainsFunc(check(s), isAboutOthers) {
		return s, err
	}
	return r.readAgain()
}

func isAboutOthers(p mirror.Problem) bool {
	return p.Kind == mirror.Conflict || p.Kind == mirror.Invalid
}

// snapshot returns what EC2 shows.
func (r *request) snapshot() (*snapshot, error) {
	return r.console.snapshot(r.Context(), r.URL.Query().Get("fresh") != "")
}
