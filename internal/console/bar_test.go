package console_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// The bar keeps what its fields say, on every page, and its state is in the URL.
func TestBar(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	idle := b.created("/filters/new", url.Values{"description": {"nothing"}})
	second := b.created("/sessions/new", url.Values{
		"network_interface_id": {app}, "traffic_mirror_target_id": {w.target}, "traffic_mirror_filter_id": {idle}, "virtual_network_id": {"77"}, "tag_key": {"team"}, "tag_value": {"b"},
	})
	for query, want := range map[string][]string{
		"":                            {w.session, second},
		"interface=web":               {w.session},
		"interface=" + app:            {second},
		"vpc=vpc-0b5d1f7a92c3e4806":   {w.session, second},
		"vpc=vpc-00000000000000000":   nil,
		"tag=team":                    {second},
		"tag=team%3Da":                nil,
		"tag=Name%3Dweb":              {w.session}, // of the interface
		"target=" + w.target:          {w.session, second},
		"target=ids":                  {w.session, second},
		"vni=77":                      {second},
		"vni=7":                       nil,
		"idle=1":                      {second},
		"unmanaged=team":              {w.session},
		"unmanaged=team%3Dx&idle=1":   {second},
		"interface=web&idle=1&page=9": nil,
	} {
		got := b.get("/sessions?" + query)
		var shown []string
		for _, id := range []string{w.session, second} {
			if strings.Contains(got.body, "/sessions/"+id) {
				shown = append(shown, id)
			}
		}
		if !slices.Equal(shown, want) {
			t.Errorf("%s: %v, want %v", query, shown, want)
		}
	}
	// The navigation keeps the bar.
	page := parse(t, b.get("/sessions?interface=web&idle=1").body)
	if !slices.ContainsFunc(page.all("a"), func(a *element) bool { return a.attributes["href"] == "/filters?idle=1&interface=web" }) {
		t.Error("the link to the filters has lost the bar")
	}
	if page.id("bar-interface").attributes["value"] != "web" {
		t.Error("the bar has lost a field")
	}
	unused := b.created("/filters/new", url.Values{"description": {"unused"}}) // as in package inventory, idle is what no session uses
	if got := b.get("/filters?idle=1"); strings.Contains(got.body, "/filters/"+w.filter) || !strings.Contains(got.body, "/filters/"+unused) {
		t.Error("the idle filters are not those that no session uses")
	}
	if got := b.get("/interfaces?vni=77"); strings.Contains(got.body, "/interfaces/"+web) || !strings.Contains(got.body, "/interfaces/"+app) {
		t.Error("the interfaces with the VNI are not those of the bar")
	}
}
