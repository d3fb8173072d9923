package account_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// May makes no change, whichever call it asks about, and its answer says whether the call
// is permitted.
func TestMay(t *testing.T) {
	t.Parallel()
	a, _ := serve(t, failure{})
	ctx := t.Context()
	target := must(a.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, map[string]string{"a": "1"}, account.NewToken()))(t).Noun
	filter := must(a.CreateFilter(ctx, "", nil, account.NewToken()))(t).Noun
	rule := must(a.CreateRule(ctx, ingress(filter.ID, 1), nil, account.NewToken()))(t).Noun
	session := must(a.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: target.ID, FilterID: filter.ID, Number: 1}, nil, account.NewToken()))(t).Noun
	moved := session
	moved.Number = 2
	renumbered := rule
	renumbered.Number = 2
	for name, change := range map[string]func(context.Context, *account.Account) error{
		"CreateTarget": func(ctx context.Context, a *account.Account) error {
			_, err := a.CreateTarget(ctx, mirror.Target{LoadBalancerARN: sensors}, nil, account.NewToken())
			return err
		},
		"CreateFilter": func(ctx context.Context, a *account.Account) error {
			_, err := a.CreateFilter(ctx, "", nil, account.NewToken())
			return err
		},
		"CreateRule": func(ctx context.Context, a *account.Account) error {
			_, err := a.CreateRule(ctx, ingress(filter.ID, 3), nil, account.NewToken())
			return err
		},
		"CreateSession": func(ctx context.Context, a *account.Account) error {
			_, err := a.CreateSession(ctx, moved, nil, account.NewToken())
			return err
		},
		"ModifyRule": func(ctx context.Context, a *account.Account) error {
			_, err := a.ModifyRule(ctx, renumbered)
			return err
		},
		"ModifySession": func(ctx context.Context, a *account.Account) error {
			_, err := a.ModifySession(ctx, session, moved, false)
			return err
		},
		"ModifyServices": func(ctx context.Context, a *account.Account) error {
			return a.ModifyServices(ctx, filter, []mirror.NetworkService{mirror.AmazonDNS})
		},
		"SetTags": func(ctx context.Context, a *account.Account) error {
			return a.SetTags(ctx, mirror.KindTarget, target.ID, map[string]string{"a": "2"})
		},
		"RemoveTags": func(ctx context.Context, a *account.Account) error {
			return a.RemoveTags(ctx, mirror.KindTarget, target.ID, []string{"a"})
		},
		"DeleteRule": func(ctx context.Context, a *account.Account) error { return a.DeleteRule(ctx, rule.ID, time.Time{}) },
		"DeleteSession": func(ctx context.Context, a *account.Account) error {
			return a.DeleteSession(ctx, session.ID, time.Time{})
		},
	} {
		if err := a.May(ctx, change); !account.IsPermitted(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := must(a.Target(ctx, target.ID))(t); got.Noun != target || got.Tags["a"] != "1" {
		t.Errorf("Target: %+v", got)
	}
	if got := must(a.Mirror(ctx, eni))(t); len(got) != 1 || got[0].Number != 1 || len(got[0].Filter.Rules) != 1 || got[0].Filter.Rules[0].Number != 1 || got[0].Filter.NetworkServices != nil {
		t.Errorf("Mirror: %+v", got)
	}
	if got := must(a.Targets(ctx))(t); len(got) != 1 {
		t.Errorf("Targets: %+v", got)
	}
	if got := must(a.Filters(ctx))(t); len(got) != 1 {
		t.Errorf("Filters: %+v", got)
	}
}

// What EC2 answers to a DryRun is one of three things, and an endpoint that ignores DryRun
// is found out by a request that changes nothing.
func TestMay_answers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer                    failure
		isPermitted, isDenied, ok bool
	}{
		"permitted": {refusal("DescribeTrafficMirrorTargets", http.StatusPreconditionFailed, "DryRunOperation"), true, false, false},
		"denied":    {refusal("DescribeTrafficMirrorTargets", http.StatusForbidden, "UnauthorizedOperation"), false, true, false},
		"busy":      {refusal("DescribeTrafficMirrorTargets", http.StatusServiceUnavailable, "RequestLimitExceeded"), false, false, false},
		"ignored":   {empty("DescribeTrafficMirrorTargets"), false, false, true},
	} {
		a, _ := serve(t, c.answer)
		err := a.HonoursDryRun(t.Context())
		if account.IsPermitted(err) != c.isPermitted || account.IsDenied(err) != c.isDenied || (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The account in a Region is made once, and each Region has its own.
func TestRegions(t *testing.T) {
	t.Parallel()
	regions := account.NewRegions(configOf("http://127.0.0.1:1"), account.Options{Partition: "aws", AccountID: "123456789012"})
	home, other := regions.In(""), regions.In("eu-west-1")
	if home.Region != "us-east-1" || other.Region != "eu-west-1" || regions.In("us-east-1") != home || regions.In("eu-west-1") != other {
		t.Errorf("home %p in %s, other %p in %s", home, home.Region, other, other.Region)
	}
	if got, want := other.ARN(mirror.KindFilter, "", "tmf-1"), "arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-filter/tmf-1"; got != want {
		t.Errorf("ARN %s, want %s", got, want)
	}
}
