package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// press presses a button of the editor.
func (b *browser) press(page answer, path, button string, change url.Values) answer {
	b.t.Helper()
	values := url.Values{"edit": {button}}
	for name, value := range change {
		values[name] = value
	}
	got := b.post(page, path, values)
	if got.status != http.StatusOK && got.status != http.StatusUnprocessableEntity {
		b.t.Fatalf("%s: %d %s", button, got.status, parse(b.t, got.body).words())
	}
	if problems := problemsOf(b.t, got.body); problems != nil {
		b.t.Errorf("%s: %q", button, problems)
	}
	return got
}

// numbers returns the rule numbers that the editor shows, with the ports.
func numbers(t *testing.T, page answer, path string) (shown []string) {
	t.Helper()
	fields := fieldsOf(t, page.body, path)
	for _, f := range fields {
		if !strings.HasSuffix(f[0], "-rule_number") {
			continue
		}
		i := slices.IndexFunc(fields, func(other [2]string) bool {
			return other[0] == strings.TrimSuffix(f[0], "rule_number")+"destination_port_range"
		})
		shown = append(shown, f[1]+":"+fields[i][1])
	}
	return shown
}

// Rules are added, moved and removed in the form. EC2 has them only once they are saved, and the
// page says before what the change gains and loses.
func TestFilterEditor(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	path := "/filters/" + w.filter + "/edit"
	page := b.get(path)
	if got := numbers(t, page, path); !slices.Equal(got, []string{"100:443", "100:"}) {
		t.Fatalf("%q", got)
	}
	page = b.press(page, path, "add-ingress", nil)
	page = b.press(page, path, "up-1", url.Values{"rule-1-protocol": {"tcp"}, "rule-1-destination_port_range": {"22"}})
	if got := numbers(t, page, path); !slices.Equal(got, []string{"100:22", "200:443", "100:"}) {
		t.Errorf("after up: %q", got)
	}
	page = b.press(page, path, "down-0", nil)
	page = b.press(page, path, "down-1", nil) // the next one is of the other direction
	if got := numbers(t, page, path); !slices.Equal(got, []string{"100:443", "200:22", "100:"}) {
		t.Errorf("after down: %q", got)
	}
	page = b.press(page, path, "remove-2", nil)
	page = b.press(page, path, "check", url.Values{"amazon_dns": nil})
	words := parse(t, page.body).id("preview").words()
	for _, want := range []string{
		"1 session with this filter will mirror accordingly.",
		"Gains of this filter: packets that it mirrors then, and not now Ingress, IPv4, for example: tcp 10.1.2.3:50000 > 10.0.1.10:22 . Now: no rule matches it. Then: rule 200 accepts it.",
		"Losses of this filter: packets that it mirrors now, and not then",
		"tcp 10.0.1.10:443 > 10.1.2.3:50000 . Now: rule 100 accepts it. Then: no rule matches it.",
		"Now: the network service amazon-dns mirrors it. Then: it is Amazon DNS, which no rule mirrors.",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in %s", want, words)
		}
	}
	if f, err := b.account().Filter(t.Context(), w.filter); err != nil || len(f.Noun.Rules) != 2 {
		t.Errorf("it is saved already: %+v, %v", f, err)
	}
	got := b.post(page, path, nil) // it was checked, so that it is not asked again
	words = parse(t, got.body).id("main").words()
	if !strings.Contains(got.path, "saved=") || !strings.Contains(words, "CreateTrafficMirrorFilterRule") || !strings.Contains(words, "accept TCP from any IPv4 address to any IPv4 address, port 22") {
		t.Errorf("%s: %s", got.path, words)
	}
	f, err := b.account().Filter(t.Context(), w.filter)
	if err != nil || len(f.Noun.InDirection(mirror.Ingress)) != 2 || len(f.Noun.InDirection(mirror.Egress)) != 0 || f.Noun.NetworkServices != nil {
		t.Errorf("%+v, %v", f, err)
	}
}

// A change that was not checked asks with what it gains and loses. One that changes no packet
// does not ask.
func TestFilterEditor_asks(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	path := "/filters/" + w.filter + "/edit"
	got := b.post(b.get(path), path, url.Values{"rule-0-destination_port_range": {"80"}})
	if words := parse(t, got.body).words(); !strings.Contains(words, "Make this change?") || !strings.Contains(words, "10.0.1.10:80") {
		t.Errorf("%d %s", got.status, words)
	}
	got = b.post(b.get(path), path, url.Values{"tag_key": {"a"}, "tag_value": {"1"}})
	if !strings.Contains(got.path, "saved=") {
		t.Errorf("%d %s", got.status, parse(t, got.body).words())
	}
	f, err := b.account().Filter(t.Context(), w.filter)
	if err != nil || f.Tags["a"] != "1" || f.Noun.InDirection(mirror.Ingress)[0].DestinationPorts.From != 443 {
		t.Errorf("%+v, %v", f, err)
	}
	// Another filter of a session is a change of packets too.
	other := b.created("/filters/new", url.Values{"description": {"nothing"}})
	path = "/sessions/" + w.session + "/edit"
	got = b.post(b.get(path), path, url.Values{"traffic_mirror_filter_id": {other}, "packet_length": {"64"}})
	words := parse(t, got.body).words()
	for _, want := range []string{"The copies have the first 64 bytes of each packet.", "It mirrors no packet more.", "Now: rule 100 accepts it. Then: no rule matches it."} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in %s", want, words)
		}
	}
}

// A wrong value of a rule is refused at its field.
func TestFilterEditor_refused(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	path := "/filters/" + w.filter + "/edit"
	for name, c := range map[string]struct {
		field, value, message string
		more                  url.Values
	}{
		"protocol":      {"rule-0-protocol", "all", "Leave it empty to match every protocol.", nil},
		"CIDR":          {"rule-0-source_cidr_block", "10.0.0.1", `Write "10.0.0.1/32" for this one address.`, nil},
		"host bits":     {"rule-0-source_cidr_block", "10.0.0.1/8", `Write "10.0.0.0/8".`, nil},
		"families":      {"rule-0-destination_cidr_block", "::/0", "of another address family", nil},
		"ports":         {"rule-0-destination_port_range", "http", "Write a port such as 443, or a range", nil},
		"port order":    {"rule-0-destination_port_range", "90-80", "Is 90-80. Write 80-90.", nil},
		"ports of icmp": {"rule-0-destination_port_range", "443", "EC2 matches no ports for protocol icmp", url.Values{"rule-0-protocol": {"icmp"}}},
		"number":        {"rule-0-rule_number", "0", "Write a whole number from 1 to 32766.", nil},
		"number twice":  {"rule-1-rule_number", "100", "Is used twice in direction ingress.", url.Values{"rule-1-traffic_direction": {"ingress"}}},
		"description":   {"rule-0-description", "\x01", "which EC2 does not accept", nil},
	} {
		change := url.Values{c.field: {c.value}}
		for name, value := range c.more {
			change[name] = value
		}
		got := b.post(b.get(path), path, change)
		page := parse(t, strings.ReplaceAll(got.body, "\x01", ""))
		at := page.id("field-" + c.field + "-wrong")
		if got.status != http.StatusUnprocessableEntity || at == nil || !strings.Contains(at.words(), c.message) || page.id("field-" + c.field).attributes["aria-invalid"] != "true" {
			t.Errorf("%s: %d %s", name, got.status, page.id("main").words())
		}
	}
}

// What is found about a rule is beside it.
func TestFilterEditor_findings(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	path := "/filters/" + w.filter + "/edit"
	page := b.press(b.get(path), path, "add-ingress", nil)
	page = b.press(page, path, "check", url.Values{"rule-1-protocol": {"tcp"}, "rule-1-destination_port_range": {"443"}, "rule-1-rule_action": {"reject"}})
	const want = "It decides no packet. Its packets are decided by rule 100. Packets that it rejects are mirrored."
	if words := parse(t, page.body).id("main").words(); !strings.Contains(words, want) || !strings.Contains(words, "Nothing: the filter mirrors the same packets as now.") {
		t.Error(words)
	}
	b.save(page, path, nil)
	if words := parse(t, b.get("/filters/"+w.filter).body).words(); !strings.Contains(words, want) || !strings.Contains(words, "reject TCP from any IPv4 address to any IPv4 address, port 443") {
		t.Error(words)
	}
}

// A filter whose flows are all mirrored both ways, but that has rules without effect, is not said
// to have no finding.
func TestFilter_rulesWithoutEffect(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	a := l.account()
	f, err := a.CreateFilter(t.Context(), "x", nil, account.NewToken())
	l.must(err)
	for _, d := range mirror.Directions {
		for _, n := range []int{100, 200} {
			_, err := a.CreateRule(t.Context(), mirror.Rule{FilterID: f.Noun.ID, Direction: d, Number: n, Action: mirror.Accept, SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4}, nil, account.NewToken())
			l.must(err)
		}
	}
	words := parse(t, l.browser().get("/filters/"+f.Noun.ID).body).id("main").words()
	if strings.Count(words, "no effect") != 2 || strings.Contains(words, "No finding") || !strings.Contains(words, "Each flow is mirrored both ways or not at all.") {
		t.Error(words)
	}
}

// An error of EC2, and one of the console itself, are told apart.
func TestFailure(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(o *console.Options) {
		o.Adopt = func(context.Context, adopt.Selection) (*adopt.Found, error) {
			return nil, errors.New("the disk is full")
		}
	})
	if got := l.browser().get("/code"); got.status != http.StatusInternalServerError || strings.Contains(got.body, "EC2 has not answered") || !strings.Contains(got.body, "isk is full") {
		t.Errorf("%d %s", got.status, parse(t, got.body).words())
	}
	l.emulator.SetFaults(faults(t, "DescribeTrafficMirrorSessions:500"))
	if got := l.browser().get("/sessions?fresh=1"); got.status != http.StatusBadGateway || !strings.Contains(got.body, "EC2 has not answered") {
		t.Errorf("%d %s", got.status, parse(t, got.body).words())
	}
}
