package check

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// actionCount counts requests by action.
type actionCount struct {
	http.RoundTripper
	mu    sync.Mutex
	calls map[string]int
}

// RoundTrip implements http.RoundTripper.
func (c *actionCount) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	c.mu.Lock()
	c.calls[form.Get("Action")]++
	c.mu.Unlock()
	return c.RoundTripper.RoundTrip(req)
}

// A plan takes one request for each kind of object, however many objects it refreshes and
// checks: the refresh, the checks and the simulation share their reads.
func TestPlan_calls(t *testing.T) {
	t.Parallel()
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: worldTopology()})
	if err != nil {
		t.Fatal(err)
	}
	transport := &actionCount{RoundTripper: emulator.Transport(handler), calls: map[string]int{}}
	open := func() *account.Account {
		return account.New(aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		}, account.Options{Clock: &skippingClock{}})
	}
	ctx, byHand, w := t.Context(), open(), &world{t: t}
	target := need[account.Tagged[mirror.Target]](w)(byHand.CreateTarget(ctx, mirror.Target{InterfaceID: worldENI(32)}, nil, account.NewToken())).Noun
	var filters []mirror.Filter
	var sessions []mirror.Session
	for n := range 8 {
		f := need[account.Tagged[mirror.Filter]](w)(byHand.CreateFilter(ctx, "", nil, account.NewToken())).Noun
		for number := range 3 {
			rule := mirror.Rule{FilterID: f.ID, Direction: mirror.Ingress, Number: number + 1, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything}
			f.Rules = append(f.Rules, need[account.Tagged[mirror.Rule]](w)(byHand.CreateRule(ctx, rule, map[string]string{"a": "1"}, account.NewToken())).Noun)
		}
		filters = append(filters, f)
		session := mirror.Session{InterfaceID: worldENI(n%worldSources + 1), FilterID: f.ID, TargetID: target.ID, Number: n/worldSources + 1}
		sessions = append(sessions, need[account.Tagged[mirror.Session]](w)(byHand.CreateSession(ctx, session, nil, account.NewToken())).Noun)
	}
	clear(transport.calls)

	a := open()
	plan := New(a, Policy{Quotas: mirror.DefaultQuotas(), Clock: stopped()})
	for n := range filters {
		planExisting(ctx, w, a, plan, filters[n], sessions[n])
	}
	for action, n := range transport.calls {
		if strings.HasPrefix(action, "Describe") && n > 1 {
			t.Errorf("%d requests of %s", n, action)
		}
	}
	t.Log(transport.calls)
}

// planExisting refreshes and checks a session, its filter and its rules, of which one changes.
func planExisting(ctx context.Context, w *world, a *account.Account, plan *Plan, f mirror.Filter, s mirror.Session) {
	w.t.Helper()
	at := time.Time{}
	filter := Filter{Object: Object[mirror.Filter]{Noun: need[account.Tagged[mirror.Filter]](w)(account.Refresh(ctx, a, at, a.Filter, f.ID)).Noun}}
	filter.Noun.Rules = nil
	plan.Filter(ctx, f.ID, filter, filter)
	for _, r := range f.Rules {
		rule := need[account.Tagged[mirror.Rule]](w)(account.Refresh(ctx, a, at, a.Rule, r.ID))
		before := Object[mirror.Rule]{Noun: rule.Noun, Tags: rule.Tags}
		after := before
		after.Noun.Number += 100
		plan.Rule(ctx, r.ID, before, after)
	}
	session := need[account.Tagged[mirror.Session]](w)(account.Refresh(ctx, a, at, a.Session, s.ID))
	before := Object[mirror.Session]{Noun: session.Noun, Tags: session.Tags}
	after := before
	after.Noun.Number += 100
	plan.Session(ctx, s.ID, before, after)
	need[[]account.MirrorSession](w)(a.Mirror(ctx, s.InterfaceID))
}
