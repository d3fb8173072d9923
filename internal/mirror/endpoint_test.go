package mirror_test

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

const (
	groupA = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/0000000000000001"
	groupB = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/b/0000000000000002"
)

func listener(protocol string, port int, groups ...string) mirror.Listener {
	return mirror.Listener{Protocol: protocol, Port: port, TargetGroups: groups}
}

// group returns a target group with one target for each health: 10.0.0.1 and so on.
func group(arn string, healths ...string) mirror.TargetGroup {
	g := mirror.TargetGroup{ARN: arn, CrossZone: mirror.UseBalancerCrossZone, Targets: []mirror.RegisteredTarget{}}
	address := netip.MustParseAddr("10.0.0.1")
	for _, h := range healths {
		g.Targets = append(g.Targets, mirror.RegisteredTarget{ID: address.String(), Address: address, Health: h})
		address = address.Next()
	}
	return g
}

func addresses(texts ...string) []netip.Addr {
	all := []netip.Addr{}
	for _, t := range texts {
		all = append(all, netip.MustParseAddr(t))
	}
	return all
}

func TestCopyPort(t *testing.T) {
	t.Parallel()
	if mirror.CopyPort != packet.VXLANPort {
		t.Errorf("copies go to port %d, and VXLAN is port %d", mirror.CopyPort, packet.VXLANPort)
	}
}

func TestEndpoint_SetLoadBalancer(t *testing.T) {
	t.Parallel()
	unknownTargets := mirror.TargetGroup{ARN: groupA}
	noAddress := mirror.TargetGroup{ARN: groupA, Targets: []mirror.RegisteredTarget{{ID: "i-00000000000000001", Health: mirror.TargetHealthy}}}
	for name, test := range map[string]struct {
		kind       mirror.LoadBalancerType
		state      string
		listeners  []mirror.Listener
		groups     []mirror.TargetGroup
		ports      []int
		appliances []netip.Addr
		reached    []string // nil: unknown
		down       bool
	}{
		"listeners unknown": {groups: []mirror.TargetGroup{group(groupA, "healthy")}},
		"no listener":       {listeners: []mirror.Listener{}, groups: []mirror.TargetGroup{group(groupA, "healthy")}, ports: []int{}, appliances: addresses(), reached: []string{}},
		"other listeners": {
			listeners: []mirror.Listener{listener("TCP", 4789, groupA), listener("UDP", 53, groupA), listener("TLS", 443, groupA), listener("TCP_QUIC", 444, groupA)},
			groups:    []mirror.TargetGroup{group(groupA, "healthy")}, ports: []int{53}, appliances: addresses(), reached: []string{},
		},
		"UDP":     {listeners: []mirror.Listener{listener("UDP", 4789, groupA)}, groups: []mirror.TargetGroup{group(groupB, "healthy"), group(groupA, "healthy", "healthy")}, ports: []int{4789}, appliances: addresses("10.0.0.1", "10.0.0.2"), reached: []string{groupA}},
		"TCP_UDP": {listeners: []mirror.Listener{listener("TCP_UDP", 4789, groupA)}, groups: []mirror.TargetGroup{group(groupA, "healthy")}, ports: []int{4789}, appliances: addresses("10.0.0.1"), reached: []string{groupA}},
		"two groups, one address in both": {
			listeners: []mirror.Listener{listener("UDP", 4789, groupB, groupA)}, groups: []mirror.TargetGroup{group(groupA, "healthy"), group(groupB, "healthy", "healthy")},
			ports: []int{4789}, appliances: addresses("10.0.0.1", "10.0.0.2"), reached: []string{groupB, groupA},
		},
		"one group unknown": {
			listeners: []mirror.Listener{listener("UDP", 4789, groupA, groupB)}, groups: []mirror.TargetGroup{group(groupA, "healthy")}, ports: []int{4789},
		},
		"targets unknown": {listeners: []mirror.Listener{listener("UDP", 4789, groupA)}, groups: []mirror.TargetGroup{unknownTargets}, ports: []int{4789}, reached: []string{groupA}},
		"address unknown": {listeners: []mirror.Listener{listener("UDP", 4789, groupA)}, groups: []mirror.TargetGroup{noAddress}, ports: []int{4789}, reached: []string{groupA}},
		"no target":       {listeners: []mirror.Listener{listener("UDP", 4789, groupA)}, groups: []mirror.TargetGroup{group(groupA)}, ports: []int{4789}, appliances: addresses(), reached: []string{groupA}},
		"no target group": {listeners: []mirror.Listener{listener("UDP", 4789)}, ports: []int{4789}, appliances: addresses(), reached: []string{}},
		"gateway":         {kind: mirror.GatewayBalancer, listeners: []mirror.Listener{listener("", 0, groupA)}, groups: []mirror.TargetGroup{group(groupA, "healthy", "unhealthy")}, appliances: addresses("10.0.0.1"), reached: []string{groupA}},
		"gateway, GENEVE": {kind: mirror.GatewayBalancer, listeners: []mirror.Listener{listener("GENEVE", 6081, groupA)}, groups: []mirror.TargetGroup{group(groupA, "healthy")}, appliances: addresses("10.0.0.1"), reached: []string{groupA}},
		"gateway, no listener": {
			kind: mirror.GatewayBalancer, listeners: []mirror.Listener{}, groups: []mirror.TargetGroup{group(groupA, "healthy")}, appliances: addresses(), reached: []string{},
		},
		"failed":         {state: "failed", down: true},
		"provisioning":   {state: "provisioning", down: true},
		"active":         {state: "active"},
		"partly working": {state: "active_impaired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.kind == "" {
				test.kind = mirror.NetworkBalancer
			}
			var e mirror.Endpoint
			e.SetLoadBalancer(mirror.LoadBalancer{ARN: "arn", Type: test.kind, State: test.state, Listeners: test.listeners}, test.groups)
			var reached []string
			if e.TargetGroups != nil {
				reached = []string{}
			}
			for _, g := range e.TargetGroups {
				reached = append(reached, g.ARN)
			}
			for field, got := range map[string][2]any{
				"UDPListeners": {e.UDPListeners, test.ports}, "Appliances": {e.Appliances, test.appliances},
				"TargetGroups": {reached, test.reached}, "Down": {e.Down != "", test.down}, "LoadBalancer": {e.LoadBalancer.ARN, "arn"},
			} {
				if !reflect.DeepEqual(got[0], got[1]) {
					t.Errorf("%s is %#v, want %#v", field, got[0], got[1])
				}
			}
		})
	}
}

// What the load balancer does not show may be known from elsewhere.
func TestEndpoint_SetLoadBalancer_keepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	e := mirror.Endpoint{UDPListeners: []int{4789}, Appliances: addresses("10.0.0.9")}
	e.SetLoadBalancer(mirror.LoadBalancer{ARN: "arn", Type: mirror.NetworkBalancer}, nil)
	if len(e.UDPListeners) != 1 || len(e.Appliances) != 1 {
		t.Errorf("listeners %v and appliances %v, although the load balancer does not show its own", e.UDPListeners, e.Appliances)
	}
	e.SetLoadBalancer(mirror.LoadBalancer{
		ARN: "arn", Type: mirror.NetworkBalancer, Listeners: []mirror.Listener{listener("UDP", 4789, groupA)},
	}, []mirror.TargetGroup{{ARN: groupA}})
	if len(e.Appliances) != 1 {
		t.Errorf("appliances %v, although the target group does not show its own", e.Appliances)
	}
}

func TestTargetGroup_Receiving(t *testing.T) {
	t.Parallel()
	const of = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
	for name, test := range map[string]struct {
		healths []string
		count   string
		percent string
		want    []string
	}{
		"healthy ones":                     {healths: []string{"healthy", "unhealthy", "initial", "unhealthy.draining", "healthy"}, want: []string{"10.0.0.1", "10.0.0.5"}},
		"none is healthy":                  {healths: []string{"unhealthy", "initial", "unhealthy.draining"}, want: []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}},
		"a gateway fails open too (A0215)": {healths: []string{"unhealthy"}, want: []string{"10.0.0.1"}},
		"leaving and unused":               {healths: []string{"draining", "unused"}},
		"leaving beside unhealthy":         {healths: []string{"draining", "unhealthy", "unused"}, want: []string{"10.0.0.2"}},
		"health unknown":                   {healths: []string{"", "unavailable", "unhealthy"}, want: []string{"10.0.0.1", "10.0.0.2"}},
		"fewer than the count":             {healths: []string{"healthy", "unhealthy"}, count: "2", want: []string{"10.0.0.1", "10.0.0.2"}},
		"as many as the count":             {healths: []string{"healthy", "healthy", "unhealthy"}, count: "2", want: []string{"10.0.0.1", "10.0.0.2"}},
		"less than the percentage":         {healths: []string{"healthy", "unhealthy", "unhealthy"}, percent: "34", want: []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}},
		"the percentage":                   {healths: []string{"healthy", "unhealthy", "unhealthy"}, percent: "33", want: []string{"10.0.0.1"}},
		"percentage off":                   {healths: []string{"healthy", "unhealthy"}, count: "1", percent: "off", want: []string{"10.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := group(groupA, test.healths...)
			g.Attributes = map[string]string{of + "count": test.count, of + "percentage": test.percent}
			receiving, isKnown := g.Receiving()
			var got []string
			for _, r := range receiving {
				got = append(got, r.ID)
			}
			if !isKnown || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%v (known: %v), want %v", got, isKnown, test.want)
			}
		})
	}
	if _, isKnown := (mirror.TargetGroup{}).Receiving(); isKnown {
		t.Error("targets that are unknown count as none")
	}
}
