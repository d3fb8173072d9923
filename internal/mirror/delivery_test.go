package mirror_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const (
	balancerARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	groupARN    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/sensors/0123456789abcdef"
)

// fleet is an endpoint behind a Network Load Balancer with nodes in us-east-1a and us-east-1b and
// a healthy appliance in each.
func fleet(options ...func(*mirror.LoadBalancer, *mirror.TargetGroup)) mirror.Endpoint {
	lb := mirror.LoadBalancer{
		ARN: balancerARN, Type: mirror.NetworkBalancer, State: "active", CrossZone: new(bool),
		Zones:     []mirror.LoadBalancerZone{{Zone: "us-east-1a"}, {Zone: "us-east-1b"}},
		Listeners: []mirror.Listener{{Protocol: "UDP", Port: 4789, TargetGroups: []string{groupARN}}},
	}
	group := mirror.TargetGroup{ARN: groupARN, CrossZone: mirror.UseBalancerCrossZone, Targets: []mirror.RegisteredTarget{
		{ID: "i-a", Address: netip.MustParseAddr("10.0.1.1"), Zone: "us-east-1a", Health: mirror.TargetHealthy},
		{ID: "i-b", Address: netip.MustParseAddr("10.0.2.1"), Zone: "us-east-1b", Health: mirror.TargetHealthy},
	}}
	for _, change := range options {
		change(&lb, &group)
	}
	e := mirror.Endpoint{Type: mirror.NetworkLoadBalancer}
	if lb.Type == mirror.GatewayBalancer {
		e.Type = mirror.GatewayLoadBalancerEndpoint
	}
	e.SetLoadBalancer(lb, []mirror.TargetGroup{group})
	return e
}

// health makes targets of zones and states, such as "a healthy".
func health(targets ...string) func(*mirror.LoadBalancer, *mirror.TargetGroup) {
	return func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
		g.Targets = []mirror.RegisteredTarget{}
		for i, text := range targets {
			zone, state, _ := strings.Cut(text, " ")
			t := mirror.RegisteredTarget{ID: fmt.Sprintf("i-%d", i), Address: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Zone: "us-east-1" + zone, Health: state}
			if state == mirror.TargetUnhealthy {
				t.Reason = "Target.FailedHealthChecks"
			}
			g.Targets = append(g.Targets, t)
		}
	}
}

func listeners(all ...mirror.Listener) func(*mirror.LoadBalancer, *mirror.TargetGroup) {
	return func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) {
		lb.Listeners = append([]mirror.Listener{}, all...)
	}
}

func crossZone(ofBalancer bool, ofGroup string) func(*mirror.LoadBalancer, *mirror.TargetGroup) {
	return func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) { lb.CrossZone, g.CrossZone = &ofBalancer, ofGroup }
}

func asGateway(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) {
	lb.Type, lb.Listeners = mirror.GatewayBalancer, []mirror.Listener{{TargetGroups: []string{groupARN}}}
}

// What is known to be wrong with a delivery is named, and what is not known is not.
func TestEndpoint_DeliveryProblems(t *testing.T) {
	t.Parallel()
	type endpoint = mirror.Endpoint
	const eni, nlb, gwlbe = mirror.NetworkInterface, mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint
	none := []netip.Addr{}
	inA := func(e endpoint) endpoint { e.Zone = "us-east-1a"; return e }
	for name, c := range map[string]struct {
		endpoint endpoint
		zone     string
		want     string // problems, each "kind", with "!" if no copy arrives, and then a part of its text
	}{
		"nothing is known of an interface": {endpoint{Type: eni}, "", ""},
		"nothing is known of a balancer":   {endpoint{Type: nlb}, "us-east-1a", ""},
		"nothing is known of an endpoint":  {endpoint{Type: gwlbe}, "us-east-1a", ""},
		"all is well":                      {fleet(), "us-east-1a", ""},

		"gone":                  {endpoint{Type: eni, Gone: true, Down: "is attached to no instance now"}, "", "target_gone! does not exist any more"},
		"not attached":          {endpoint{Type: eni, Down: "is attached to no instance now"}, "", "no_receiver! B is attached to no instance now. Nothing receives the copies."},
		"endpoint not accepted": {endpoint{Type: gwlbe, State: "pendingAcceptance"}, "", `no_receiver! B is in the state "pendingAcceptance".`},
		"endpoint available":    {endpoint{Type: gwlbe, State: "Available"}, "", ""},
		"failed":                {fleet(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.State = "failed" }), "", `no_receiver! sensors/0123456789abcdef is in the state "failed"`},

		"no listener":             {fleet(listeners()), "", "no_listener! sensors/0123456789abcdef does not listen on UDP port 4789. So no copy arrives"},
		"listener for TCP":        {fleet(listeners(mirror.Listener{Protocol: "TCP", Port: 4789}, mirror.Listener{Protocol: "UDP", Port: 4790})), "", "no_listener! only on TCP 4789 and UDP 4790."},
		"listener for both":       {fleet(listeners(mirror.Listener{Protocol: "TCP_UDP", Port: 4789, TargetGroups: []string{groupARN}})), "", ""},
		"short form, no listener": {endpoint{Type: nlb, UDPListeners: []int{53}, Appliances: none}, "", "no_listener! B does not listen on UDP port 4789, only on UDP 53."},
		"gateway has no port":     {inA(fleet(asGateway)), "", ""},
		"gateway, no listener":    {inA(fleet(asGateway, listeners())), "", "no_listener! sensors/0123456789abcdef has no listener."},

		"short form, no appliance": {endpoint{Type: nlb, UDPListeners: []int{4789}, Appliances: none}, "", "no_appliance! B has no registered appliance."},
		"no group":                 {fleet(listeners(mirror.Listener{Protocol: "UDP", Port: 4789})), "", "no_appliance! has no target group for copies"},
		"no target":                {fleet(health()), "", "no_appliance! targetgroup/sensors/0123456789abcdef has no registered target."},
		"targets not known":        {fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = nil }), "us-east-1a", ""},
		"only leaving targets":     {fleet(health("a draining", "b unused")), "", "no_appliance! has no target that gets new flows: i-0 is draining and i-1 is unused. So no copy of a new flow arrives."},
		"none healthy": {
			fleet(health("a unhealthy", "b initial")), "us-east-1a",
			"no_healthy_appliance has no healthy target: i-0 is unhealthy (Target.FailedHealthChecks) and i-1 is initial. The load balancer then sends to all of them",
		},
		"health not known": {fleet(health("a ", "b unavailable")), "us-east-1a", ""},
		"many":             {fleet(health("a initial", "a initial", "a initial", "a initial", "a initial", "b initial")), "", "no_healthy_appliance i-3 is initial and 2 more."},

		"zone without appliance":             {fleet(health("b healthy")), "us-east-1a", "zone_without_appliance cross-zone load balancing off, and no healthy appliance in us-east-1a."},
		"zone with unhealthy appliances":     {fleet(health("a unhealthy", "b healthy")), "us-east-1a", "zone_without_appliance no healthy appliance in us-east-1a."},
		"zone with an appliance":             {fleet(health("b healthy")), "us-east-1b", ""},
		"zone without node":                  {fleet(health("b healthy")), "us-east-1c", "zone_without_appliance off, no node in us-east-1c, and no healthy appliance in us-east-1a."},
		"zone without node, all nodes serve": {fleet(), "us-east-1c", ""},
		"zone not known":                     {fleet(health("b healthy")), "", "zone_without_appliance no healthy appliance in us-east-1a."},
		"no node has an appliance":           {fleet(health("c healthy")), "us-east-1c", "zone_without_appliance! in its Availability Zones (us-east-1a and us-east-1b)"},
		"zones in any order":                 {fleet(health("c healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { slices.Reverse(lb.Zones) }), "us-east-1c", "zone_without_appliance! in its Availability Zones (us-east-1a and us-east-1b)"},
		"cross-zone on":                      {fleet(health("b healthy"), crossZone(true, "use_load_balancer_configuration")), "us-east-1a", ""},
		"cross-zone on of the group":         {fleet(health("b healthy"), crossZone(false, "true")), "us-east-1a", ""},
		"cross-zone off of the group":        {fleet(health("b healthy"), crossZone(true, "false")), "us-east-1a", "zone_without_appliance targetgroup/sensors/0123456789abcdef has cross-zone load balancing off, and no healthy appliance in us-east-1a."},
		"attributes of the group not known":  {fleet(health("b healthy"), crossZone(true, "")), "us-east-1a", ""},
		"name of a zone not known":           {fleet(health("b healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones[0].Zone = "" }), "us-east-1a", ""},
		"a node may be in the zone":          {fleet(health("c healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones[0].Zone = "" }), "us-east-1a", ""},
		"no names of zones":                  {fleet(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones = []mirror.LoadBalancerZone{{}, {}} }), "us-east-1a", ""},
		"zones not known":                    {fleet(health("a healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones = nil }), "us-east-1b", ""},
		"cross-zone not known":               {fleet(health("b healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.CrossZone = nil }), "us-east-1a", ""},
		"target in all zones": {fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.Targets = g.Targets[:1]
			g.Targets[0].Zone = "all"
		}), "us-east-1b", ""},
		"zone of a target not known":        {fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:1]; g.Targets[0].Zone = "" }), "us-east-1b", ""},
		"of a gateway, the endpoint's zone": {inA(fleet(asGateway, health("b healthy"))), "us-east-1b", "zone_without_appliance no healthy appliance in us-east-1a."},
		"unhealthy and another zone":        {fleet(health("b unhealthy")), "us-east-1a", "no_healthy_appliance i-0 is unhealthy\nzone_without_appliance no healthy appliance in us-east-1a."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range c.endpoint.DeliveryProblems(c.zone) {
				mark := ""
				if p.Loses {
					mark = "!"
				}
				got = append(got, fmt.Sprintf("%s%s %s", p.Kind, mark, p.Text("B")))
				if p.Fix == "" {
					t.Errorf("%s has no fix", p.Kind)
				}
			}
			wants := strings.FieldsFunc(c.want, func(r rune) bool { return r == '\n' })
			if len(got) != len(wants) {
				t.Fatalf("got %q, want %q", got, wants)
			}
			for i, want := range wants {
				kind, text, _ := strings.Cut(want, " ")
				if !strings.HasPrefix(got[i], kind+" ") || !strings.Contains(got[i], text) {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
			if _, loses := c.endpoint.Loss(c.zone); loses != strings.Contains(c.want, "!") {
				t.Errorf("loses: %t", loses)
			}
		})
	}
}

// With cross-zone load balancing off, copies go to the appliances in the zone of the source
// (A0219), or to all if it is not known which node gets them.
func TestEndpoint_AppliancesFor(t *testing.T) {
	t.Parallel()
	both, inB := "[10.0.1.1 10.0.2.1]", "[10.0.2.1]"
	for name, c := range map[string]struct {
		endpoint mirror.Endpoint
		zone     string
		want     string
		only     string
	}{
		"zone of the source (A0219)": {fleet(), "us-east-1b", inB, "us-east-1b"},
		"zone not known":             {fleet(), "", both, ""},
		"zone without node":          {fleet(), "us-east-1c", both, ""},
		"cross-zone on":              {fleet(crossZone(true, mirror.UseBalancerCrossZone)), "us-east-1b", both, ""},
		"zone without appliances":    {fleet(health("b healthy")), "us-east-1a", "[10.0.0.0]", ""},
		"cross-zone not known":       {fleet(crossZone(true, "")), "us-east-1b", "[]", ""},
		"not known, all are there":   {fleet(health("b healthy", "b healthy"), crossZone(true, "")), "us-east-1b", "[10.0.0.0 10.0.0.1]", ""},
		"fails open in its zone":     {fleet(health("a healthy", "b unhealthy", "b unhealthy")), "us-east-1b", "[10.0.0.1 10.0.0.2]", "us-east-1b"},
		"not known":                  {mirror.Endpoint{Type: mirror.NetworkLoadBalancer}, "us-east-1a", "[]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, only := c.endpoint.AppliancesFor(c.zone)
			if fmt.Sprint(got) != c.want || only != c.only {
				t.Errorf("got %s, %q, want %s, %q", got, only, c.want, c.only)
			}
		})
	}
}

// What to do about a listener names the load balancer, the listener to change, and the target group to
// forward to, as far as they are known.
func TestEndpoint_listenerFix(t *testing.T) {
	t.Parallel()
	const listenerARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/sensors/0123456789abcdef/0000000000000001"
	on := func(protocol string, port int) mirror.Endpoint {
		return fleet(listeners(mirror.Listener{ARN: listenerARN, Protocol: protocol, Port: port}))
	}
	free := func(e mirror.Endpoint, arns ...string) mirror.Endpoint {
		e.FreeGroups = []mirror.TargetGroup{}
		for _, arn := range arns {
			e.FreeGroups = append(e.FreeGroups, mirror.TargetGroup{ARN: arn})
		}
		return e
	}
	create := "Create a listener of " + balancerARN + " with protocol UDP and port 4789 that forwards to "
	for name, c := range map[string]struct {
		endpoint mirror.Endpoint
		want     string
	}{
		"none":                        {fleet(listeners()), create + "the target group of the appliances."},
		"none, and one target group":  {free(fleet(listeners()), groupARN), create + "the target group " + groupARN + "."},
		"none, and no target group":   {free(fleet(listeners())), create + "a new target group of the appliances, with protocol UDP."},
		"none, and two target groups": {free(fleet(listeners()), groupARN, "g2"), create + "the target group of the appliances. These are possible: " + groupARN + " and g2."},
		"many target groups":          {free(fleet(listeners()), "a", "b", "c", "d", "e", "f"), create + "the target group of the appliances. These are possible: a, b, c, d and 2 more."},
		"TCP":                         {free(on("TCP", 4789), groupARN), "Change the protocol of the listener " + listenerARN + " from TCP to UDP, and let it forward to the target group " + groupARN + "."},
		"another port":                {on("UDP", 4790), create + "the target group of the appliances, or change the port of the listener " + listenerARN + " from 4790 to 4789."},
		"TCP on another port":         {on("TCP", 80), create + "the target group of the appliances."},
		"listeners not shown":         {mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{}}, "Create a listener with protocol UDP and port 4789 that forwards to the target group of the appliances."},
		"forwards to nothing":         {on("UDP", 4789), "Let the listener " + listenerARN + " forward to the target group of the appliances."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.endpoint.DeliveryProblems("")[0].Fix; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A target group of another load balancer, of another VPC or with another protocol is none to forward
// to.
func TestLoadBalancer_CanForward(t *testing.T) {
	t.Parallel()
	lb := mirror.LoadBalancer{ARN: balancerARN, Type: mirror.NetworkBalancer, VPCID: "vpc-1"}
	gateway := mirror.LoadBalancer{ARN: balancerARN, Type: mirror.GatewayBalancer, VPCID: "vpc-1"}
	for _, c := range []struct {
		lb   mirror.LoadBalancer
		to   mirror.TargetGroup
		want bool
	}{
		{lb, mirror.TargetGroup{Protocol: "UDP", VPCID: "vpc-1"}, true},
		{lb, mirror.TargetGroup{Protocol: "TCP_UDP", VPCID: "vpc-1", LoadBalancers: []string{balancerARN}}, true},
		{lb, mirror.TargetGroup{Protocol: "UDP", VPCID: "vpc-1", LoadBalancers: []string{"other"}}, false},
		{lb, mirror.TargetGroup{Protocol: "UDP", VPCID: "vpc-2"}, false},
		{lb, mirror.TargetGroup{Protocol: "TCP", VPCID: "vpc-1"}, false},
		{lb, mirror.TargetGroup{Protocol: "GENEVE", VPCID: "vpc-1"}, false},
		{gateway, mirror.TargetGroup{Protocol: "GENEVE", VPCID: "vpc-1"}, true},
		{gateway, mirror.TargetGroup{Protocol: "UDP", VPCID: "vpc-1"}, false},
	} {
		if got := c.lb.CanForward(c.to); got != c.want {
			t.Errorf("%s to %+v: %t", c.lb.Type, c.to, got)
		}
	}
}
