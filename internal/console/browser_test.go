package console_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// seen are the pages that are looked at.
var seen = []string{"/", "/map", "/coverage", "/coverage?class=cannot"}

// No page has an error, violates the policy, asks another host or is hard to use with a screen
// reader, in any width and color scheme.
func TestBrowserPages(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	b := newTab(t, l.server.URL)
	for _, look := range looks {
		b.look(look.width, look.scheme)
		for _, path := range seen {
			b.open(path)
			b.accessible()
			b.shoot("quickstart"+strings.ReplaceAll(path, "/", "-"), look.width, look.scheme)
		}
	}
}

// The harness sees what it is there for.
func TestBrowserHarness(t *testing.T) {
	t.Parallel()
	b := newTab(t, badPage(t))
	b.open("/")
	if source, _ := axe(); source != "" && !slices.ContainsFunc(b.violations(), func(v violation) bool { return v.ID == "image-alt" }) {
		t.Error("axe finds nothing")
	}
	b.run(chromedp.WaitReady("body"))
	for _, want := range []string{"inline style", "inline script", "a request to http://127.0.0.2/x", "console.error", "thrown on purpose"} {
		if !slices.ContainsFunc(b.problems, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("the harness does not see %q: %q", want, b.problems)
		}
	}
	b.expect("")
}
