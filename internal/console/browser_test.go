package console_test

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// places returns the pages that are looked at, each kind once.
func (b *tab) places(l *lab) []string {
	b.t.Helper()
	sessions, err := l.account().Sessions(b.t.Context())
	l.must(err)
	file := filepath.Join(b.t.TempDir(), "quickstart.pcap")
	l.must(os.WriteFile(file, quickstartCapture(b.t).text, 0o600))
	b.open("/captures")
	b.run(chromedp.SendKeys(`[name="on"]`, web, chromedp.ByQuery), chromedp.SetUploadFiles(`[name="file"]`, []string{file}, chromedp.ByQuery))
	b.leaves(chromedp.Submit(`[name="on"]`, chromedp.ByQuery))
	places := []string{
		b.path(), "/", "/map", "/map?idle=1", "/coverage", "/coverage?class=cannot", "/captures", "/code", "/trace",
		"/trace?" + url.Values{"on": {web}, "direction": {"ingress"}, "packet": {"tcp 10.0.9.7:50000 > 10.0.1.10:22"}}.Encode(),
		"/sessions", "/filters", "/targets", "/interfaces", "/interfaces/" + web, "/sessions/new", "/filters/new", "/targets/new",
	}
	for _, object := range []string{"/sessions/" + sessions[0].ID, "/filters/" + sessions[0].FilterID, "/targets/" + sessions[0].TargetID} {
		places = append(places, object, object+"/edit", object+"/delete")
	}
	return places
}

// No page has an error, violates the policy, asks another host or is hard to use with a screen
// reader, in any width and color scheme.
func TestBrowserPages(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.quickstart()
	b := newTab(t, l.server.URL)
	places := b.places(l)
	for i, look := range looks {
		b.look(look.width, look.scheme)
		for j, place := range places {
			if sample.IsTurn(t, i*len(places)+j, week) {
				b.open(place)
				b.accessible()
				b.shoot(place, look.width, look.scheme)
			}
		}
	}
}

// week is in how many days each page has been looked at in each look.
const week = 7

// The harness sees what it is there for.
func TestBrowserHarness(t *testing.T) {
	t.Parallel()
	b := newTab(t, badPage(t))
	b.open("/")
	if source, _ := axe(); source != "" && !slices.ContainsFunc(b.violations(), func(v violation) bool { return v.ID == "image-alt" }) {
		t.Error("axe finds nothing")
	}
	for _, want := range []string{"inline style", "inline script", "a request to http://127.0.0.2/x", "console.error", "thrown on purpose"} {
		b.reported(want)
	}
	b.expect("")
}
