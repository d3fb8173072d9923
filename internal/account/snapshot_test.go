package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

const (
	describeFilters  = "DescribeTrafficMirrorFilters"
	describeRules    = "DescribeTrafficMirrorFilterRules"
	describeSessions = "DescribeTrafficMirrorSessions"
)

// atOnce calls f for each of n, ten at a time, as Terraform does.
func atOnce(n int, f func(i int)) {
	next := atomic.Int64{}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	all.Wait()
}

// A refresh takes one request for each thousand objects of a kind, and not one for each
// object. Rules come with their filters if their tags do.
func TestSnapshot_calls(t *testing.T) {
	t.Parallel()
	const tag = "<item><key>a</key><value>1</value></item>"
	many := 3000
	if sample.All() {
		many = 10_000
	}
	for name, c := range map[string]struct {
		lab            *lab
		filters, rules int
		sessions       int
		tags           int            // of each rule
		want           map[string]int // the most requests by action
	}{
		"1000 filters":                        {newFakeLab(t, fakeFilters(1000, 1, "")), 1000, 0, 0, 0, map[string]int{describeFilters: 1}},
		"300 filters with ten rules":          {newFakeLab(t, fakeFilters(300, 10, ""), fakeRules(300, 10, "")), 300, 10, 0, 0, map[string]int{describeFilters: 1, describeRules: 3}},
		"300 filters with ten rules and tags": {newFakeLab(t, fakeFilters(300, 10, tag), fakeRules(300, 10, tag)), 300, 10, 0, 1, map[string]int{describeFilters: 1}},
		"300 filters whose ten rules come without their tags": {
			newFakeLab(t, fakeFilters(300, 10, ""), fakeRules(300, 10, tag)), 300, 10, 0, 1, map[string]int{describeFilters: 1, describeRules: 3},
		},
		"many sessions": {newFakeLab(t, fakeSessions(many), fakeInterfaces(many)), 0, 0, many, 0, map[string]int{describeSessions: many/1000 + 2, "DescribeNetworkInterfaces": many/1000 + 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, ctx := c.lab.open(), t.Context()
			atOnce(c.filters, func(i int) {
				if f, err := refreshed(ctx, a, a.Filter, fmt.Sprintf("tmf-%017x", i)); err != nil || f.Noun.ID != fmt.Sprintf("tmf-%017x", i) {
					t.Errorf("filter %d: %+v, %v", i, f, err)
				}
				for r := range c.rules {
					if got, err := refreshed(ctx, a, a.Rule, fakeRuleID(i, r)); err != nil || got.Noun.Number != r+1 || len(got.Tags) != c.tags {
						t.Errorf("rule %d of filter %d: %+v, %v", r, i, got, err)
					}
				}
			})
			atOnce(c.sessions, func(i int) {
				s, err := refreshed(ctx, a, a.Session, fmt.Sprintf("tms-%017x", i))
				if err != nil || s.Noun.VirtualNetworkID == nil || *s.Noun.VirtualNetworkID != i+1 || s.Tags["Name"] != fmt.Sprint("session ", i) {
					t.Errorf("session %d: %+v, %v", i, s, err)
				}
				if got, err := a.Interface(ctx, s.Noun.InterfaceID); err != nil || got.ID != s.Noun.InterfaceID {
					t.Errorf("interface %d: %+v, %v", i, got, err)
				}
				if got, err := a.Sessions(ctx, account.OnInterface(s.Noun.InterfaceID)); err != nil || len(got) != 1 || got[0].ID != s.Noun.ID {
					t.Errorf("sessions on interface %d: %+v, %v", i, got, err)
				}
			})
			// The checks of a plan list all sessions and filters.
			must(a.Sessions(ctx))(t)
			must(a.Filters(ctx))(t)
			for action, n := range c.lab.calls {
				if most := max(c.want[action], 1); n > most {
					t.Errorf("%d requests of %s, want at most %d", n, action, most)
				}
			}
		})
	}
}

// Few reads of many objects take no more requests than twice the reads.
func TestSnapshot_fewReads(t *testing.T) {
	t.Parallel()
	l := newFakeLab(t, fakeSessions(6000))
	a := l.open()
	for n, i := range []int{4000, 5000, 5999} {
		if got := must(refreshed(t.Context(), a, a.Session, fmt.Sprintf("tms-%017x", i)))(t); *got.Noun.VirtualNetworkID != i+1 {
			t.Errorf("%+v", got)
		}
		if calls := l.total(); calls > 2 {
			t.Errorf("read %d: %d requests", n+1, calls)
		}
	}
	// A session that was read by its ID is known.
	must(refreshed(t.Context(), a, a.Session, fmt.Sprintf("tms-%017x", 4000)))(t)
	if calls := l.total(); calls > 0 {
		t.Errorf("once more: %d requests", calls)
	}
}

// As soon as this run begins to change something, no answer is from before: not about the
// object, not about what comes with it, and not about others. This also holds while the change
// is on its way, and if it is not known whether it was made.
func TestSnapshot_ownChanges(t *testing.T) {
	t.Parallel()
	type state struct {
		*lab
		byHand, a *account.Account
		filters   []mirror.Filter
		session   mirror.Session
	}
	// broken makes EC2 carry out a change and break the connection.
	broken := func(s *state, action string, change func() error) error {
		s.set(func() { s.cut = action })
		defer s.set(func() { s.cut = "" })
		if err := change(); err == nil {
			return errors.New("the change has not failed")
		}
		return nil
	}
	for name, c := range map[string]struct {
		change func(ctx context.Context, s *state) error
		check  func(ctx context.Context, s *state) (string, error) // "": as it should be
	}{
		"another object": {
			func(ctx context.Context, s *state) error {
				if _, err := s.a.NumberSession(ctx, s.session, 2); err != nil {
					return err
				}
				return s.byHand.ModifyServices(ctx, s.filters[0], []mirror.NetworkService{mirror.AmazonDNS})
			},
			func(ctx context.Context, s *state) (string, error) {
				f, err := s.a.Filter(ctx, s.filters[0].ID)
				return fmt.Sprint(len(f.Noun.NetworkServices) - 1), err
			},
		},
		"an object whose change has no answer": {
			func(ctx context.Context, s *state) error {
				return broken(s, "ModifyTrafficMirrorSession", func() error { _, err := s.a.NumberSession(ctx, s.session, 2); return err })
			},
			func(ctx context.Context, s *state) (string, error) {
				got, err := s.a.Session(ctx, s.session.ID)
				return fmt.Sprint(got.Noun.Number - 2), err
			},
		},
		"a listing": {
			func(ctx context.Context, s *state) error {
				return broken(s, "ModifyTrafficMirrorSession", func() error { _, err := s.a.NumberSession(ctx, s.session, 2); return err })
			},
			func(ctx context.Context, s *state) (string, error) {
				got, err := s.a.Sessions(ctx, account.OnInterface(eni))
				if err != nil || len(got) != 1 {
					return fmt.Sprint(got), err
				}
				return fmt.Sprint(got[0].Number - 2), err
			},
		},
		"a filter with a new rule": {
			func(ctx context.Context, s *state) error {
				return broken(s, "CreateTrafficMirrorFilterRule", func() error {
					_, err := s.a.CreateRule(ctx, ingress(s.filters[1].ID, 9), nil, account.NewToken())
					return err
				})
			},
			func(ctx context.Context, s *state) (string, error) {
				f, err := s.a.Filter(ctx, s.filters[1].ID)
				return fmt.Sprint(len(f.Noun.Rules) - 3), err
			},
		},
		"a rule that was changed": {
			func(ctx context.Context, s *state) error {
				rule := s.filters[1].Rules[0]
				rule.Number = 9
				return broken(s, "ModifyTrafficMirrorFilterRule", func() error { _, err := s.a.ModifyRule(ctx, rule); return err })
			},
			func(ctx context.Context, s *state) (string, error) {
				r, err := s.a.Rule(ctx, s.filters[1].Rules[0].ID)
				return fmt.Sprint(r.Noun.Number - 9), err
			},
		},
		"tags that were set": {
			func(ctx context.Context, s *state) error {
				return broken(s, "CreateTags", func() error {
					return s.a.SetTags(ctx, mirror.KindFilter, s.filters[1].ID, map[string]string{"new": "1"})
				})
			},
			func(ctx context.Context, s *state) (string, error) {
				f, err := s.a.Filter(ctx, s.filters[1].ID)
				return fmt.Sprint(len(f.Tags) - 1), err
			},
		},
		"tags that were removed": {
			func(ctx context.Context, s *state) error {
				return broken(s, "DeleteTags", func() error {
					return s.a.RemoveTags(ctx, mirror.KindFilterRule, s.filters[1].Rules[1].ID, []string{"a"})
				})
			},
			func(ctx context.Context, s *state) (string, error) {
				r, err := s.a.Rule(ctx, s.filters[1].Rules[1].ID)
				return fmt.Sprint(len(r.Tags)), err
			},
		},
		"a filter that was deleted": {
			func(ctx context.Context, s *state) error {
				return broken(s, "DeleteTrafficMirrorFilter", func() error { return s.a.DeleteFilter(ctx, s.filters[1].ID, time.Time{}) })
			},
			func(ctx context.Context, s *state) (string, error) {
				_, err := s.a.Filter(ctx, s.filters[1].ID)
				if account.IsNotFound(err) {
					return "0", nil
				}
				return "it is there", err
			},
		},
		"while the change is on its way": {
			func(ctx context.Context, s *state) error {
				s.set(func() {
					s.before = func(_ *http.Request, action string) {
						if action != "CreateTrafficMirrorFilter" {
							return
						}
						s.set(func() { s.before = nil })
						if _, err := s.byHand.NumberSession(ctx, s.session, 2); err != nil {
							s.t.Error(err)
						}
						if got, err := s.a.Session(ctx, s.session.ID); err != nil || got.Noun.Number != 2 {
							s.t.Errorf("on its way: %+v, %v", got, err)
						}
					}
				})
				_, err := s.a.CreateFilter(ctx, "", nil, account.NewToken())
				return err
			},
			func(ctx context.Context, s *state) (string, error) {
				got, err := s.a.Session(ctx, s.session.ID)
				return fmt.Sprint(got.Noun.Number - 2), err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := &state{lab: newLab(t)}, t.Context()
			s.filters = s.lab.filters(2, map[string]string{"a": "1"})
			s.byHand, s.a = s.open(), s.open()
			target := must(s.byHand.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, nil, account.NewToken()))(t).Noun
			s.session = must(s.byHand.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: target.ID, FilterID: s.filters[0].ID, Number: 1}, nil, account.NewToken()))(t).Noun
			// The snapshots of the plan.
			must(refreshed(ctx, s.a, s.a.Session, s.session.ID))(t)
			must(s.a.Filters(ctx))(t)
			must(s.a.Rule(ctx, s.filters[0].Rules[0].ID))(t)
			s.total()
			must(s.a.Filter(ctx, s.filters[1].ID))(t)
			must(s.a.Session(ctx, s.session.ID))(t)
			if n := s.total(); n > 0 {
				t.Fatalf("%d requests: there is no snapshot", n)
			}
			if err := c.change(ctx, s); err != nil {
				t.Fatal(err)
			}
			if got, err := c.check(ctx, s); got != "0" || err != nil {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

// What a snapshot does not have is asked for before it is taken for deleted.
func TestSnapshot_absent(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filters := l.filters(3, map[string]string{"a": "1"})
	a, byHand := l.open(), l.open()
	must(refreshed(ctx, a, a.Filter, filters[0].ID))(t)
	late := must(byHand.CreateFilter(ctx, "late", nil, account.NewToken()))(t).Noun
	rule := must(byHand.CreateRule(ctx, ingress(late.ID, 1), nil, account.NewToken()))(t).Noun
	if got := must(a.Filter(ctx, late.ID))(t); got.Noun.Description != "late" {
		t.Errorf("a filter that came later: %+v", got)
	}
	if got := must(a.Rule(ctx, rule.ID))(t); got.Noun.Number != 1 {
		t.Errorf("a rule that came later: %+v", got)
	}
	if got := must(a.Filters(ctx, account.OfFilter(filters[0].ID, late.ID)))(t); len(got) != 2 {
		t.Errorf("a listing by ID: %+v", got)
	}
	l.total()
	for range 2 {
		if _, err := a.Filter(ctx, "tmf-00000000000000099"); !account.IsNotFound(err) {
			t.Errorf("a filter that does not exist: %v", err)
		}
		if n := l.count(describeFilters); n != 1 {
			t.Errorf("a filter that does not exist: %d requests", n)
		}
	}
}

// Time does not go back: what a plan has learnt of a rule also holds for the rule in its filter.
func TestSnapshot_rulesInFilters(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filter := l.filters(1, nil)[0] // no rule has tags, so that each is read after its filter
	a, byHand := l.open(), l.open()
	must(a.Filters(ctx))(t)
	changed := filter.Rules[1]
	changed.Number = 9
	must(byHand.ModifyRule(ctx, changed))(t)
	if err := byHand.DeleteRule(ctx, filter.Rules[0].ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Rule(ctx, filter.Rules[0].ID); !account.IsNotFound(err) {
		t.Error(err)
	}
	if got := must(a.Rule(ctx, changed.ID))(t); got.Noun.Number != 9 {
		t.Errorf("%+v", got)
	}
	list, one := must(a.Filters(ctx))(t)[0], must(a.Filter(ctx, filter.ID))(t).Noun
	for _, f := range []mirror.Filter{list, one} {
		if len(f.Rules) != 1 || f.Rules[0].Number != 9 {
			t.Errorf("%+v", f)
		}
	}
}

// What EC2 lists on two pages, because others come and go meanwhile, is one object. What it
// lists on none exists.
func TestSnapshot_movingPages(t *testing.T) {
	t.Parallel()
	item := func(n int, description string) string {
		return fmt.Sprintf("<item><trafficMirrorFilterId>tmf-%d</trafficMirrorFilterId><description>%s</description></item>", n, description)
	}
	page := func(next string, items ...string) string {
		return `<DescribeTrafficMirrorFiltersResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><trafficMirrorFilterSet>` + strings.Join(items, "") +
			"</trafficMirrorFilterSet>" + next + "</DescribeTrafficMirrorFiltersResponse>"
	}
	for name, each := range map[string]bool{"A0184, together": false, "A0184, each read alone": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newFakeLab(t)
			l.options.ReadEach = each
			l.answers = func(form url.Values) (int, string) {
				switch {
				case form.Get("TrafficMirrorFilterId.1") == "tmf-4":
					return http.StatusOK, page("", item(4, "on no page"))
				case form.Get("NextToken") == "":
					return http.StatusOK, page("<nextToken>2</nextToken>", item(1, ""), item(2, "old"))
				}
				return http.StatusOK, page("", item(2, "new"), item(3, ""))
			}
			a := l.open()
			all := must(a.Filters(t.Context()))(t)
			var ids []string
			for _, f := range all {
				ids = append(ids, f.ID+f.Description)
			}
			if !slices.Equal(ids, []string{"tmf-1", "tmf-2new", "tmf-3"}) {
				t.Errorf("%v", ids)
			}
			if got := must(a.Filter(t.Context(), "tmf-4"))(t); got.Noun.Description != "on no page" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Reads of several IDs that happen together are one request, also without a snapshot. An ID
// that does not exist fails none of the others, and each request begins after the reads that it
// answers.
func TestBatch(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filters := l.filters(12, nil)
	a := l.open().Live()
	first, goOn := make(chan bool), make(chan bool)
	var requests atomic.Int32
	l.before = func(*http.Request, string) {
		if requests.Add(1) == 1 {
			close(first)
			<-goOn
		}
	}
	var all sync.WaitGroup
	read := func(id string, isThere bool) {
		got, err := a.Filter(ctx, id)
		if isThere != (err == nil) || !isThere && !account.IsNotFound(err) || isThere && got.Noun.ID != id {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	all.Go(func() { read(filters[0].ID, true) })
	<-first
	waits := make(chan bool, 20)
	watched := a.Watched(func(ctx context.Context, call func(context.Context) error) error {
		waits <- true
		return call(ctx)
	})
	for _, f := range filters[1:] {
		all.Go(func() {
			got, err := watched.Filter(ctx, f.ID)
			if err != nil || got.Noun.ID != f.ID || f.ID == filters[3].ID && got.Noun.NetworkServices == nil {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	all.Go(func() {
		if _, err := watched.Filter(ctx, "tmf-00000000000000099"); !account.IsNotFound(err) {
			t.Error(err)
		}
	})
	for range 12 {
		<-waits
	}
	// Changed after the first request has begun, and before the others are asked for.
	if err := l.open().ModifyServices(ctx, filters[3], []mirror.NetworkService{mirror.AmazonDNS}); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	all.Wait()
	if n := l.count(describeFilters); n > 3 {
		t.Errorf("%d requests for 13 reads", n)
	}
}

// An endpoint that does not know the filter by ID is asked for each ID alone.
func TestBatch_refused(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filters := l.filters(4, nil)
	l.answers = func(form url.Values) (int, string) {
		if form.Get("Filter.1.Name") != "" {
			return http.StatusBadRequest, refusal("", 0, "InvalidParameterValue").body
		}
		return 0, ""
	}
	a := l.open().Live()
	var all sync.WaitGroup
	for _, f := range filters {
		all.Go(func() {
			if got, err := a.Filter(ctx, f.ID); err != nil || got.Noun.ID != f.ID {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	all.Wait()
}

// An error is not kept, and the pages before it are not taken for the whole.
func TestSnapshot_errors(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"UnauthorizedOperation", "RequestLimitExceeded", "InternalError", "InvalidNextToken", "AuthFailure"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			l, ctx := newLab(t), t.Context()
			l.options.Clock = &handClock{}
			filters := l.filters(12, nil)
			l.pageSize = 5
			var refused []string // tokens, of which EC2 accepts none later
			fails := func(fails bool) {
				l.set(func() {
					l.answers = func(form url.Values) (int, string) {
						token := form.Get("NextToken")
						if token != "" && (fails || slices.Contains(refused, token)) {
							refused = append(refused, token)
							return max(map[string]int{"InternalError": 500, "RequestLimitExceeded": 503}[code], http.StatusBadRequest), refusal("", 0, code).body
						}
						return 0, ""
					}
				})
			}
			fails(true)
			a, alone := l.open(), l.open()
			if all, err := a.Filters(ctx); err == nil || account.IsNotFound(err) || len(all) > 0 {
				t.Errorf("%d filters, %v", len(all), err)
			}
			// EC2 shows each filter alone. A throttled account is asked no second question.
			for _, f := range filters {
				if got, err := alone.Filter(ctx, f.ID); code != "RequestLimitExceeded" && (err != nil || got.Noun.ID != f.ID) {
					t.Errorf("%+v, %v", got, err)
				}
			}
			fails(false)
			if code == "InvalidNextToken" {
				l.set(func() { l.pageSize = 6 })
			} else {
				refused = nil
			}
			if all := must(a.Filters(ctx))(t); len(all) != 12 {
				t.Errorf("%d filters", len(all))
			}
			for _, f := range filters {
				must(alone.Filter(ctx, f.ID))(t)
			}
		})
	}
}

// A page that EC2 refuses is no reason not to find an object, if EC2 shows the object alone.
func TestSnapshot_noPages(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filters := l.filters(2, nil)
	l.answers = func(form url.Values) (int, string) {
		if form.Get("MaxResults") != "" {
			return http.StatusBadRequest, refusal("", 0, "InvalidParameterValue").body
		}
		return 0, ""
	}
	a := l.open()
	for _, f := range filters {
		must(refreshed(ctx, a, a.Filter, f.ID))(t)
		must(a.Rule(ctx, f.Rules[0].ID))(t)
	}
}

// An object whose answer cannot be read fails its own reads only, and every listing that has it.
func TestSnapshot_unreadable(t *testing.T) {
	t.Parallel()
	item := func(id, block string) string {
		return strings.ReplaceAll("<trafficMirrorFilterId>"+id+"</trafficMirrorFilterId><ingressFilterRuleSet><item>"+fakeRule(1, 1, "")+"</item></ingressFilterRuleSet>", "0.0.0.0/0", block)
	}
	l := newFakeLab(t, newFake(describeFilters, "TrafficMirrorFilterId", "trafficMirrorFilterSet", 2, func(i int) (string, string) {
		return fmt.Sprint("tmf-", i), item(fmt.Sprint("tmf-", i), []string{"10.0.0.0/8", "ten"}[i])
	}))
	a, ctx := l.open(), t.Context()
	if got := must(refreshed(ctx, a, a.Filter, "tmf-0"))(t); len(got.Noun.Rules) != 1 {
		t.Errorf("%+v", got)
	}
	if _, err := a.Filter(ctx, "tmf-1"); err == nil || account.IsNotFound(err) {
		t.Error(err)
	}
	if all, err := a.Filters(ctx); err == nil {
		t.Errorf("%+v", all)
	}
	if all := must(a.Filters(ctx, account.OfFilter("tmf-0")))(t); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

// What one account has read answers no other: of another Region or of other credentials.
func TestSnapshot_ofOneAccount(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	l.filters(2, nil)
	regions := account.NewRegions(configOf("http://ec2.emulator.invalid"), account.Options{})
	if regions.In("eu-west-1") == regions.In("us-east-1") {
		t.Error("two Regions are one account")
	}
	home, abroad := l.in("us-east-1"), l.in("eu-west-1")
	for range 2 {
		if here, there := must(home.Filters(ctx))(t), must(abroad.Filters(ctx))(t); len(here) != 2 || len(there) != 0 {
			t.Errorf("%d filters at home, %d abroad", len(here), len(there))
		}
	}
	if n := l.total(); n != 2 {
		t.Errorf("%d requests", n)
	}
	must(l.open().Filters(ctx))(t)
	if n := l.total(); n != 1 {
		t.Errorf("%d requests of other credentials", n)
	}
}

// Where a snapshot may answer, and where a read is a request that begins after it.
func TestSnapshot_views(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filter := l.filters(1, nil)[0]
	reads := func(a *account.Account) (own, others int) {
		l.total()
		for range 3 {
			must(a.Filter(ctx, filter.ID))(t)
			must(a.Filters(ctx))(t)
		}
		own = l.total()
		for range 3 {
			must(a.Interface(ctx, eni))(t)
			must(a.Interfaces(ctx))(t)
			must(a.Subnet(ctx, subnet))(t)
			must(a.Instance(ctx, instance))(t)
			must(a.VPCEndpoint(ctx, gateway))(t)
			must(a.Resolver(ctx, eni))(t)
		}
		return own, l.total()
	}
	l.options.ReadEach = true
	each := l.open()
	l.options.ReadEach = false
	plan, changed, fresh := l.open(), l.open(), l.open()
	must(refreshed(ctx, plan, plan.Filter, filter.ID))(t)
	must(refreshed(ctx, changed, changed.Filter, filter.ID))(t)
	must(changed.CreateFilter(ctx, "", nil, account.NewToken()))(t)
	must(fresh.Filters(ctx))(t)
	must(refreshed(ctx, fresh, fresh.Filter, filter.ID))(t)
	for name, c := range map[string]struct {
		a                    *account.Account
		own, others, atLeast int
	}{
		"a plan":                     {plan, 0, 5, 0},
		"nothing refreshed":          {l.open(), 1, 21, 21},
		"changed":                    {changed, 6, 21, 21},
		"fresh":                      {fresh.Fresh(), 1, 5, 5},
		"fresh, changed":             {changed.Fresh(), 6, 21, 21},
		"live":                       {plan.Live(), 6, 21, 21},
		"each":                       {each, 6, 21, 21},
		"fresh and live, in a plan":  {plan.Fresh().Live(), 6, 21, 21},
		"watched, in a plan, copied": {plan.Watched(func(ctx context.Context, call func(context.Context) error) error { return call(ctx) }), 0, 5, 0},
	} {
		if own, others := reads(c.a); own != c.own || others > c.others || others < c.atLeast {
			t.Errorf("%s: %d requests of own kinds, %d of others; want %d and %d to %d", name, own, others, c.own, c.atLeast, c.others)
		}
	}
}

// What a caller does with an answer changes no other answer.
func TestSnapshot_ownAnswers(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filter := l.filters(1, map[string]string{"a": "1"})[0]
	if err := l.open().ModifyServices(ctx, filter, []mirror.NetworkService{mirror.AmazonDNS}); err != nil {
		t.Fatal(err)
	}
	a := l.open()
	read := func() (string, account.Tagged[mirror.Filter], mirror.Interface, account.Tagged[mirror.Rule]) {
		f := must(refreshed(ctx, a, a.Filter, filter.ID))(t)
		i, r := must(a.Interface(ctx, eni))(t), must(a.Rule(ctx, filter.Rules[1].ID))(t)
		return fmt.Sprint(f, i.PrivateIPAddresses, i.Tags, r), f, i, r
	}
	before, f, i, r := read()
	f.Noun.Rules[0].Number, f.Tags["x"], i.Tags["x"], r.Tags["x"] = 99, "y", "y", "y"
	i.PrivateIPAddresses[0] = i.PrivateIPAddresses[0].Next()
	if after, _, _, _ := read(); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
	list := must(a.TaggedFilters(ctx))(t)
	list[0].Noun.Rules[0].Number, list[0].Tags["x"], list[0].Noun.NetworkServices[0] = 99, "y", "y"
	if after, _, _, _ := read(); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
}

// A question with DryRun is asked each time, and nothing answers it but EC2.
func TestSnapshot_dryRun(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	a := l.open()
	must(a.Targets(ctx))(t)
	l.total()
	for range 2 {
		if err := a.HonoursDryRun(ctx); !account.IsPermitted(err) {
			t.Error(err)
		}
		if err := a.May(ctx, func(ctx context.Context, a *account.Account) error { _, err := a.Targets(ctx); return err }); !account.IsPermitted(err) {
			t.Error(err)
		}
	}
	if n := l.total(); n != 4 {
		t.Errorf("%d requests", n)
	}
	if a.HasChanged() {
		t.Error("a question is taken for a change")
	}
	if err := a.May(ctx, func(ctx context.Context, a *account.Account) error {
		_, err := a.CreateFilter(ctx, "", nil, account.NewToken())
		return err
	}); !account.IsPermitted(err) || a.HasChanged() {
		t.Errorf("%v, taken for a change: %v", err, a.HasChanged())
	}
}

// Readers that wait for one call do not fail each other: one whose context ends leaves, and so
// does one whose Watch fails. Each sees the tries of the call. When nobody waits any longer, the
// call ends, and the next reader makes another, and sees no try of the one that has ended.
func TestFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, ctx := newLab(t), t.Context()
		filter := l.filters(1, nil)[0]
		arrived, goOn, end := make(chan bool, 10), make(chan bool), make(chan bool)
		l.before = func(r *http.Request, _ string) {
			arrived <- true
			select {
			case <-goOn:
			case <-r.Context().Done():
				<-end
			}
		}
		a := l.open()
		read := func(ctx context.Context, a *account.Account) <-chan error {
			result := make(chan error, 1)
			go func() {
				_, err := a.Filter(ctx, filter.ID)
				result <- err
			}()
			return result
		}
		errGaveUp := errors.New("gave up")
		giveUp := make(chan bool)
		watched := a.Watched(func(ctx context.Context, call func(context.Context) error) error {
			limited, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			go func() {
				select {
				case <-giveUp:
					cancel(errGaveUp)
				case <-limited.Done():
				}
			}()
			return call(limited)
		})
		var tries atomic.Int32
		counted := a.Watched(func(ctx context.Context, call func(context.Context) error) error {
			return call(account.EachTry(ctx, func(error) { tries.Add(1) }))
		})

		// All readers leave: the call ends.
		short, cancel := context.WithCancel(ctx)
		only := read(short, a)
		<-arrived
		cancel()
		if err := <-only; !errors.Is(err, context.Canceled) {
			t.Errorf("a reader whose context has ended: %v", err)
		}

		// Some leave, and the others get the answer of the one call.
		short, cancel = context.WithCancel(ctx)
		first := read(short, a)
		<-arrived
		failing, patient := read(ctx, watched), read(ctx, counted)
		synctest.Wait() // all three wait for the call
		close(end)
		synctest.Wait() // the former call has ended
		cancel()
		close(giveUp)
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("a reader whose context has ended: %v", err)
		}
		if err := <-failing; !errors.Is(err, errGaveUp) {
			t.Errorf("a reader whose Watch has failed: %v", err)
		}
		close(goOn)
		if err := <-patient; err != nil {
			t.Errorf("the reader that waits: %v", err)
		}
		if n := l.total(); n != 2 {
			t.Errorf("%d requests, want one that was ended, and one for all", n)
		}
		if tries.Load() != 1 {
			t.Errorf("%d tries were reported", tries.Load())
		}
	})
}

// A Watch that makes no call stops a read that needs one, and no read that a snapshot answers.
func TestSnapshot_watchRefuses(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filter := l.filters(1, nil)[0]
	a := l.open()
	errOver := errors.New("no more calls")
	refusing := a.Watched(func(context.Context, func(context.Context) error) error { return errOver })
	if _, err := refusing.Filter(ctx, filter.ID); !errors.Is(err, errOver) {
		t.Error(err)
	}
	if n := l.total(); n > 0 {
		t.Errorf("%d requests", n)
	}
	must(a.Filter(ctx, filter.ID))(t)
	must(refusing.Filter(ctx, filter.ID))(t)
	if _, err := refusing.Filter(ctx, "tmf-00000000000000099"); !errors.Is(err, errOver) {
		t.Error(err)
	}
}

// A token that EC2 does not accept any more fails no listing: a listing of its own answers.
func TestSnapshot_tokenRefused(t *testing.T) {
	t.Parallel()
	l, ctx := newFakeLab(t, fakeSessions(2500)), t.Context()
	a := l.open()
	must(refreshed(ctx, a, a.Session, "tms-00000000000000000"))(t)
	answers, isOver := l.answers, false
	l.set(func() {
		l.answers = func(form url.Values) (int, string) {
			if form.Get("NextToken") != "" && !isOver {
				isOver = true
				return http.StatusBadRequest, refusal("", 0, "InvalidNextToken").body
			}
			return answers(form)
		}
	})
	for range 2 {
		if all := must(a.Sessions(ctx))(t); len(all) != 2500 {
			t.Errorf("%d sessions", len(all))
		}
	}
	if !isOver {
		t.Error("no token was refused")
	}
}

// A rule that was read alone keeps the tags that were read then, although rules come with their
// tags on a later page.
func TestSnapshot_ruleTags(t *testing.T) {
	t.Parallel()
	const tag = "<item><key>a</key><value>1</value></item>"
	l, ctx := newFakeLab(t, fakeFilters(1500, 1, ""), fakeRules(1500, 1, tag)), t.Context()
	answers := l.answers
	l.answers = func(form url.Values) (int, string) {
		status, body := answers(form)
		if form.Get("Action") == describeFilters && form.Get("NextToken") != "" {
			body = strings.ReplaceAll(body, "<tagSet></tagSet>", "<tagSet>"+tag+"</tagSet>")
		}
		return status, body
	}
	a := l.open()
	read, other := fakeRuleID(0, 0), fakeRuleID(1, 0)
	for range 2 {
		for _, id := range []string{read, other} {
			if got := must(refreshed(ctx, a, a.Rule, id))(t); got.Tags["a"] != "1" {
				t.Errorf("%s has the tags %v", id, got.Tags)
			}
		}
	}
	must(refreshed(ctx, a, a.Filter, fmt.Sprintf("tmf-%017x", 1200)))(t)
	if got := must(refreshed(ctx, a, a.Rule, read))(t); got.Tags["a"] != "1" {
		t.Errorf("%s has the tags %v after a page that has tags", read, got.Tags)
	}
}

// Reads that no snapshot may answer are no reason to fetch pages.
func TestSnapshot_liveReads(t *testing.T) {
	t.Parallel()
	l, ctx := newFakeLab(t, fakeFilters(5000, 1, "")), t.Context()
	a := l.open()
	for range 10 {
		must(a.Live().Filter(ctx, "tmf-00000000000000000"))(t)
		must(a.Live().Filters(ctx, account.OfFilter("tmf-00000000000000000")))(t)
	}
	l.total()
	must(refreshed(ctx, a, a.Filter, fmt.Sprintf("tmf-%017x", 4999)))(t)
	if n := l.total(); n != 2 {
		t.Errorf("%d requests, want a page and the filter alone", n)
	}
}

// A read of an update is no refresh: what an apply has seen of others is old.
func TestReadNew_isNoRefresh(t *testing.T) {
	t.Parallel()
	l, ctx := newFakeLab(t, fakeSessions(3), fakeInterfaces(3)), t.Context()
	a := l.open()
	for i := range 3 {
		must(account.ReadNew(ctx, a, time.Time{}, a.Live().Session, fmt.Sprintf("tms-%017x", i)))(t)
		must(a.Interface(ctx, "eni-00000000000000001"))(t)
		if sessions, interfaces := l.count(describeSessions), l.count(describeInterfaces); sessions != 1 || interfaces != 1 {
			t.Errorf("update %d: %d requests of sessions, %d of interfaces", i, sessions, interfaces)
		}
	}
}
