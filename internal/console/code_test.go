package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
)

// adopt reads the objects of the lab as the command does.
func (l *lab) adopt(ctx context.Context, selection adopt.Selection) (*adopt.Found, error) {
	return adopt.Read(ctx, "test", adopt.Settings{Emulator: l.path, Topology: "../../examples/quickstart/topology.json"}, selection, "")
}

// The configuration of all objects, of those that the bar keeps, and of one.
func TestCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	if empty := b.get("/code"); !strings.Contains(empty.body, "There is no such object") {
		t.Errorf("without objects: %s", parse(t, empty.body).words())
	}
	l.quickstart()
	sessions, err := l.account().Sessions(t.Context())
	l.must(err)
	filters, err := l.account().Filters(t.Context())
	l.must(err)
	b.get("/?fresh=1") // pages share what was read, for a second
	for path, want := range map[string]struct{ imports, targets, filters, rules, sessions int }{
		"/code":                                {7, 2, 2, 0, 3},
		"/code?rules=1":                        {17, 2, 2, 10, 3},
		"/code?vni=1002":                       {3, 1, 1, 0, 1},
		"/code?vni=1002&rules=1":               {7, 1, 1, 4, 1},
		"/code?id=" + sessions[0].ID:           {1, 0, 0, 0, 1},
		"/code?id=" + sessions[0].TargetID:     {1, 1, 0, 0, 0},
		"/code?id=" + filters[0].ID:            {1, 0, 1, 0, 0},
		"/code?id=tms-0123456789abcdef0":       {},
		"/code?id=" + web:                      {},
		"/code/trafficmirror.tf":               {7, 2, 2, 0, 3},
		"/code/trafficmirror.tf?interface=app": {3, 1, 1, 0, 1},
	} {
		got := b.get(path)
		count := func(text string) int { return strings.Count(strings.ReplaceAll(got.body, "&#34;", `"`), text) }
		found := struct{ imports, targets, filters, rules, sessions int }{
			count("import {"), count(`resource "trafficmirror_target"`), count(`resource "trafficmirror_filter"`), count(`resource "trafficmirror_filter_rule"`), count(`resource "trafficmirror_session"`),
		}
		if got.status != http.StatusOK || found != want {
			t.Errorf("%s: %d, %+v, not %+v\n%s", path, got.status, found, want, got.body)
		}
	}
	if name := b.get("/code/trafficmirror.tf").header.Get("Content-Disposition"); name != `attachment; filename="trafficmirror.tf"` {
		t.Error(name)
	}
}
