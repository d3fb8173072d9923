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
