package mirror_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A load balancer shares the flows out among the target groups of a listener. What one of them lacks is not lost as a whole.
func TestEndpoint_DeliveryProblems_severalGroups(t *testing.T) {
	t.Parallel()
	unread := mirror.TargetGroup{ARN: "b", CrossZone: mirror.UseBalancerCrossZone}
	of := func(arn string, targets ...string) mirror.TargetGroup {
		g := mirror.TargetGroup{ARN: arn, CrossZone: mirror.UseBalancerCrossZone}
		health(targets...)(nil, &g)
		return g
	}
	minimum := func(g mirror.TargetGroup) mirror.TargetGroup {
		g.Attributes = map[string]string{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "2"}
		return g
	}
	for name, test := range map[string]struct {
		groups []mirror.TargetGroup
		zone   string
		want   string // kinds, objects and what is lost
	}{
		"one is empty":                  {[]mirror.TargetGroup{of("a"), of("b", "a healthy", "b healthy")}, "us-east-1a", "no_appliance a some"},
		"both are empty":                {[]mirror.TargetGroup{of("a"), of("b", "a draining")}, "us-east-1a", "no_appliance a all, no_appliance b all"},
		"one is empty, one is not read": {[]mirror.TargetGroup{of("a"), unread}, "us-east-1a", "no_appliance a some"},
		"one is unhealthy":              {[]mirror.TargetGroup{of("a", "a healthy", "b healthy"), of("b", "a unhealthy", "b unhealthy")}, "us-east-1a", "no_healthy_appliance b some"},
		"fewer than the minimum":        {[]mirror.TargetGroup{minimum(of("a", "a healthy", "b unhealthy")), of("b", "a healthy", "b healthy")}, "us-east-1a", "no_healthy_appliance a some"},
		"as many as the minimum":        {[]mirror.TargetGroup{minimum(of("a", "a healthy", "b healthy", "b unhealthy")), of("b", "a healthy", "b healthy")}, "us-east-1a", ""},
		"each has one zone":             {[]mirror.TargetGroup{of("a", "a healthy"), of("b", "b healthy")}, "us-east-1a", "zone_without_appliance lb some"},
		"no node has an appliance":      {[]mirror.TargetGroup{of("a", "c healthy"), of("b", "c healthy")}, "us-east-1a", "zone_without_appliance lb all"},
		"one group is elsewhere":        {[]mirror.TargetGroup{of("a", "c healthy"), of("b", "a healthy", "b healthy")}, "us-east-1a", "zone_without_appliance lb some"},
		"the same, in the other order":  {[]mirror.TargetGroup{of("a", "a healthy", "b healthy"), of("b", "c healthy")}, "us-east-1a", "zone_without_appliance lb some"},
		"one is not read":               {[]mirror.TargetGroup{of("a", "c healthy"), unread}, "us-east-1a", "zone_without_appliance lb some"},
	} {
		lb := mirror.LoadBalancer{
			ARN: "lb", Type: mirror.NetworkBalancer, CrossZone: new(bool), Zones: []mirror.LoadBalancerZone{{Zone: "us-east-1a"}, {Zone: "us-east-1b"}},
			Listeners: []mirror.Listener{{Protocol: "UDP", Port: 4789, TargetGroups: []string{"a", "b"}}},
		}
		e := mirror.Endpoint{Type: mirror.NetworkLoadBalancer}
		for i := range test.groups {
			test.groups[i].ARN = string("ab"[i])
		}
		e.SetLoadBalancer(lb, test.groups)
		var got []string
		for _, p := range e.DeliveryProblems(test.zone) {
			got = append(got, fmt.Sprint(p.Kind, " ", p.Object, " ", map[bool]string{true: "all", false: "some"}[p.Loses]))
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

// What to do about one target group is not what to do about another.
func TestEndpoint_DeliveryProblems_fixes(t *testing.T) {
	t.Parallel()
	e := mirror.Endpoint{Type: mirror.NetworkLoadBalancer, TargetGroups: []mirror.TargetGroup{
		{ARN: "a", Targets: []mirror.RegisteredTarget{{ID: "i-1", Health: mirror.TargetUnused}}},
		{ARN: "b", Targets: []mirror.RegisteredTarget{}},
		{ARN: "c", Targets: []mirror.RegisteredTarget{{ID: "i-1", Health: mirror.TargetInitial}}},
		{ARN: "d", Targets: []mirror.RegisteredTarget{{ID: "i-1", Health: mirror.TargetInitial}, {ID: "i-2", Health: mirror.TargetUnhealthy}}},
	}}
	wants := []string{"Bring these targets back into service", "Register the appliances as targets of b.", "Wait until their first health checks have ended", "find out why the health check does not pass"}
	found := e.DeliveryProblems("")
	if len(found) != len(wants) {
		t.Fatalf("%+v", found)
	}
	for i, want := range wants {
		if !strings.Contains(found[i].Fix, want) {
			t.Errorf("%s: %q, want %q", found[i].Object, found[i].Fix, want)
		}
	}
}

// The target group that lacks an appliance is blamed, and not another one that has its own setting.
func TestEndpoint_DeliveryProblems_blame(t *testing.T) {
	t.Parallel()
	of := func(arn, crossZone string, targets ...string) mirror.TargetGroup {
		g := mirror.TargetGroup{ARN: arn, CrossZone: crossZone}
		health(targets...)(nil, &g)
		return g
	}
	for name, test := range map[string]struct {
		groups []mirror.TargetGroup
		want   string
	}{
		"the load balancer": {[]mirror.TargetGroup{of("a", "false", "a healthy", "b healthy"), of("b", mirror.UseBalancerCrossZone, "b healthy")}, "lb"},
		"the second group":  {[]mirror.TargetGroup{of("a", mirror.UseBalancerCrossZone, "a healthy", "b healthy"), of("b", "false", "b healthy")}, "b"},
	} {
		e := mirror.Endpoint{Type: mirror.NetworkLoadBalancer}
		e.SetLoadBalancer(mirror.LoadBalancer{
			ARN: "lb", Type: mirror.NetworkBalancer, CrossZone: new(bool), Zones: []mirror.LoadBalancerZone{{Zone: "us-east-1a"}, {Zone: "us-east-1b"}},
			Listeners: []mirror.Listener{{Protocol: "UDP", Port: 4789, TargetGroups: []string{"a", "b"}}},
		}, test.groups)
		found := e.DeliveryProblems("us-east-1a")
		if len(found) != 1 || found[0].Kind != mirror.DeliveryZone || found[0].Object != test.want {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// With cross-zone load balancing off, each zone fails open by itself.
func TestReceivingTargets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		endpoint mirror.Endpoint
		want     string
	}{
		"off":             {fleet(health("a unhealthy", "b healthy", "b unhealthy")), "i-0 i-1"},
		"on":              {fleet(health("a unhealthy", "b healthy", "b unhealthy"), crossZone(true, mirror.UseBalancerCrossZone)), "i-1"},
		"a zone is empty": {fleet(health("b healthy", "b unhealthy")), "i-0"},
		"no node there":   {fleet(health("a healthy", "c healthy")), "i-0"},
		"not known":       {fleet(health("a unhealthy", "b healthy"), crossZone(true, "")), "i-1"},
		"zones not known": {fleet(health("a unhealthy", "b healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones = nil }), "i-1"},
	} {
		all, isKnown := mirror.ReceivingTargets(&test.endpoint, test.endpoint.TargetGroups[0])
		var ids []string
		for _, r := range all {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != test.want || !isKnown || len(test.endpoint.Appliances) != len(ids) {
			t.Errorf("%s: %s, want %s; the appliances are %v", name, got, test.want, test.endpoint.Appliances)
		}
	}
	if _, isKnown := mirror.ReceivingTargets(&mirror.Endpoint{}, mirror.TargetGroup{}); isKnown {
		t.Error("targets that are unknown count as none")
	}
}
