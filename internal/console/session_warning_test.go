package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The page that creates a session says before what will keep it from mirroring.
func TestSessionWarnings(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	fields := url.Values{"traffic_mirror_target_id": {w.target}, "traffic_mirror_filter_id": {w.filter}}
	create := func(change url.Values) answer {
		values := url.Values{}
		for _, from := range []url.Values{fields, change} {
			for name, value := range from {
				values[name] = value
			}
		}
		return b.post(b.get("/sessions/new?on="+web), "/sessions/new", values)
	}
	for want, change := range map[string]url.Values{
		"The new session then does nothing. Sessions of " + web + " with a lower number take every packet": nil,
		"Session " + w.session + " then does nothing. Sessions of":                                         {"session_number": {"0"}},
		"The copies of session " + w.session + " have the VNI 1 too. The receiver cannot tell them apart":  {"virtual_network_id": {"1"}},
	} {
		if change.Has("session_number") { // below the only session
			path := "/sessions/" + w.session + "/edit"
			b.save(b.get(path), path, url.Values{"session_number": {"5"}})
			change = url.Values{"session_number": {"4"}}
		}
		got := create(change)
		if words := parse(t, got.body).words(); !strings.Contains(words, "Make this change?") || !strings.Contains(words, want) {
			t.Errorf("no %q in %d %s", want, got.status, words)
		}
		if change.Has("session_number") {
			path := "/sessions/" + w.session + "/edit"
			b.save(b.get(path), path, url.Values{"session_number": {"1"}})
		}
	}
	got := create(url.Values{"session_number": {"0"}})
	if at := parse(t, got.body).id("field-session_number-wrong"); got.status != http.StatusUnprocessableEntity || at == nil || !strings.Contains(at.words(), "Is 0.") {
		t.Errorf("%d", got.status)
	}
}

// An interface of another type than "interface" is not suggested for a target, and is refused before the call.
func TestTargetOfOtherType(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	page := b.get("/targets/new")
	all, err := b.account().NetworkInterfaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := 0
	for _, i := range all {
		if i.Type == "interface" {
			continue
		}
		other++
		if strings.Contains(page.body, i.ID) {
			t.Errorf("%s of type %s is suggested", i.ID, i.Type)
		}
		got := b.post(page, "/targets/new", url.Values{"backing": {i.ID}})
		if at := parse(t, got.body).id("field-backing-wrong"); got.status != http.StatusUnprocessableEntity || at == nil || !strings.Contains(at.words(), "Is a network interface of type "+i.Type) {
			t.Errorf("%d %s", got.status, parse(t, got.body).words())
		}
	}
	if other == 0 {
		t.Skip("the topology has no other type")
	}
}
