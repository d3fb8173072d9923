package console_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// browserDays is in how many days each of the tests of this file has had its turn.
const browserDays = 4

// objectID is the ID at the end of the path of an object's page.
func (b *tab) objectID(kind mirror.Kind) string {
	b.t.Helper()
	place, _, _ := strings.Cut(b.path(), "?")
	id := path.Base(place)
	if !kind.Is(id) {
		b.t.Fatalf("%s is not the page of %s:\n%s", b.place(), kind.Resource, b.text())
	}
	return id
}

// Each object is created, changed and deleted by the keyboard only, and the AWS CLI sees the same
// objects.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	sample.SkipUnlessTurn(t, 0, browserDays)
	l := newLab(t)
	b := newTab(t, l.server.URL)
	b.open("/")

	b.follow("/targets")
	b.follow("/targets/new")
	b.fill("backing", sensor)
	b.fill("description", "Made by keys")
	b.follow("Create the target")
	b.has("Made by keys", sensor, "CreateTrafficMirrorTarget")
	target := b.objectID(mirror.KindTarget)

	b.follow("/filters")
	b.follow("/filters/new")
	b.fill("description", "Web")
	b.tabTo("Add an ingress rule")
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(`[name="rule-0-rule_number"]`, chromedp.ByQuery))
	b.fill("rule-0-rule_number", "100")
	b.fill("rule-0-protocol", "tcp")
	b.fill("rule-0-source_cidr_block", "0.0.0.0/0")
	b.fill("rule-0-destination_cidr_block", "0.0.0.0/0")
	b.fill("rule-0-destination_port_range", "443")
	b.follow("Create the filter")
	b.confirm("Create the filter")
	b.has("Web", "443")
	filter := b.objectID(mirror.KindFilter)

	b.follow("/sessions")
	b.follow("/sessions/new")
	b.fill("network_interface_id", web)
	b.fill("traffic_mirror_filter_id", filter)
	b.fill("traffic_mirror_target_id", target)
	b.fill("session_number", "7")
	b.fill("virtual_network_id", "4711")
	b.follow("Create the session")
	b.confirm("Create the session")
	b.has(web, "4711")
	session := b.objectID(mirror.KindSession)

	// Change each.
	b.follow("/sessions/" + session + "/edit")
	b.fill("session_number", "3")
	b.fill("description", "Changed")
	b.tabTo("tag_key")
	b.run(chromedp.KeyEvent("team"))
	b.fill("tag_value", "net")
	b.follow("Save the session")
	b.confirm("Save the session")
	b.has("Changed", "team")
	b.open("/filters/" + filter + "/edit")
	b.fill("rule-0-destination_port_range", "443-444")
	b.follow("Save the filter")
	b.confirm("Save the filter")
	b.has("444")
	b.open("/targets/" + target + "/edit")
	b.tabTo("tag_key")
	b.run(chromedp.KeyEvent("Name"))
	b.fill("tag_value", "ids")
	b.follow("Save the target")
	b.confirm("Save the target")
	b.has("ids")

	l.checkByOthers(target, filter, session)

	// Delete each.
	for _, object := range []struct{ section, id, button string }{
		{"/sessions/", session, "Delete the session"}, {"/filters/", filter, "Delete the filter"}, {"/targets/", target, "Delete the target"},
	} {
		b.open(object.section + object.id)
		b.follow(object.section + object.id + "/delete")
		b.follow(object.button)
		if strings.Contains(b.path(), object.id) {
			t.Errorf("after %s: %s\n%s", object.button, b.place(), b.text())
		}
	}
	sessions, err := l.account().Sessions(t.Context())
	l.must(err)
	filters, err := l.account().Filters(t.Context())
	l.must(err)
	targets, err := l.account().Targets(t.Context())
	l.must(err)
	if len(sessions)+len(filters)+len(targets) != 0 {
		t.Errorf("%v, %v, %v are left", sessions, filters, targets)
	}
}

// confirm presses the button of the page that asks once, if that is the page.
func (b *tab) confirm(button string) {
	b.t.Helper()
	if strings.Contains(b.place(), "Make this change?") || !strings.Contains(b.path(), "saved=") && strings.HasSuffix(b.path(), "/new") || strings.HasSuffix(b.path(), "/edit") {
		b.follow(button)
	}
}

// checkByOthers compares what another client sees with what was typed: the AWS CLI, or the
// library where there is no CLI.
func (l *lab) checkByOthers(target, filter, session string) {
	l.t.Helper()
	program, err := exec.LookPath("aws")
	if err != nil {
		l.t.Log("the AWS CLI is not on the PATH: the library of AWS is used")
		l.checkByLibrary(target, filter, session)
		return
	}
	api := httptest.NewServer(l.emulator)
	defer api.Close()
	describe := func(into any, arguments ...string) {
		l.t.Helper()
		cmd := exec.CommandContext(l.t.Context(), program, append([]string{"ec2", "--output", "json", "--endpoint-url", api.URL, "--region", "eu-west-1"}, arguments...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
		cmd.Stderr = os.Stderr
		output, err := cmd.Output()
		l.must(err)
		l.must(json.Unmarshal(output, into))
	}
	var sessions struct {
		TrafficMirrorSessions []struct {
			TrafficMirrorSessionID, TrafficMirrorTargetID, TrafficMirrorFilterID, NetworkInterfaceID, Description string
			SessionNumber, VirtualNetworkID                                                                       int
			Tags                                                                                                  []struct{ Key, Value string }
		}
	}
	describe(&sessions, "describe-traffic-mirror-sessions")
	if len(sessions.TrafficMirrorSessions) != 1 {
		l.t.Fatalf("%+v", sessions)
	}
	s := sessions.TrafficMirrorSessions[0]
	if s.TrafficMirrorSessionID != session || s.TrafficMirrorTargetID != target || s.TrafficMirrorFilterID != filter || s.NetworkInterfaceID != web || s.Description != "Changed" ||
		s.SessionNumber != 3 || s.VirtualNetworkID != 4711 || len(s.Tags) != 1 || s.Tags[0].Value != "net" {
		l.t.Errorf("the AWS CLI sees %+v", s)
	}
	var filters struct {
		TrafficMirrorFilters []struct {
			TrafficMirrorFilterID, Description string
			IngressFilterRules                 []struct {
				RuleNumber, Protocol int
				DestinationPortRange struct{ FromPort, ToPort int }
			}
		}
	}
	describe(&filters, "describe-traffic-mirror-filters")
	if f := filters.TrafficMirrorFilters; len(f) != 1 || f[0].Description != "Web" || len(f[0].IngressFilterRules) != 1 || f[0].IngressFilterRules[0].DestinationPortRange.ToPort != 444 || f[0].IngressFilterRules[0].Protocol != 6 {
		l.t.Errorf("the AWS CLI sees %+v", f)
	}
}

func (l *lab) checkByLibrary(target, filter, session string) {
	l.t.Helper()
	s, err := l.account().Session(l.t.Context(), session)
	l.must(err)
	if n := s.Noun; n.TargetID != target || n.FilterID != filter || n.InterfaceID != web || n.Number != 3 || n.Description != "Changed" || *n.VirtualNetworkID != 4711 || s.Tags["team"] != "net" {
		l.t.Errorf("another client sees %+v", s)
	}
	f, err := l.account().Filter(l.t.Context(), filter)
	l.must(err)
	if rules := f.Noun.Rules; len(rules) != 1 || rules[0].DestinationPorts.To != 444 {
		l.t.Errorf("another client sees %+v", f)
	}
}

// A value that is refused is said at its field, the summary has the focus, and what was typed
// stays.
func TestBrowserRefused(t *testing.T) {
	t.Parallel()
	sample.SkipUnlessTurn(t, 1, browserDays)
	l := newLab(t)
	l.quickstart()
	b := newTab(t, l.server.URL)
	b.expect("422") // the browser logs the status of the answer
	b.open("/sessions/new")
	b.fill("network_interface_id", web)
	b.fill("session_number", "70000")
	b.follow("Create the session")
	b.checkRefused("session_number", "70000")
	b.open("/trace")
	b.fill("on", web)
	b.fill("packet", "tcp 10.0.0.1 to 10.0.0.2")
	b.follow("Trace")
	b.checkRefused("packet", "tcp 10.0.0.1 to 10.0.0.2")
	b.accessible()
}

// checkRefused checks that a form shows what is wrong with a field.
func (b *tab) checkRefused(name, typed string) {
	b.t.Helper()
	var state struct {
		Role, Value, Invalid, Described string
	}
	b.run(chromedp.Evaluate(`(field => ({
		Role: document.activeElement.getAttribute("role"), Value: field.value, Invalid: field.getAttribute("aria-invalid"),
		Described: (field.getAttribute("aria-describedby") || "").split(" ").map(id => document.getElementById(id)?.textContent).join(" "),
	}))(document.querySelector("main [name=`+name+`]"))`, &state))
	if state.Role != "alert" {
		b.t.Errorf("%s: the summary does not have the focus", b.place())
	}
	if state.Value != typed || state.Invalid != "true" || !strings.Contains(state.Described, "Write ") {
		b.t.Errorf("%s: the field is %+v", b.place(), state)
	}
}

// Two browsers change the same object: the second one learns of it, and overwrites nothing.
func TestBrowserConflict(t *testing.T) {
	t.Parallel()
	sample.SkipUnlessTurn(t, 1, browserDays)
	l := newLab(t)
	l.quickstart()
	sessions, err := l.account().Sessions(t.Context())
	l.must(err)
	edit := "/sessions/" + sessions[0].ID + "/edit"
	first, second := newTab(t, l.server.URL), newTab(t, l.server.URL)
	second.expect("409")
	second.expect("422")
	first.open(edit)
	second.open(edit)
	first.fill("description", "Of the first")
	first.follow("Save the session")
	first.has("Of the first")
	second.fill("description", "Of the second")
	second.follow("Save the session")
	second.has("Of the first")
	after, err := l.account().Session(t.Context(), sessions[0].ID)
	l.must(err)
	if after.Noun.Description != "Of the first" {
		t.Errorf("the second browser has written %q without being asked", after.Noun.Description)
	}
}

// Back and reload keep the place, and make no change again.
func TestBrowserBack(t *testing.T) {
	t.Parallel()
	sample.SkipUnlessTurn(t, 2, browserDays)
	l := newLab(t)
	l.quickstart()
	b := newTab(t, l.server.URL)
	b.open("/map")
	b.fill("interface", "web")
	b.follow("Filter")
	place := b.path()
	if !strings.Contains(place, "interface=web") {
		t.Fatalf("the place is %s", place)
	}
	b.has("2 sessions")
	b.open("/filters/new")
	b.fill("description", "Once")
	b.follow("Create the filter")
	b.confirm("Create the filter")
	b.has("Once")
	made := b.path()
	b.run(chromedp.Reload())
	if b.path() != made {
		t.Errorf("reload leads to %s, not %s", b.path(), made)
	}
	b.open(place)
	b.run(chromedp.NavigateBack())
	if b.path() != made {
		t.Errorf("back leads to %s, not %s", b.path(), made)
	}
	filters, err := l.account().Filters(t.Context())
	l.must(err)
	if len(filters) != 3 {
		t.Errorf("%d filters: the form was sent again", len(filters))
	}
}

// Everything works without JavaScript.
func TestBrowserWithoutScript(t *testing.T) {
	t.Parallel()
	sample.SkipUnlessTurn(t, 3, browserDays)
	l := newLab(t)
	b := newTab(t, l.server.URL)
	b.run(emulation.SetScriptExecutionDisabled(true))
	b.open("/filters/new")
	b.run(chromedp.SendKeys(`[name="description"]`, "Without script", chromedp.ByQuery))
	b.leaves(chromedp.Click("#button-add-egress", chromedp.ByQuery))
	b.leaves(chromedp.Submit(`[name="description"]`, chromedp.ByQuery))
	filters, err := l.account().Filters(t.Context())
	l.must(err)
	if len(filters) != 1 || filters[0].Description != "Without script" || len(filters[0].Rules) != 1 {
		t.Errorf("%+v, on %s:\n%s", filters, b.place(), b.text())
	}
	capture, err := os.CreateTemp(t.TempDir(), "*.pcap")
	l.must(err)
	_, err = capture.Write(quickstartCapture(t).text)
	l.must(err)
	l.must(capture.Close())
	b.open("/captures")
	b.run(chromedp.SendKeys(`[name="on"]`, web, chromedp.ByQuery), chromedp.SetUploadFiles(`[name="file"]`, []string{capture.Name()}, chromedp.ByQuery))
	b.leaves(chromedp.Submit(`[name="on"]`, chromedp.ByQuery))
	b.has("193 packets")
}
