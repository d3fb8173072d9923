package account_test

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Objects of another account, and one of this account that is backed by nothing.
const (
	foreignTarget = "tmt-0000000000000000f"
	foreign       = "210987654321"
)

// serveStale returns an account in the world, whose reads of an action show nothing that
// was written in the last hour. EC2 also has a target of another account.
func serveStale(t *testing.T, action string, options account.Options) *account.Account {
	t.Helper()
	file, err := topology.Parse([]byte(strings.TrimSuffix(world, "}") + `, "shared_targets": [{ "id": "` + foreignTarget + `", "owner_id": "` + foreign + `", "network_interface_id": "eni-000000000000000ff" }]}`))
	if err != nil {
		t.Fatal(err)
	}
	var faults []emulator.Fault
	if action != "" {
		if faults, err = emulator.ParseFaults(action + ":stale=1h"); err != nil {
			t.Fatal(err)
		}
	}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	options.Clock = &handClock{}
	return account.New(configOf(server.URL), options)
}

// Mirror shows what this run has made and changed, whichever of its reads is stale.
func TestMirror_stale(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"", "DescribeTrafficMirrorSessions", "DescribeTrafficMirrorTargets", "DescribeTrafficMirrorFilters", "*"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			// A write on old objects fails while what it needs is not shown: only reads are stale.
			if action == "*" {
				action = "DescribeTrafficMirrorSessions:stale=1h,DescribeTrafficMirrorTargets:stale=1h,DescribeTrafficMirrorFilters"
			}
			a := serveStale(t, action, account.Options{})
			ctx := t.Context()
			target := must(a.CreateTarget(ctx, mirror.Target{InterfaceID: eniAlone}, nil, account.NewToken()))(t).Noun
			filter := must(a.CreateFilter(ctx, "", nil, account.NewToken()))(t).Noun
			rule := must(a.CreateRule(ctx, ingress(filter.ID, 1), nil, account.NewToken()))(t).Noun
			session := must(a.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: target.ID, FilterID: filter.ID, Number: 1}, nil, account.NewToken()))(t).Noun
			check := func(what string, number int, action mirror.Action, services int) {
				t.Helper()
				got := must(a.Mirror(ctx, eni))(t)
				if len(got) != 1 || got[0].Number != number || got[0].Target.Address != netip.MustParseAddr("192.0.2.1") ||
					len(got[0].Filter.Rules) != 1 || got[0].Filter.Rules[0].Action != action || len(got[0].Filter.NetworkServices) != services {
					t.Errorf("%s: %+v", what, got)
				}
			}
			check("created", 1, mirror.Accept, 0)
			must(a.NumberSession(ctx, session, 2))(t)
			check("session changed", 2, mirror.Accept, 0)
			rule.Action = mirror.Reject
			must(a.ModifyRule(ctx, rule))(t)
			check("rule changed", 2, mirror.Reject, 0)
			if err := a.ModifyServices(ctx, filter, []mirror.NetworkService{mirror.AmazonDNS}); err != nil {
				t.Fatal(err)
			}
			check("filter changed", 2, mirror.Reject, 1)
			// The session goes to another target and another filter, both new.
			otherTarget := must(a.CreateTarget(ctx, mirror.Target{LoadBalancerARN: sensors}, nil, account.NewToken()))(t).Noun
			otherFilter := must(a.CreateFilter(ctx, "", nil, account.NewToken()))(t).Noun
			wanted := session
			wanted.Number, wanted.TargetID, wanted.FilterID = 2, otherTarget.ID, otherFilter.ID
			must(a.ModifySession(ctx, session, wanted, false))(t)
			if got := must(a.Mirror(ctx, eni))(t); len(got) != 1 || got[0].Target.Type != mirror.NetworkLoadBalancer || len(got[0].Filter.Rules) != 0 {
				t.Errorf("moved: %+v", got)
			}
		})
	}
}

// A target that another account shares is not gone because this account does not see
// what backs it.
func TestMirror_sharedTarget(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"A0131, with an account ID": topology.DefaultAccountID, "A0131, without one": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serveStale(t, "", account.Options{AccountID: id})
			ctx := t.Context()
			filter := must(a.CreateFilter(ctx, "", nil, account.NewToken()))(t).Noun
			must(a.CreateSession(ctx, mirror.Session{InterfaceID: eni, TargetID: foreignTarget, FilterID: filter.ID, Number: 1}, nil, account.NewToken()))(t)
			got := must(a.Mirror(ctx, eni))(t)
			if len(got) != 1 || got[0].Target.Gone || got[0].Target.Address.IsValid() || got[0].Target.Type != mirror.NetworkInterface {
				t.Errorf("the target is %+v", got)
			}
		})
	}
	own := mirror.Target{OwnerID: topology.DefaultAccountID, InterfaceID: "eni-00000000000000099"}
	a := serveStale(t, "", account.Options{AccountID: topology.DefaultAccountID})
	if got := must(a.Endpoint(t.Context(), own))(t); !got.Gone {
		t.Errorf("a target of this account, whose interface is gone, is %+v", got)
	}
}

// What EC2 does not show is asked of whoever knows it, and only where there is somebody to
// ask.
func TestEndpoint_facts(t *testing.T) {
	t.Parallel()
	on := mirror.Target{OwnerID: topology.DefaultAccountID, InterfaceID: eniAlone}
	if got := must(serveStale(t, "", account.Options{}).Endpoint(t.Context(), on))(t); got.MTU != 0 || got.UDPListeners != nil || got.Appliances != nil {
		t.Errorf("it is not known, and the endpoint is %+v", got)
	}
	a := serveStale(t, "", account.Options{TargetFacts: func(_ context.Context, region string, target mirror.Target, to *mirror.Endpoint) error {
		if region != "us-east-1" || target != on {
			t.Errorf("asked of %+v in %s", target, region)
		}
		to.MTU, to.UDPListeners = 1500, []int{4789}
		return nil
	}})
	if got := must(a.Endpoint(t.Context(), on))(t); got.MTU != 1500 || !slices.Equal(got.UDPListeners, []int{4789}) || got.Address != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("the endpoint is %+v", got)
	}
}
