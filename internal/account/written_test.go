package account_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A stale EC2 answers reads as it did the first time that they were asked, for as long as
// isStale is set: that is eventual consistency at its worst.
type stale struct {
	http.Handler
	isStale atomic.Bool

	mu      sync.Mutex
	answers map[string][]byte // by the form of the request
}

func (s *stale) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !strings.HasPrefix(form.Get("Action"), "Describe") {
		s.Handler.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := form.Encode()
	if old, found := s.answers[key]; found && s.isStale.Load() {
		_, _ = w.Write(old)
		return
	}
	recorded := httptest.NewRecorder()
	s.Handler.ServeHTTP(recorded, r)
	s.answers[key] = recorded.Body.Bytes()
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(recorded.Body.Bytes())
}

// A handClock moves when a test says so.
type handClock struct{ now atomic.Int64 }

func (c *handClock) Now() time.Time { return time.Unix(0, c.now.Load()) }

// AfterFunc lets the time pass that is waited for. The patience with Elastic Load Balancing does not
// pass: whether it ends a call would depend on who is faster.
func (c *handClock) AfterFunc(d time.Duration, f func()) {
	if d == account.BalancingPatience {
		return
	}
	c.now.Add(int64(d))
	go f()
}

func newStale(t *testing.T) (*account.Account, *stale, *handClock) {
	t.Helper()
	file, err := topology.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	s, clock := &stale{Handler: handler, answers: map[string][]byte{}}, &handClock{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return account.New(configOf(server.URL), account.Options{Clock: clock}), s, clock
}

func ingress(filterID string, number int) mirror.Rule {
	everything := netip.MustParsePrefix("0.0.0.0/0")
	return mirror.Rule{FilterID: filterID, Direction: mirror.Ingress, Number: number, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// Every read shows what this run has created, changed and deleted, whatever EC2 answers.
func TestWritten_everyRead(t *testing.T) {
	t.Parallel()
	a, ec2, _ := newStale(t)
	ctx := t.Context()
	// The first answers, in which nothing exists.
	for _, list := range []func() (int, error){
		func() (int, error) { l, err := a.Targets(ctx); return len(l), err },
		func() (int, error) { l, err := a.Filters(ctx); return len(l), err },
		func() (int, error) { l, err := a.Sessions(ctx); return len(l), err },
		func() (int, error) { l, err := a.Sessions(ctx, account.OnInterface(eni)); return len(l), err },
	} {
		if n, err := list(); n != 0 || err != nil {
			t.Fatal(n, err)
		}
	}
	ec2.isStale.Store(true)
	target := must(a.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, map[string]string{"a": "1"}, account.NewToken()))(t)
	filter := must(a.CreateFilter(ctx, "d", nil, account.NewToken()))(t)
	rule := must(a.CreateRule(ctx, ingress(filter.Noun.ID, 1), nil, account.NewToken()))(t)
	session := must(a.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: target.Noun.ID, FilterID: filter.Noun.ID, Number: 1}, nil, account.NewToken()))(t)

	check := func(what string, number, ruleNumber int, services int) {
		t.Helper()
		sessions := must(a.Sessions(ctx, account.OnInterface(eni)))(t)
		if len(sessions) != 1 || sessions[0].ID != session.Noun.ID || sessions[0].Number != number {
			t.Errorf("%s: Sessions: %+v", what, sessions)
		}
		if got := must(a.Session(ctx, session.Noun.ID))(t); got.Noun.Number != number {
			t.Errorf("%s: Session: %+v", what, got)
		}
		filters := must(a.Filters(ctx, account.OfFilter(filter.Noun.ID)))(t)
		if len(filters) != 1 || len(filters[0].Rules) != 1 || filters[0].Rules[0].Number != ruleNumber || len(filters[0].NetworkServices) != services {
			t.Errorf("%s: Filters: %+v", what, filters)
		}
		if got := must(a.Filter(ctx, filter.Noun.ID))(t); len(got.Noun.Rules) != 1 || got.Noun.Rules[0].Number != ruleNumber || len(got.Noun.NetworkServices) != services {
			t.Errorf("%s: Filter: %+v", what, got)
		}
		if got := must(a.Rule(ctx, rule.Noun.ID))(t); got.Noun.Number != ruleNumber {
			t.Errorf("%s: Rule: %+v", what, got)
		}
		if got := must(a.Mirror(ctx, eni))(t); len(got) != 1 || got[0].Number != number || len(got[0].Filter.Rules) != 1 {
			t.Errorf("%s: Mirror: %+v", what, got)
		}
	}
	check("created", 1, 1, 0)

	must(a.NumberSession(ctx, session.Noun, 7))(t)
	changed := rule.Noun
	changed.Number = 9
	must(a.ModifyRule(ctx, changed))(t)
	if err := a.ModifyServices(ctx, filter.Noun, []mirror.NetworkService{mirror.AmazonDNS}); err != nil {
		t.Fatal(err)
	}
	if err := a.Retag(ctx, mirror.KindTarget, target.Noun.ID, map[string]string{"a": "1"}, map[string]string{"b": "2"}); err != nil {
		t.Fatal(err)
	}
	check("changed", 7, 9, 1)
	if got := must(a.Target(ctx, target.Noun.ID))(t); len(got.Tags) != 1 || got.Tags["b"] != "2" {
		t.Errorf("Target: %+v", got)
	}

	if err := a.DeleteRule(ctx, rule.Noun.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := a.DeleteSession(ctx, session.Noun.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got := must(a.Filter(ctx, filter.Noun.ID))(t); len(got.Noun.Rules) != 0 {
		t.Errorf("deleted: Filter: %+v", got)
	}
	if got := must(a.Sessions(ctx))(t); len(got) != 0 {
		t.Errorf("deleted: Sessions: %+v", got)
	}
	if _, err := a.Session(ctx, session.Noun.ID); !account.IsNotFound(err) {
		t.Errorf("deleted: Session: %v", err)
	}
}

// A session that this run has moved to another target is listed there, and not where it
// was.
func TestWritten_movesBetweenListings(t *testing.T) {
	t.Parallel()
	a, ec2, _ := newStale(t)
	ctx := t.Context()
	one := must(a.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, nil, account.NewToken()))(t).Noun.ID
	other := must(a.CreateTarget(ctx, mirror.Target{LoadBalancerARN: sensors}, nil, account.NewToken()))(t).Noun.ID
	filter := must(a.CreateFilter(ctx, "", nil, account.NewToken()))(t).Noun.ID
	session := must(a.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: one, FilterID: filter, Number: 1}, nil, account.NewToken()))(t).Noun
	listed := func() (onOne, onOther int) {
		return len(must(a.Sessions(ctx, account.OfTarget(one)))(t)), len(must(a.Sessions(ctx, account.OfTarget(other)))(t))
	}
	listed()
	ec2.isStale.Store(true)
	must(a.PointSession(ctx, session, other))(t)
	if onOne, onOther := listed(); onOne != 0 || onOther != 1 {
		t.Errorf("%d sessions on the old target and %d on the new one", onOne, onOther)
	}
}

// What EC2 does not show is believed for a while only: then somebody else has deleted it.
func TestWritten_deletedElsewhere(t *testing.T) {
	t.Parallel()
	a, ec2, clock := newStale(t)
	ctx := t.Context()
	must(a.Targets(ctx))(t)
	target := must(a.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, nil, account.NewToken()))(t).Noun
	ec2.isStale.Store(true)
	if got := must(a.Targets(ctx))(t); len(got) != 1 {
		t.Errorf("at once: %v", got)
	}
	clock.now.Add(int64(time.Minute))
	if got := must(a.Targets(ctx))(t); len(got) != 0 {
		t.Errorf("after a minute: %v", got)
	}
	ec2.isStale.Store(false)
	if got := must(a.Targets(ctx))(t); !slices.Contains(got, target) {
		t.Errorf("when EC2 shows it: %v", got)
	}
}

// If it is not known whether a change was made, the next read counts again.
func TestWritten_uncertain(t *testing.T) {
	t.Parallel()
	var breaks atomic.Bool
	a, ec2, _ := newStale(t)
	inner := ec2.Handler
	ec2.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if breaks.Load() && r.FormValue("Action") == "ModifyTrafficMirrorSession" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		inner.ServeHTTP(w, r)
	})
	ctx := t.Context()
	target := must(a.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, nil, account.NewToken()))(t).Noun.ID
	filter := must(a.CreateFilter(ctx, "", nil, account.NewToken()))(t).Noun.ID
	session := must(a.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: target, FilterID: filter, Number: 1}, nil, account.NewToken()))(t).Noun
	must(a.Session(ctx, session.ID))(t) // shows number 1 from now on
	must(a.NumberSession(ctx, session, 2))(t)
	ec2.isStale.Store(true)
	if got := must(a.Session(ctx, session.ID))(t); got.Noun.Number != 2 {
		t.Errorf("before: number %d", got.Noun.Number)
	}
	breaks.Store(true)
	if _, err := a.NumberSession(ctx, session, 3); err == nil {
		t.Fatal("no error")
	}
	if got := must(a.Session(ctx, session.ID))(t); got.Noun.Number != 1 {
		t.Errorf("after: number %d, want that of the read", got.Noun.Number)
	}
}
