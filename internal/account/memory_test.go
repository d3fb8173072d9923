package account_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
)

const (
	describeTargets    = "DescribeTrafficMirrorTargets"
	describeInterfaces = "DescribeNetworkInterfaces"
	describeInstances  = "DescribeInstances"
	describeEndpoints  = "DescribeVpcEndpoints"
)

// denies makes the credentials lack the permission for actions.
func (l *lab) denies(actions ...string) {
	answers := l.answers
	l.set(func() {
		l.answers = func(form url.Values) (int, string) {
			if slices.Contains(actions, form.Get("Action")) {
				return http.StatusForbidden, refusal("", 0, "UnauthorizedOperation").body
			}
			if answers == nil {
				return 0, ""
			}
			return answers(form)
		}
	})
}

// The statuses of many sessions take few requests, also if their targets or what backs these is
// not in the account, or if the credentials may not read it. Each request takes time, in which all
// that waits for no answer goes on.
func TestReadStatus_calls(t *testing.T) {
	t.Parallel()
	// One request is for a page. Four are for IDs: the first one, and one for the readers that waited
	// for it. The third is for those that read before all knew these answers, and the last for those
	// that waited for the third.
	const many, few = 300, 1 + 4
	targets := func(owner, backing string) *fake {
		return newFake(describeTargets, "TrafficMirrorTargetId", "trafficMirrorTargetSet", 10, func(i int) (string, string) {
			id := fmt.Sprintf("tmt-%017x", i)
			return id, "<trafficMirrorTargetId>" + id + "</trafficMirrorTargetId><ownerId>" + owner + "</ownerId>" + backing
		})
	}
	instances := newFake(describeInstances, "InstanceId", "reservationSet", many, func(i int) (string, string) {
		id := fmt.Sprintf("i-%017x", i)
		return id, "<instancesSet><item><instanceId>" + id + "</instanceId><instanceType>m5.large</instanceType><instanceState><name>running</name></instanceState></item></instancesSet>"
	})
	const (
		own, other = "123456789012", "999999999999"
		elsewhere  = "<networkInterfaceId>eni-0ffffffffffffffff</networkInterfaceId>"
		endpoint   = "<gatewayLoadBalancerEndpointId>vpce-0ffffffffffffffff</gatewayLoadBalancerEndpointId>"
		balancer   = "<networkLoadBalancerArn>arn:aws:elasticloadbalancing:us-east-1:999999999999:loadbalancer/net/x/0123456789abcdef</networkLoadBalancerArn>"
	)
	for name, c := range map[string]struct {
		targets *fake
		denied  []string
		want    string
	}{
		"an interface that another account shares":     {targets(other, elsewhere), nil, "active"},
		"an endpoint that another account shares":      {targets(other, endpoint), nil, "active"},
		"a load balancer that another account shares":  {targets(other, balancer), nil, "active"},
		"an interface that was deleted":                {targets(own, elsewhere), nil, "target_gone"},
		"an endpoint that was deleted":                 {targets(own, endpoint), nil, "target_gone"},
		"a target that was deleted":                    {nil, nil, "target_gone"},
		"an interface of the account":                  {targets(own, "<networkInterfaceId>eni-00000000000000001</networkInterfaceId>"), nil, "active"},
		"no permission for interfaces":                 {targets(own, elsewhere), []string{describeInterfaces}, "unknown"},
		"no permission for instances":                  {targets(own, elsewhere), []string{describeInstances}, "target_gone"},
		"no permission for endpoints":                  {targets(own, endpoint), []string{describeEndpoints}, "unknown"},
		"no permission for targets":                    {targets(own, endpoint), []string{describeTargets}, "unknown"},
		"no permission for interfaces and balancers":   {targets(own, balancer), []string{describeInterfaces}, "unknown"},
		"no permission for anything but for a session": {targets(own, elsewhere), []string{describeInterfaces, describeInstances, describeEndpoints, describeTargets}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fakes := []*fake{fakeSessions(many), fakeInterfaces(many), instances}
				if c.targets != nil {
					fakes = append(fakes, c.targets)
				}
				l := newFakeLab(t, fakes...)
				l.denies(c.denied...)
				l.before = func(*http.Request, string) {
					time.Sleep(time.Millisecond) //nolint:forbidigo // of the clock of synctest
				}
				a, ctx := l.open(), t.Context()
				atOnce(many, func(i int) {
					s, err := refreshed(ctx, a, a.Session, fmt.Sprintf("tms-%017x", i))
					if err != nil {
						t.Error(err)
					}
					if got, reason := inventory.ReadStatus(ctx, a, s.Noun); string(got) != c.want {
						t.Errorf("got %s (%s), want %s", got, reason, c.want)
					}
				})
				for action, n := range l.calls {
					if n > few {
						t.Errorf("%d requests %s for %d sessions", n, action, many)
					}
				}
				t.Log(l.calls)
			})
		})
	}
}

// Only a plan assumes that an object is still not there, and only where nothing waits for the
// object.
func TestMemory_missing(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	l.filters(1, nil)
	const missing = "eni-00000000000000fff"
	reads := func(a *account.Account) int {
		l.total()
		for range 3 {
			if _, err := a.Interface(ctx, missing); !account.IsNotFound(err) {
				t.Errorf("got %v", err)
			}
		}
		return l.total()
	}
	filters := must(l.open().Filters(ctx))(t)
	plan := func() *account.Account {
		a := l.open()
		must(refreshed(ctx, a, a.Filter, filters[0].ID))(t)
		must(a.Interfaces(ctx))(t)
		return a
	}
	changed := plan()
	reads(changed)
	must(changed.CreateFilter(ctx, "", nil, account.NewToken()))(t)
	for name, c := range map[string]struct {
		a    *account.Account
		want int
	}{
		"a plan":                     {plan().KeepingAbsent(), 1},
		"a read that may wait":       {plan(), 3},
		"live":                       {plan().KeepingAbsent().Live(), 3},
		"an apply":                   {changed.KeepingAbsent(), 3},
		"nothing refreshed":          {l.open().KeepingAbsent(), 3},
		"a list without a refresh":   {l.open().Fresh().KeepingAbsent(), 2},
		"the list of an apply":       {changed.Fresh().KeepingAbsent(), 3},
		"what another read has seen": {func() *account.Account { a := plan(); reads(a); return a.KeepingAbsent() }(), 0},
	} {
		if got := reads(c.a); got != c.want {
			t.Errorf("%s: %d requests, want %d", name, got, c.want)
		}
	}

	// It was created since, and a read that waits for it has found it.
	a := plan()
	keeping := a.KeepingAbsent()
	reads(keeping)
	show := newFake(describeInterfaces, "NetworkInterfaceId", "networkInterfaceSet", 1, func(int) (string, string) {
		return missing, "<networkInterfaceId>" + missing + "</networkInterfaceId>"
	})
	l.set(func() {
		l.answers = func(form url.Values) (int, string) {
			if form.Get("Action") == describeInterfaces {
				return http.StatusOK, show.answer(form)
			}
			return 0, ""
		}
	})
	if _, err := keeping.Interface(ctx, missing); !account.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	must(a.Interface(ctx, missing))(t)
	must(keeping.Interface(ctx, missing))(t)
}

// A plan asks once whether it may describe a kind of object. Every read and every listing gets
// the refusal. An apply, and what waits for a change, asks anew.
func TestMemory_denied(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	filter := l.filters(1, nil)[0]
	reads := func(a *account.Account) int {
		l.total()
		for n, read := range []func() error{
			func() error { _, err := a.Interface(ctx, eni); return err },
			func() error { _, err := a.Interfaces(ctx); return err },
			func() error { _, err := a.LoadBalancerInterfaces(ctx, "arn:aws:elasticloadbalancing:x"); return err },
			func() error { _, err := a.Rule(ctx, filter.Rules[0].ID); return err },
			func() error { _, err := a.TaggedRules(ctx); return err },
		} {
			if err := read(); !account.IsDenied(err) {
				t.Errorf("read %d: %v", n, err)
			}
		}
		return l.total()
	}
	run := func() *account.Account {
		a := l.open()
		must(refreshed(ctx, a, a.Filter, filter.ID))(t)
		return a
	}
	plan, changed := run(), run()
	must(changed.CreateFilter(ctx, "", nil, account.NewToken()))(t)
	l.denies(describeInterfaces, describeRules)
	if n := reads(plan); n != 2 {
		t.Errorf("%d requests of a plan", n)
	}
	if n := reads(plan); n != 0 {
		t.Errorf("%d requests later", n)
	}
	for name, a := range map[string]*account.Account{"live": plan.Live(), "an apply": changed} {
		if n := reads(a); n != 5 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
	l.set(func() { l.answers = nil })
	must(plan.Live().Interface(ctx, eni))(t)
	if _, err := plan.CreateFilter(ctx, "", nil, account.NewToken()); err != nil {
		t.Fatal(err)
	}
	must(plan.Interface(ctx, eni))(t)
	must(plan.Rule(ctx, filter.Rules[0].ID))(t)
}
