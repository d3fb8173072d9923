package console

import (
	"net/http"
	"slices"
	"time"

	h "github.com/trafficmirror/terraform-provider-trafficmirror/internal/html"
)

// layout returns a page in the frame that all pages have.
func layout(r *request, p *page) h.Node {
	o := r.console.options
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.Meta(h.Name("htmx-config"), h.Content(`{"history":false,"includeIndicatorCSS":false,"mode":"same-origin"}`)),
			h.TitleEl(h.Text(p.title+" - Traffic Mirroring console")),
			h.Link(h.Rel("icon"), h.Href("data:,")),
			h.Link(h.Rel("stylesheet"), h.Href("/static/console.css")),
			h.Link(h.Rel("stylesheet"), h.Href("/static/view.css")),
			h.Script(h.Src("/static/htmx.min.js"), h.Defer()),
			h.If(p.section == "/captures", h.Script(h.Src("/static/view.js"), h.Defer())),
		),
		h.Body(
			h.A(h.Href("#main"), h.Class("skip"), h.Text("Skip to the content")),
			h.Header(
				h.P(h.Class("brand"), h.A(h.Href("/"), h.Text("Traffic Mirroring"))),
				h.P(h.Class("place"), h.Text(o.Place), h.If(o.ReadOnly != "", badge("quiet", "read-only"))),
			),
			h.If(p.status != http.StatusUnauthorized, navigation(r, p)),
			h.Main(h.ID("main"), h.TabIndex("-1"), h.Group(content(r, p))),
			h.Footer(h.P(h.Text("terraform-provider-trafficmirror "+o.Version+". Nothing on this page comes from another host."))),
		),
	))
}

func content(r *request, p *page) []h.Node {
	nodes := []h.Node{trail(r, p), h.H1(h.Text(p.title))}
	for _, n := range p.notes {
		nodes = append(nodes, n.node())
	}
	if p.hasBar {
		nodes = append(nodes, r.bar.form(r.URL.Path))
	}
	return append(nodes, p.body...)
}

// navigation has the sections, with the bar as it is.
func navigation(r *request, p *page) h.Node {
	var items []h.Node
	for _, s := range sections {
		if _, exists := r.console.routes["GET "+s.path]; !exists {
			continue
		}
		items = append(items, h.Li(h.A(h.Href(r.bar.link(s.path)), h.Title(s.help), h.If(s.path == p.section, h.Attr("aria-current", "page")), h.Text(s.text))))
	}
	return h.Nav(h.Attr("aria-label", "Pages"), h.Ul(items...))
}

// trail has the links to the pages that lead to this one.
func trail(r *request, p *page) h.Node {
	i := slices.IndexFunc(sections, func(s section) bool { return s.path == p.section })
	if i < 0 {
		return nil
	}
	if p.title == sections[i].text {
		return nil
	}
	items := []h.Node{h.Li(anchor(r.bar.link(p.section), sections[i].text))}
	for _, l := range p.trail {
		items = append(items, h.Li(anchor(r.bar.link(l.path), l.text)))
	}
	items = append(items, h.Li(h.Span(h.Attr("aria-current", "page"), h.Text(p.title))))
	return h.Nav(h.Attr("aria-label", "Breadcrumb"), h.Class("trail"), h.Ol(items...))
}

// node shows a note. An error has the focus, so that a screen reader reads it at once.
func (n note) node() h.Node {
	role, focus := "status", h.Node(nil)
	if n.kind == noteError {
		role, focus = "alert", h.Group{h.TabIndex("-1"), h.Attr("autofocus")}
	}
	return h.Div(append([]h.Node{h.Class("note " + string(n.kind)), h.Role(role), focus, h.If(n.text != "", h.P(h.Text(n.text)))}, n.more...)...)
}

// readAt says when a snapshot was read, with a link that reads again.
func (r *request) readAt(s *snapshot) h.Node {
	return h.P(h.Class("read"), h.Text("EC2 was read at "+s.read.Format(time.TimeOnly)+". "), anchor(r.again(), "Read again"))
}

// again is the address of this page with a new snapshot.
func (r *request) again() string {
	values := r.URL.Query()
	values.Set("fresh", "1")
	return r.URL.Path + "?" + values.Encode()
}

// snapshot returns what EC2 shows.
func (r *request) snapshot() (*snapshot, error) {
	return r.console.snapshot(r.Context(), r.URL.Query().Get("fresh") != "")
}
