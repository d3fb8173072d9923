package console_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// save sends a form, and confirms the change if the console asks.
func (b *browser) save(page answer, path string, change url.Values) answer {
	b.t.Helper()
	got := b.post(page, path, change)
	if got.status == http.StatusOK && strings.Contains(got.body, `name="confirmed"`) {
		got = b.post(got, path, nil)
	}
	return got
}

// created sends a form that has to succeed, and returns the ID of the object.
func (b *browser) created(path string, change url.Values) string {
	b.t.Helper()
	action, _, _ := strings.Cut(path, "?")
	got := b.save(b.get(path), action, change)
	if got.status != http.StatusOK || !strings.Contains(got.path, "saved=") {
		b.t.Fatalf("%s: %d %s\n%s", path, got.status, got.path, parse(b.t, got.body).id("main").words())
	}
	id, _, _ := strings.Cut(got.path, "?")
	return id[strings.LastIndex(id, "/")+1:]
}

// A world has one object of each kind.
type world struct{ target, filter, session string }

func (b *browser) world() world {
	b.t.Helper()
	w := world{
		target: b.created("/targets/new", url.Values{"backing": {sensor}, "description": {"the <b>sensor</b> & \"more\""}, "tag_key": {"Name", "team"}, "tag_value": {"<i>ids</i>", "a"}}),
		filter: b.created("/filters/new", url.Values{
			"description": {"web"}, "rules": {"2"}, "amazon_dns": {"1"},
			"rule-0-traffic_direction": {"ingress"}, "rule-0-rule_number": {"100"}, "rule-0-rule_action": {"accept"}, "rule-0-protocol": {"tcp"},
			"rule-0-source_cidr_block": {"0.0.0.0/0"}, "rule-0-destination_cidr_block": {"0.0.0.0/0"}, "rule-0-destination_port_range": {"443"},
			"rule-1-traffic_direction": {"egress"}, "rule-1-rule_number": {"100"}, "rule-1-rule_action": {"accept"}, "rule-1-protocol": {"tcp"},
			"rule-1-source_cidr_block": {"0.0.0.0/0"}, "rule-1-destination_cidr_block": {"0.0.0.0/0"}, "rule-1-source_port_range": {"443"},
		}),
	}
	w.session = b.created("/sessions/new?on="+web, url.Values{"traffic_mirror_target_id": {w.target}, "traffic_mirror_filter_id": {w.filter}})
	return w
}

// Each kind of object is created, changed and deleted, and EC2 has what the forms say. The page
// afterwards shows the calls.
func TestForms(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	crawl(t, b, 15)

	session, err := b.account().Session(t.Context(), w.session)
	if err != nil || session.Noun.Number != 1 || session.Noun.VirtualNetworkID == nil || *session.Noun.VirtualNetworkID != 1 || session.Noun.InterfaceID != web {
		t.Errorf("%+v, %v", session, err)
	}
	path := "/sessions/" + w.session + "/edit"
	got := b.save(b.get(path), path, url.Values{"packet_length": {"128"}, "session_number": {"7"}, "virtual_network_id": {"42"}, "tag_key": {"Name"}, "tag_value": {"first"}})
	if words := parse(t, got.body).id("main").words(); !strings.Contains(words, "ModifyTrafficMirrorSession of "+w.session) || !strings.Contains(words, "CreateTags") {
		t.Errorf("no calls on the page: %s", words)
	}
	session, err = b.account().Session(t.Context(), w.session)
	if err != nil || session.Noun.Number != 7 || *session.Noun.PacketLength != 128 || *session.Noun.VirtualNetworkID != 42 || session.Tags["Name"] != "first" {
		t.Errorf("%+v, %v", session, err)
	}

	target, err := b.account().Target(t.Context(), w.target)
	if err != nil || target.Noun.InterfaceID != sensor || target.Tags["team"] != "a" {
		t.Errorf("%+v, %v", target, err)
	}
	path = "/targets/" + w.target + "/edit"
	b.save(b.get(path), path, url.Values{"tag_key": {"Name"}, "tag_value": {"ids"}})
	if target, err = b.account().Target(t.Context(), w.target); err != nil || len(target.Tags) != 1 || target.Tags["Name"] != "ids" {
		t.Errorf("%+v, %v", target, err)
	}
	// With another backing resource it is another target, and the session goes with it.
	moved := b.save(b.get(path), path, url.Values{"backing": {app}})
	session, err = b.account().Session(t.Context(), w.session)
	if err != nil || session.Noun.TargetID == w.target || !strings.HasPrefix(moved.path, "/targets/"+session.Noun.TargetID) {
		t.Errorf("%+v, %v, %s", session, err, moved.path)
	}

	for _, object := range []string{"/sessions/" + w.session, "/filters/" + w.filter, "/targets/" + session.Noun.TargetID} {
		path := object + "/delete"
		if got := b.post(b.get(path), path, nil); got.status != http.StatusOK || !strings.Contains(got.body, "The change is made.") {
			t.Errorf("%s: %d %s", path, got.status, parse(t, got.body).words())
		}
		if got := b.get(object); got.status != http.StatusNotFound {
			t.Errorf("%s is there after its delete: %d", object, got.status)
		}
	}
}

// A wrong value is refused at its field, with the values kept. EC2 is not asked.
func TestForms_refused(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	calls := b.emulator.Calls()
	for name, c := range map[string]struct {
		path, field, message string
		change               url.Values
	}{
		"no backing":       {"/targets/new", "backing", "Is missing. Write the ID of a network interface", url.Values{"backing": {""}}},
		"malformed":        {"/targets/new", "backing", `Is "eni-x".`, url.Values{"backing": {"eni-x"}}},
		"backing taken":    {"/targets/new", "backing", "Backs target " + w.target + " already.", url.Values{"backing": {sensor}}},
		"backing a source": {"/targets/new", "backing", "Is the source of 1 session.", url.Values{"backing": {web}}},
		"an application load balancer": {"/targets/new", "backing", "the ARN of an Application Load Balancer",
			url.Values{"backing": {"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/7d2f9a1c4e6b8035"}}},
		"tag of AWS":     {"/targets/new", "tags", `Begins with "aws:", which AWS reserves.`, url.Values{"backing": {app}, "tag_key": {"aws:x"}, "tag_value": {"1"}}},
		"tag twice":      {"/targets/new", "tags", `Has the key "a" twice.`, url.Values{"backing": {app}, "tag_key": {"a", "a"}, "tag_value": {"1", "2"}}},
		"number":         {"/sessions/new", "session_number", `Is "one". Write a whole number from 1 to 32766.`, url.Values{"session_number": {"one"}}},
		"number range":   {"/sessions/new", "session_number", "Is 40000.", url.Values{"session_number": {"40000"}}},
		"number taken":   {"/sessions/new", "session_number", "Is taken by " + w.session + ". The lowest free number is 2.", url.Values{"network_interface_id": {web}, "session_number": {"1"}}},
		"VNI":            {"/sessions/new", "virtual_network_id", "Is 16777216.", url.Values{"virtual_network_id": {"16777216"}}},
		"packet length":  {"/sessions/new", "packet_length", "Is 9000. Write a whole number from 1 to 8500.", url.Values{"packet_length": {"9000"}}},
		"no interface":   {"/sessions/new", "network_interface_id", "Is missing.", nil},
		"cannot mirror":  {"/sessions/new", "network_interface_id", "Cannot be mirrored.", url.Values{"network_interface_id": {sensor}}},
		"unknown filter": {"/sessions/new", "traffic_mirror_filter_id", "Is a filter that EC2 does not show.", url.Values{"traffic_mirror_filter_id": {"tmf-00000000000000000"}}},
	} {
		got := b.post(b.get(c.path), c.path, c.change)
		page := parse(t, got.body)
		at := page.id("field-" + c.field + "-wrong")
		if got.status != http.StatusUnprocessableEntity || at == nil || !strings.Contains(at.words(), c.message) {
			t.Errorf("%s: %d, %s", name, got.status, page.id("main").words())
			continue
		}
		control := page.id("field-" + c.field)
		if control.attributes["aria-invalid"] != "true" || !strings.Contains(control.attributes["aria-describedby"], "field-"+c.field+"-wrong") {
			t.Errorf("%s: the field is not marked: %v", name, control.attributes)
		}
		if !slices.ContainsFunc(page.all("a"), func(a *element) bool { return a.attributes["href"] == "#field-"+c.field && a.inside("li") }) {
			t.Errorf("%s: no link from the summary to the field", name)
		}
		if sent := c.change.Get(c.field); sent != "" && control.attributes["value"] != sent {
			t.Errorf("%s: the value is %q, want %q", name, control.attributes["value"], sent)
		}
		if problems := problemsOf(t, got.body); problems != nil {
			t.Errorf("%s: %q", name, problems)
		}
	}
	for action, now := range b.emulator.Calls() {
		if !strings.HasPrefix(action, "Describe") && now != calls[action] {
			t.Errorf("%s was called: %v, before %v", action, now, calls[action])
		}
	}
}

// EC2's refusals are in words, at the field if they are about one.
func TestForms_refusedByEC2(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	w := b.world()
	// Somebody else uses the filter after the page was opened.
	page := b.get("/filters/" + b.created("/filters/new", url.Values{"description": {"other"}}) + "/delete")
	path := parse(t, page.body).all("form")[0].attributes["action"]
	id := strings.Split(path, "/")[2]
	if _, err := l.account().CreateSession(t.Context(), mirror.Session{InterfaceID: web, TargetID: w.target, FilterID: id, Number: 9}, nil, account.NewToken()); err != nil {
		t.Fatal(err)
	}
	got := b.post(page, path, nil)
	if got.status != http.StatusConflict || !strings.Contains(got.body, "Sessions use it") {
		t.Errorf("%d %s", got.status, parse(t, got.body).id("main").words())
	}
	// The page of the delete says what uses it, and has no button.
	if got := b.get(path); strings.Contains(got.body, "Delete the filter") || !strings.Contains(got.body, "EC2 does not delete a filter that sessions use") {
		t.Error(parse(t, got.body).id("main").words())
	}
	l.emulator.SetFaults(faults(t, "CreateTrafficMirrorTarget:UnauthorizedOperation"))
	got = b.post(b.get("/targets/new"), "/targets/new", url.Values{"backing": {app}})
	if got.status != http.StatusConflict || !strings.Contains(got.body, "The credentials may not call CreateTrafficMirrorTarget") {
		t.Errorf("%d %s", got.status, parse(t, got.body).id("main").words())
	}
}

// A form that is sent twice, also at the same time, creates one object.
func TestForms_sentTwice(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	page := b.get("/targets/new")
	answers := make([]answer, 4)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() { answers[i] = b.post(page, "/targets/new", url.Values{"backing": {app}}) })
	}
	wait.Wait()
	for _, got := range answers {
		if got.path != answers[0].path || got.status != http.StatusOK {
			t.Errorf("%d %s, want %s", got.status, got.path, answers[0].path)
		}
	}
	if all, err := b.account().Targets(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// What another browser has saved meanwhile is not overwritten: the page shows both.
func TestForms_conflict(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	first, second := l.browser(), l.browser()
	w := first.world()
	for path, c := range map[string]struct{ mine, theirs url.Values }{
		"/sessions/" + w.session + "/edit": {url.Values{"description": {"mine"}}, url.Values{"packet_length": {"99"}}},
		"/filters/" + w.filter + "/edit":   {url.Values{"rule-0-destination_port_range": {"80"}}, url.Values{"rule-0-destination_port_range": {"22"}}},
		"/targets/" + w.target + "/edit":   {url.Values{"tag_value": {"mine"}}, url.Values{"tag_key": {"Name"}, "tag_value": {"theirs"}}},
	} {
		page, other := first.get(path), second.get(path)
		second.save(other, path, c.theirs)
		got := first.save(page, path, c.mine)
		words := parse(t, got.body).id("main").words()
		if got.status != http.StatusConflict || !strings.Contains(words, "Somebody else has changed this object") || !strings.Contains(words, "When the form was opened Now") {
			t.Errorf("%s: %d %s", path, got.status, words)
			continue
		}
		for name, value := range c.mine {
			if !slices.Contains(fieldsOf(t, got.body, path), [2]string{name, value[0]}) {
				t.Errorf("%s: the value of %s is lost", path, name)
			}
		}
		if got = first.save(got, path, nil); got.status != http.StatusOK || !strings.Contains(got.path, "saved=") {
			t.Errorf("%s: %d %s", path, got.status, parse(t, got.body).id("main").words())
		}
	}
	session, err := l.account().Session(t.Context(), w.session)
	if err != nil || session.Noun.Description != "mine" {
		t.Errorf("%+v, %v", session, err)
	}
}

// Where the console asks, nothing is changed before the answer, and the page names the account
// and the Region.
func TestForms_asks(t *testing.T) {
	t.Parallel()
	b := newLab(t, func(o *console.Options) { o.Confirms = true }).browser()
	got := b.post(b.get("/targets/new"), "/targets/new", url.Values{"backing": {app}, "tag_key": {"a"}, "tag_value": {"1"}})
	words := parse(t, got.body).id("main").words()
	for _, want := range []string{"Make this change?", "123456789012", "eu-west-1", "Create a target whose copies " + app + " receives."} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in %s", want, words)
		}
	}
	if all, err := b.account().Targets(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	got = b.post(got, "/targets/new", nil)
	if all, err := b.account().TaggedTargets(t.Context()); err != nil || len(all) != 1 || all[0].Tags["a"] != "1" {
		t.Errorf("%d: %v, %v", got.status, all, err)
	}
}

// A form that is sent again with other values says so, and changes nothing: the page does not
// say that the change is made.
func TestForms_sentAgainWithOtherValues(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	for path, c := range map[string]struct{ one, two url.Values }{
		"/sessions/" + w.session + "/edit": {url.Values{"description": {"one"}, "packet_length": {"99"}}, url.Values{"description": {"two"}}},
		"/targets/" + w.target + "/edit":   {url.Values{"backing": {app}}, url.Values{"tag_value": {"two"}}},
		"/filters/" + w.filter + "/edit":   {url.Values{"rule-0-destination_port_range": {"80"}}, url.Values{"rule-0-destination_port_range": {"22"}}},
		"/filters/new":                     {nil, url.Values{"description": {"two"}}},
	} {
		page := b.get(path)
		saved := b.save(page, path, c.one) // some of them ask
		if same := b.save(page, path, c.one); same.status != http.StatusOK || same.path != saved.path || !strings.Contains(saved.path, "saved=") {
			t.Errorf("%s with the same values: %d %s, want %s", path, same.status, same.path, saved.path)
		}
		other := b.post(page, path, c.two)
		words := parse(t, other.body).id("main").words()
		if other.status != http.StatusConflict || !strings.Contains(words, "The form was sent already") || strings.Contains(words, "The change is made") || problemsOf(t, other.body) != nil {
			t.Errorf("%s with other values: %d %s", path, other.status, words)
		}
	}
	if session, err := b.account().Session(t.Context(), w.session); err != nil || session.Noun.Description != "one" {
		t.Errorf("%+v, %v", session, err)
	}
}

// The page of a change has its own calls only, also where EC2 shows a change late and later
// requests read from the account that has made it.
func TestForms_callsOfOneChange(t *testing.T) {
	t.Parallel()
	b := newLab(t, func(o *console.Options) { o.IsConsistent, o.Confirms = false, true }).browser()
	first := b.save(b.get("/targets/new"), "/targets/new", url.Values{"backing": {app}})
	b.save(b.get("/targets/new"), "/targets/new", url.Values{"backing": {sensor}})
	b.get("/sessions?fresh=1")
	for _, page := range []answer{first, b.get(first.path)} {
		calls := slices.DeleteFunc(parse(t, page.body).id("main").all("li"), func(e *element) bool { return !strings.HasSuffix(e.words(), " ms") })
		if len(calls) != 1 || !strings.HasPrefix(calls[0].words(), "CreateTrafficMirrorTarget , ") {
			t.Errorf("%s", parse(t, page.body).id("main").words())
		}
	}
}

// A snapshot whose reading began before a change is not shown after it.
func TestForms_readingDuringChange(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var holds sync.WaitGroup
	held, changed := make(chan bool), make(chan bool)
	var isSlow atomic.Bool
	slow := newLab(t, func(o *console.Options) {
		o.Account = func() *account.Account {
			return l.account().Watched(func(ctx context.Context, call func(context.Context) error) error {
				err := call(ctx)
				if isSlow.CompareAndSwap(true, false) {
					held <- true
					<-changed
				}
				return err
			})
		}
	})
	b, other := slow.browser(), slow.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	page := b.get("/filters/new")
	other.get("/filters")
	slow.console.ShareLast() // so that the form is checked by what was read
	isSlow.Store(true)
	holds.Go(func() { other.get("/filters?fresh=1") })
	<-held
	got := b.post(page, "/filters/new", url.Values{"description": {"brand new"}})
	if got.status != http.StatusSeeOther {
		t.Errorf("%d", got.status)
	}
	close(changed)
	holds.Wait()
	if list := b.get("/filters"); !strings.Contains(list.body, "brand new") {
		t.Error(parse(t, list.body).id("main").words())
	}
}

// A form is not refused because of what EC2 showed before other programs changed it.
func TestForms_readsAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	w := b.world()
	a := l.account()
	filter, err := a.CreateFilter(t.Context(), "unused", nil, account.NewToken())
	l.must(err)
	sent := func(path string, change url.Values) func(answer) answer {
		return func(page answer) answer { return b.save(page, path, change) }
	}
	session := func(number int, filterID string) string {
		created, err := a.CreateSession(t.Context(), mirror.Session{InterfaceID: web, TargetID: w.target, FilterID: filterID, Number: number}, nil, account.NewToken())
		l.must(err)
		return created.Noun.ID
	}
	isTaken, uses := session(9, w.filter), session(8, filter.Noun.ID)
	target, err := a.CreateTarget(t.Context(), mirror.Target{InterfaceID: app}, nil, account.NewToken())
	l.must(err)
	values := url.Values{"traffic_mirror_filter_id": {w.filter}, "traffic_mirror_target_id": {w.target}, "session_number": {"9"}}
	newer := url.Values{"traffic_mirror_target_id": {w.target}, "session_number": {"11"}}
	for _, c := range []struct {
		name, page string
		change     func()
		send       func(answer) answer
	}{
		{"a number that is free again", "/sessions/new?on=" + web, func() { l.must(a.DeleteSession(t.Context(), isTaken, time.Time{})) }, sent("/sessions/new", values)},
		{"a number of a changed session that is free again", "/sessions/" + w.session + "/edit", func() { l.must(a.DeleteSession(t.Context(), uses, time.Time{})) }, sent("/sessions/"+w.session+"/edit", url.Values{"session_number": {"8"}})},
		{"a new filter", "/sessions/new?on=" + web, func() {
			made, err := a.CreateFilter(t.Context(), "x", nil, account.NewToken())
			l.must(err)
			newer.Set("traffic_mirror_filter_id", made.Noun.ID)
		}, sent("/sessions/new", newer)},
		{"a backing that is free again", "/targets/new", func() { l.must(a.DeleteTarget(t.Context(), target.Noun.ID, time.Time{})) }, sent("/targets/new", url.Values{"backing": {app}})},
	} {
		b.get("/?fresh=1")
		l.console.ShareLast()
		page := b.get(c.page)
		c.change()
		if got := c.send(page); got.status != http.StatusOK || !strings.Contains(got.path, "saved=") {
			t.Errorf("%s: %d %s", c.name, got.status, parse(t, got.body).id("main").words())
		}
	}
	// The page of a delete has its button as soon as nothing uses the object.
	all, err := a.Live().Sessions(t.Context())
	l.must(err)
	l.must(a.DeleteSession(t.Context(), all[0].ID, time.Time{})) // EC2 takes three of an interface
	last := session(12, filter.Noun.ID)
	path := "/filters/" + filter.Noun.ID + "/delete"
	if page := b.get(path + "?fresh=1"); !strings.Contains(page.body, "EC2 does not delete a filter that sessions use") {
		t.Error(parse(t, page.body).id("main").words())
	}
	l.console.ShareLast()
	l.must(a.DeleteSession(t.Context(), last, time.Time{}))
	if page := b.get(path); !strings.Contains(page.body, "Delete the filter") {
		t.Error(parse(t, page.body).id("main").words())
	}
}
