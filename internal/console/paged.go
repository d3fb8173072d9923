package console

import (
	"fmt"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// perPage is how many objects a page lists.
const perPage = 100

// paged returns the part of a list that the parameter "page" of the URL asks for, and the links
// to the other parts.
func paged[T any](r *request, all []T) (shown []T, links g.Node) {
	return pagedBy(r, all, perPage)
}

// pagedBy is paged with another number of objects on a page.
func pagedBy[T any](r *request, all []T, perPage int) (shown []T, links g.Node) {
	pages := max(1, (len(all)+perPage-1)/perPage)
	at, _ := strconv.Atoi(r.URL.Query().Get("page"))
	at = min(max(at, 1), pages)
	shown = all[(at-1)*perPage : min(at*perPage, len(all))]
	if pages == 1 {
		return shown, nil
	}
	to := func(n int, words string) g.Node {
		if n < 1 || n > pages || n == at {
			return nil
		}
		values := r.URL.Query()
		values.Set("page", strconv.Itoa(n))
		return h.Li(anchor(r.URL.Path+"?"+values.Encode(), words))
	}
	return shown, h.Nav(g.Attr("aria-label", "Parts of the list"), h.Class("pages"), h.Ul(
		to(1, "First"), to(at-1, "Previous"),
		h.Li(h.Span(g.Attr("aria-current", "page"), g.Text(fmt.Sprintf("%d to %d of %d", (at-1)*perPage+1, (at-1)*perPage+len(shown), len(all))))),
		to(at+1, "Next"), to(pages, "Last"),
	))
}

// newLink is a link to a form that creates an object, where the console may.
func (r *request) newLink(path, words string) g.Node {
	if r.console.options.ReadOnly != "" {
		return nil
	}
	return h.P(h.Class("actions"), h.A(h.Class("button"), h.Href(path), g.Text(words)))
}
