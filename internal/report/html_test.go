package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// document is a parsed page.
type document struct{ *html.Node }

// readPage parses a page, and checks what is true of all pages.
func readPage(t *testing.T, text string) document {
	t.Helper()
	checkNesting(t, text)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d := document{root}
	d.checkReferences(t)
	d.checkHeadings(t)
	d.checkTables(t)
	d.checkNothingForeign(t)
	return d
}

// checkNesting checks that each element is closed where it should be. A parser of HTML repairs it
// without a word.
func checkNesting(t *testing.T, text string) {
	t.Helper()
	void := map[string]bool{"meta": true, "input": true, "br": true}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("these elements are not closed: %q", open)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !void[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("%s is closed inside of %q", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// textOf is the text of an element.
func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// named returns the elements with one of the names.
func (d document) named(names ...string) []*html.Node { return below(d.Node, names...) }

func below(n *html.Node, names ...string) []*html.Node {
	var all []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && slices.Contains(names, c.Data) {
			all = append(all, c)
		}
	}
	return all
}

func (d document) elements() []*html.Node {
	var all []*html.Node
	for c := range d.Descendants() {
		if c.Type == html.ElementNode {
			all = append(all, c)
		}
	}
	return all
}

// checkReferences checks that ids are unique, and that what names an id finds it.
func (d document) checkReferences(t *testing.T) {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range d.elements() {
		if id := attr(n, "id"); has(n, "id") {
			if ids[id] || id == "" || strings.ContainsAny(id, " \t") {
				t.Errorf("the id %q is used twice, or is no id", id)
			}
			ids[id] = true
		}
	}
	for _, n := range d.elements() {
		for _, name := range []string{"aria-labelledby", "aria-describedby", "for"} {
			if has(n, name) && !ids[attr(n, name)] {
				t.Errorf("%s of %s is %q, which is no id", name, n.Data, attr(n, name))
			}
		}
		if to, isLocal := strings.CutPrefix(attr(n, "href"), "#"); isLocal && !ids[to] {
			t.Errorf("a link leads to #%s, which is no id", to)
		}
		if n.Data == "input" && !slices.ContainsFunc(d.named("label"), func(l *html.Node) bool { return attr(l, "for") == attr(n, "id") }) {
			t.Errorf("the input %q has no label", attr(n, "id"))
		}
	}
}

func (d document) checkHeadings(t *testing.T) {
	t.Helper()
	last := 0
	for _, n := range d.named("h1", "h2", "h3", "h4", "h5", "h6") {
		level := int(n.Data[1] - '0')
		if level > last+1 || level == 1 && last != 0 {
			t.Errorf("the heading %q is an %s behind an h%d", textOf(n), n.Data, last)
		}
		last = level
	}
	if len(d.named("h1")) != 1 || len(d.named("main")) != 1 || attr(d.named("html")[0], "lang") != "en" {
		t.Error("the page has not one h1, one main part and a language")
	}
}

func (d document) checkTables(t *testing.T) {
	t.Helper()
	for _, n := range d.named("table") {
		captions := below(n, "caption")
		if len(captions) != 1 || textOf(captions[0]) == "" {
			t.Error("a table has no caption")
			continue
		}
		width := len(below(below(n, "thead")[0], "th"))
		for _, row := range below(n, "tr") {
			if cells := below(row, "th", "td"); len(cells) != width {
				t.Errorf("%s: a row has %d cells, and there are %d columns", textOf(captions[0]), len(cells), width)
			}
		}
	}
	for _, n := range d.named("th") {
		if s := attr(n, "scope"); s != "col" && s != "row" {
			t.Errorf("the head %q has the scope %q", textOf(n), s)
		}
	}
}

// checkNothingForeign checks that the page loads nothing, and has only the style and the script
// that its policy allows.
func (d document) checkNothingForeign(t *testing.T) {
	t.Helper()
	policy := ""
	for _, n := range d.named("meta") {
		if attr(n, "http-equiv") == "Content-Security-Policy" {
			policy = attr(n, "content")
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy is %q", policy)
	}
	for _, name := range []string{"script", "style"} {
		found := d.named(name)
		if len(found) != 1 || len(found[0].Attr) != 0 {
			t.Errorf("there are %d elements %s, or it has attributes", len(found), name)
			continue
		}
		sum := sha256.Sum256([]byte(textOf(found[0])))
		if want := fmt.Sprintf("%s-src 'sha256-%s'", name, base64.StdEncoding.EncodeToString(sum[:])); !strings.Contains(policy, want) {
			t.Errorf("the policy %q does not have %s", policy, want)
		}
		if text := textOf(found[0]); strings.Contains(text, "url(") || strings.Contains(text, "@import") || strings.Contains(text, "fetch") {
			t.Errorf("%s loads something", name)
		}
	}
	for _, n := range d.elements() {
		if slices.Contains([]string{"img", "link", "iframe", "object", "embed", "base", "form", "audio", "video", "source"}, n.Data) {
			t.Errorf("there is an element %s", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style", a.Key == "src", a.Key == "srcset", a.Key == "action", strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s has an attribute %s", n.Data, a.Key)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && (n.Data != "a" || !strings.HasPrefix(a.Val, "https://registry.terraform.io/providers/trafficmirror/trafficmirror/latest/docs/guides/")):
				t.Errorf("%s leads to %s", n.Data, a.Val)
			}
		}
	}
}

// rows returns the rows of the table with a caption, without its heads; nil: there is none.
func (d document) rows(caption string) [][]string {
	for _, n := range d.named("table") {
		if textOf(below(n, "caption")[0]) != caption {
			continue
		}
		var rows [][]string
		for _, row := range below(below(n, "tbody")[0], "tr") {
			var cells []string
			for _, cell := range below(row, "th", "td") {
				cells = append(cells, textOf(cell))
			}
			rows = append(rows, cells)
		}
		return rows
	}
	return nil
}

// section returns the text of a section.
func (d document) section(id string) string {
	for _, n := range d.named("section") {
		if attr(n, "id") == id {
			return textOf(n)
		}
	}
	return ""
}
