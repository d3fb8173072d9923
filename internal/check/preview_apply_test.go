package check

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// In an apply, a preview has what the run has made, once, and what it is still going to make.
func TestPreview_apply(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]previewCase{
		"a new session is made": {
			want: []string{first, second, "3 to 10.0.1.128, egress 100 reject, ingress 100 accept"}, changes: []string{"a new session"},
			plan: func(ctx context.Context, t *testing.T, p *previewed) {
				p.planNewSession(ctx, keep[mirror.Session])
				p.makeSession(ctx, t, 3)
			},
		},
		"a new session without a number is made": {
			want: []string{first, second, "3 to 10.0.1.128, egress 100 reject, ingress 100 accept"}, changes: []string{"a new session"},
			plan: func(ctx context.Context, t *testing.T, p *previewed) {
				p.planNewSession(ctx, unknown[mirror.Session]("session_number"))
				p.makeSession(ctx, t, 3)
			},
		},
		"another new session is made": {
			want:    []string{first, second, "3 to 10.0.1.128, egress 100 reject, ingress 100 accept", "4 to 10.0.1.128, egress 100 reject, ingress 100 accept"},
			changes: []string{"a new session"},
			plan: func(ctx context.Context, t *testing.T, p *previewed) {
				p.planNewSession(ctx, keep[mirror.Session])
				p.makeSession(ctx, t, 4)
			},
		},
		"a session is changed, and then by hand": {want: []string{second, "8" + first[1:]}, changes: []string{"tms-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.Number = 7 })
			need[mirror.Session](&world{t: t})(p.account.NumberSession(ctx, p.session["tms-1"], 8))
		}},
		"a session is replaced": {want: []string{first, second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.ID = "" })
			(&world{t: t}).must(p.account.DeleteSession(ctx, longID("tms-1"), time.Time{}))
			s := p.session["tms-1"]
			need[account.Tagged[mirror.Session]](&world{t: t})(p.account.CreateSession(ctx, s, nil, account.NewToken()))
		}},
		"a session is half replaced": {want: []string{first, second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.ID = "" })
			(&world{t: t}).must(p.account.DeleteSession(ctx, longID("tms-1"), time.Time{}))
		}},
		"a session is deleted": {want: []string{second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			p.planSession(ctx, "tms-1", keep[mirror.Session])
			p.NoteDelete(ctx, mirror.KindSession, longID("tms-1"), worldENI(1))
			(&world{t: t}).must(p.account.DeleteSession(ctx, longID("tms-1"), time.Time{}))
		}},
		"a new rule is made": {want: []string{first + ", ingress 200 reject", second}, changes: []string{"a new filter rule"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			p.planNewRule(ctx, keep[mirror.Rule])
			r := p.rule["tmfr-1"]
			r.Number, r.Action = 200, mirror.Reject
			need[account.Tagged[mirror.Rule]](&world{t: t})(p.account.CreateRule(ctx, r, nil, account.NewToken()))
		}},
		"a rule is changed": {want: []string{strings.Replace(first, "accept", "reject", 1), second}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			change := func(r *Object[mirror.Rule]) { r.Noun.Action = mirror.Reject }
			p.planRule(ctx, "tmfr-1", change)
			r := p.rule["tmfr-1"]
			r.Action = mirror.Reject
			need[mirror.Rule](&world{t: t})(p.account.ModifyRule(ctx, r))
		}},
		"a filter is made, and its session": {
			want: []string{first, second, "3 to 10.0.1.128, amazon-dns"}, changes: []string{"a new session"},
			plan: func(ctx context.Context, t *testing.T, p *previewed) {
				w := &world{t: t}
				services := []mirror.NetworkService{mirror.AmazonDNS}
				after := Filter{Object: Object[mirror.Filter]{Noun: mirror.Filter{NetworkServices: services}}, Managed: mirror.Directions}
				p.Filter(ctx, p.NewObjectID(nil), Filter{}, after)
				made := need[account.Tagged[mirror.Filter]](w)(p.account.CreateFilter(ctx, "", nil, account.NewToken())).Noun
				after.Noun.ID = made.ID
				p.FilterCreated(after)
				w.must(p.account.ModifyServices(ctx, made, services))
				p.planNewSession(ctx, func(s *Object[mirror.Session]) { s.Noun.FilterID = made.ID })
			},
		},
		"a target has moved": {want: []string{strings.Replace(first, "1.32", "1.33", 1), second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
			w := &world{t: t}
			p.planTarget(ctx, "tmt-1", func(t *Object[mirror.Target]) { t.Noun.ID, t.Noun.InterfaceID = "", worldENI(33) })
			made := need[account.Tagged[mirror.Target]](w)(p.account.CreateTarget(ctx, mirror.Target{InterfaceID: worldENI(33)}, nil, account.NewToken())).Noun
			need[mirror.Session](w)(p.account.PointSession(ctx, p.session["tms-1"], made.ID))
			w.must(p.account.DeleteTarget(ctx, longID("tmt-1"), time.Time{}))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPreviewed(t, Policy{})
			// The apply has read what EC2 had before it changed anything.
			if _, err := p.Simulations.Preview(t.Context(), worldENI(1)); err != nil {
				t.Fatal(err)
			}
			c.plan(t.Context(), t, p)
			got, err := p.Simulations.Preview(t.Context(), worldENI(1))
			if err != nil {
				t.Fatal(err)
			}
			changes := p.Simulations.Changes(t.Context(), worldENI(1))
			for i, change := range changes {
				if strings.HasPrefix(change, newPrefix) {
					changes[i] = aNewOne
				}
			}
			c.check(t, got, withoutUnused(changes, c.changes))
		})
	}
}

// withoutUnused leaves out names of new objects that have got their IDs meanwhile.
func withoutUnused(names, want []string) []string {
	var kept []string
	for _, name := range names {
		if strings.Contains(strings.Join(want, " "), shortID(name)) {
			kept = append(kept, name)
		}
	}
	return kept
}

func (p *previewed) makeSession(ctx context.Context, t *testing.T, number int) {
	t.Helper()
	need[account.Tagged[mirror.Session]](&world{t: t})(p.account.CreateSession(ctx, mirror.Session{
		InterfaceID: worldENI(1), FilterID: longID("tmf-1"), TargetID: longID("tmt-3"), Number: number,
	}, nil, account.NewToken()))
}

// A preview fails where EC2 does not say what there is, and where a session uses a target that
// the account does not see. It never shows less instead.
func TestPreview_fails(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"DescribeTrafficMirrorSessions", "DescribeTrafficMirrorTargets", "DescribeTrafficMirrorFilters", "DescribeNetworkInterfaces"} {
		p := newPreviewed(t, Policy{})
		p.transport.RoundTripper = refusingAction{p.transport.RoundTripper, action}
		if got, err := p.Simulations.Preview(t.Context(), worldENI(1)); !account.IsDenied(err) {
			t.Errorf("%s is denied: %+v, %v", action, got, err)
		}
	}
	p := newPreviewed(t, Policy{})
	p.planSession(t.Context(), "tms-1", func(s *Object[mirror.Session]) { s.Noun.TargetID = longID("tmt-9") })
	if got, err := p.Simulations.Preview(t.Context(), worldENI(1)); !account.IsNotFound(err) {
		t.Errorf("there is no such target: %+v, %v", got, err)
	}
	// What is denied about the endpoint of another session's target does not matter.
	p = newPreviewed(t, Policy{})
	p.planSession(t.Context(), "tms-3", func(s *Object[mirror.Session]) { s.Noun.TargetID = longID("tmt-3") })
	if _, err := p.byHand.PointSession(t.Context(), p.session["tms-3"], longID("tmt-3")); err != nil {
		t.Fatal(err)
	}
	p.transport.RoundTripper = refusingAction{p.transport.RoundTripper, "DescribeVpcEndpoints"}
	if got, err := p.Simulations.Preview(t.Context(), worldENI(1)); err != nil || len(got.Sessions) != 2 {
		t.Errorf("endpoints are denied: %+v, %v", got, err)
	}
}

// refusingAction denies one action.
type refusingAction struct {
	http.RoundTripper
	action string
}

func (r refusingAction) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasPrefix(string(body), "Action="+r.action+"&") {
		all := &refusing{}
		all.code.Store("UnauthorizedOperation")
		return all.RoundTrip(req)
	}
	return r.RoundTripper.RoundTrip(req)
}

// Two sessions have one number where a variant of the embedded EC2 allows it.
func TestPreview_repeatedNumbers(t *testing.T) {
	t.Parallel()
	p := newPreviewed(t, Policy{Variants: Variants{RepeatedSessionNumbers: true}})
	p.planNewSession(t.Context(), func(s *Object[mirror.Session]) { s.Noun.Number = 2 })
	if got, err := p.Simulations.Preview(t.Context(), worldENI(1)); err != nil || got.Waits != nil || len(got.Sessions) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Previews of many interfaces cost a plan at most eleven requests, however many they are:
//
//   - DescribeTrafficMirrorFilters
//   - DescribeNetworkInterfaces for the interfaces of targets, for those of load balancers, for the
//     registered addresses, and for the target that moves
//   - DescribeLoadBalancers, DescribeListeners, DescribeLoadBalancerAttributes, DescribeTargetGroups,
//     DescribeTargetHealth and DescribeTargetGroupAttributes
func TestPreview_requests(t *testing.T) {
	t.Parallel()
	p := newPreviewed(t, Policy{})
	p.planTarget(t.Context(), "tmt-1", func(t *Object[mirror.Target]) { t.Noun.ID, t.Noun.InterfaceID = "", worldENI(33) })
	before := p.transport.requests.Load()
	for n := range 100 {
		if _, err := p.Simulations.Preview(t.Context(), worldENI(1+n%3)); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.transport.requests.Load() - before; n > 11 {
		t.Errorf("%d requests for 100 previews", n)
	}
}
