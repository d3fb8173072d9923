package console

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	g "maragu.dev/gomponents"
)

// A route answers the requests of one pattern. A file of pages has a function that returns its
// routes, which routes lists.
type route struct {
	pattern string // of net/http, such as "GET /targets/{id}"
	serve   func(r *request) (*page, error)

	// changes says that the route changes the account: it is refused where the console is
	// read-only.
	changes bool

	// upload is the largest body in bytes of a form with files. The form is sent as
	// multipart/form-data, and its first field is the token (formToken): request.parts has the
	// rest. 0: a form without files.
	upload int64

	// isOpen says that the route is for browsers without the token of the console, too.
	isOpen bool
}

// routes returns all routes.
func routes() []route {
	return slices.Concat(staticRoutes(), loginRoutes(), homeRoutes(),
		sessionRoutes(), filterRoutes(), targetRoutes(), interfaceRoutes(), viewRoutes(),
	)
}

// A page is the answer to a request.
type page struct {
	title   string
	section string // path of its entry in the navigation, such as "/sessions"
	trail   []link // the pages that lead to this one, without the section
	hasBar  bool   // the bar that filters all pages concerns it
	notes   []note
	body    []g.Node

	status   int    // 0: 200
	redirect string // path to go to in place of a page
	begins   bool   // the browser has shown the token of the console: it gets a session
	download *download
}

// A download is a file in place of a page.
type download struct {
	name, mediaType string
	write           func(io.Writer) error
}

// A link is a path with its text.
type link struct{ text, path string }

// A note is a message above the content of a page.
type note struct {
	kind noteKind
	text string
	more []g.Node
}

type noteKind string

// The kinds of note, which are their classes in the style sheet.
const (
	noteError   noteKind = "error"
	noteWarning noteKind = "warning"
	noteDone    noteKind = "done"
	noteInfo    noteKind = "info"
)

// section is an entry of the navigation.
type section struct {
	link
	help string
}

// sections are the entries of the navigation. One without a route is not shown.
var sections = []section{
	{link{"Map", "/map"}, "who is mirrored to where"},
	{link{"Sessions", "/sessions"}, "what connects interfaces, filters and targets"},
	{link{"Filters", "/filters"}, "which packets are mirrored"},
	{link{"Targets", "/targets"}, "what receives the copies"},
	{link{"Interfaces", "/interfaces"}, "what can be mirrored"},
	{link{"Trace", "/trace"}, "what happens to one packet"},
	{link{"Captures", "/captures"}, "what happens to the packets of a file"},
	{link{"Coverage", "/coverage"}, "what is mirrored, what is idle, and what it costs"},
	{link{"As code", "/code"}, "the configuration for what exists"},
}

// answer answers a request by a route.
func (c *Console) answer(w http.ResponseWriter, sent *http.Request, to route) {
	r, problem := c.admit(w, sent, to)
	if problem != nil {
		c.write(w, sent, r, problem)
		return
	}
	if token := sent.PostForm.Get(changeToken); to.changes && token != "" {
		r.sent, r.digest = maps.Clone(sent.PostForm), digestOf(r)
		defer c.saved.lock(token)()
		if p := r.sentAgain(); p != nil {
			c.write(w, sent, r, p)
			return
		}
	}
	p, err := to.serve(r)
	if err != nil {
		p = failurePage(r, err)
	}
	c.write(w, sent, r, p)
}

// write writes a page.
func (c *Console) write(w http.ResponseWriter, sent *http.Request, r *request, p *page) {
	header := w.Header()
	if p.begins {
		c.begin(w)
	}
	switch {
	case p.redirect != "":
		http.Redirect(w, sent, p.redirect, http.StatusSeeOther) //nolint:gosec // pages make it, of IDs
		return
	case p.download != nil:
		header.Set("Content-Type", p.download.mediaType)
		if p.download.name != "" {
			header.Set("Content-Disposition", `attachment; filename="`+p.download.name+`"`)
		}
		if err := p.download.write(w); err != nil {
			c.options.Log.Warn("a download ended early", "path", sent.URL.Path, "error", err)
			panic(http.ErrAbortHandler) // so that the browser does not take it for the whole file
		}
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	if sent.Method == http.MethodHead {
		return
	}
	var text strings.Builder
	if err := layout(r, p).Render(&text); err != nil {
		c.options.Log.Error("a page could not be written", "path", sent.URL.Path, "error", err)
		return
	}
	_, _ = io.WriteString(w, text.String())
}

// noPage answers a path that no route has.
func noPage(r *request) (*page, error) {
	return &page{
		title: "There is no such page", status: http.StatusNotFound,
		body: []g.Node{para("The console has no page at ", code(r.URL.Path), ". The navigation has its pages.")},
	}, nil
}

// ServeHTTP answers a request.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range securityHeaders {
		w.Header().Set(name, value)
	}
	c.mux.ServeHTTP(w, r)
}
