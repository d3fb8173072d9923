package inventory_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestStatusOf(t *testing.T) {
	t.Parallel()
	session := mirror.Session{ID: "tms-1", InterfaceID: "eni-1", TargetID: "tmt-1"}
	working := func() inventory.SessionFacts {
		return inventory.SessionFacts{
			Source:        mirror.Source{Interface: mirror.Interface{ID: "eni-1", InstanceID: "i-1", Type: "interface"}, InstanceType: "m5.large"},
			InstanceState: "running",
			Target:        &mirror.Endpoint{Type: mirror.NetworkInterface},
			Receiver:      mirror.Receiver{Interface: mirror.Interface{ID: "eni-2", InstanceID: "i-2"}, InstanceState: "running"},
		}
	}
	balancer := func(listeners ...int) *mirror.Endpoint {
		return &mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: listeners}
	}
	for name, row := range map[string]struct {
		change func(*inventory.SessionFacts)
		want   inventory.Status
		reason string // a part of it
	}{
		"all is known":        {func(*inventory.SessionFacts) {}, inventory.Active, ""},
		"attached to nothing": {func(f *inventory.SessionFacts) { f.Source.Interface.InstanceID = ""; f.Source.InstanceType = "" }, inventory.SourceDetached, "eni-1 is attached to no instance"},
		"managed by a service": {func(f *inventory.SessionFacts) {
			f.Source.Interface.InstanceID = ""
			f.Source.Interface.RequesterManaged = true
			f.Source.Interface.RequesterID = "amazon-rds"
		}, inventory.Active, ""},
		"stopped":                 {func(f *inventory.SessionFacts) { f.InstanceState = "stopped" }, inventory.SourceStopped, "i-1 of eni-1 is stopped"},
		"terminated":              {func(f *inventory.SessionFacts) { f.InstanceState = "terminated" }, inventory.SourceStopped, "terminated"},
		"starting":                {func(f *inventory.SessionFacts) { f.InstanceState = "pending" }, inventory.Active, ""},
		"another type":            {func(f *inventory.SessionFacts) { f.Source.InstanceType = "t2.micro" }, inventory.SourceUnsupported, "t2.micro"},
		"no target":               {func(f *inventory.SessionFacts) { f.Target, f.TargetMissing = nil, true }, inventory.TargetGone, "tmt-1"},
		"no backing":              {func(f *inventory.SessionFacts) { f.Target.Gone = true }, inventory.TargetGone, "backs target tmt-1"},
		"no listener at all":      {func(f *inventory.SessionFacts) { f.Target = balancer(); f.Target.UDPListeners = []int{} }, inventory.NoListener, "UDP port 4789"},
		"another listener":        {func(f *inventory.SessionFacts) { f.Target = balancer(53) }, inventory.NoListener, "UDP port 4789"},
		"the listener":            {func(f *inventory.SessionFacts) { f.Target = balancer(53, 4789) }, inventory.Active, "it is not known whether an appliance is registered."},
		"listeners are not known": {func(f *inventory.SessionFacts) { f.Target = balancer() }, inventory.Active, "Of the load balancer of target tmt-1, it is not known whether it listens on UDP port 4789, and whether an appliance is registered. Elastic"},
		"no appliance":            {func(f *inventory.SessionFacts) { f.Target = balancer(4789); f.Target.Appliances = []netip.Addr{} }, inventory.NoReceiver, "The load balancer of target tmt-1 has no registered appliance."},
		"an endpoint that waits": {func(f *inventory.SessionFacts) {
			f.Receiver = mirror.Receiver{}
			f.Target = &mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, State: "pendingAcceptance"}
		}, inventory.NoReceiver, `What backs target tmt-1 is in the state "pendingAcceptance".`},
		"an endpoint": {func(f *inventory.SessionFacts) {
			f.Receiver = mirror.Receiver{}
			f.Target = &mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, State: "Available"}
		}, inventory.Active, "it is not known whether an appliance is registered."},
		"a listener for TCP": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners[0].Protocol = "TCP" })
		}, inventory.NoListener, "The load balancer of target tmt-1 does not listen on UDP port 4789, only on TCP 4789."},
		"nothing registered": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:0] })
		}, inventory.NoReceiver, "targetgroup/sensors/1, the target group of target tmt-1, has no registered target."},
		"none healthy": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets[0].Health = mirror.TargetUnhealthy })
		}, inventory.NoHealthy, "of target tmt-1, has no healthy target: i-3 is unhealthy. The load balancer then sends to all of them (it fails open), so copies may still arrive."},
		"no appliance in the zone of the source": {func(f *inventory.SessionFacts) { f.Target = fleet(); f.Source.Interface.Zone = "zone-b" }, inventory.NoZone,
			"The load balancer of target tmt-1 has cross-zone load balancing off, and no healthy appliance in zone-b. Copies from there probably do not reach a healthy appliance."},
		"the zone of the source is not known": {func(f *inventory.SessionFacts) { f.Target = fleet() }, inventory.Active, "no healthy appliance in zone-b."},
		"nothing is known of the source, and a zone has no appliance": {func(f *inventory.SessionFacts) {
			*f = inventory.SessionFacts{Target: fleet(), Unread: []string{"EC2 does not show eni-1"}}
		}, inventory.StatusUnknown, "EC2 does not show eni-1."},
		"the attributes are not known": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.CrossZone = nil })
			f.Source.Interface.Zone = "zone-b"
		}, inventory.Active, "it is not known whether the node that gets the copies sends to an appliance. Elastic Load Balancing and EC2 do not show it."},
		"the targets are not known": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = nil })
		}, inventory.Active, "it is not known whether an appliance is registered."},
		"an appliance in the zone of the source": {func(f *inventory.SessionFacts) { f.Target = fleet(); f.Source.Interface.Zone = "zone-a" }, inventory.Active, "it is not known whether the node that gets the copies sends to an appliance."},
		"an appliance in each zone": {func(f *inventory.SessionFacts) {
			f.Target, f.Source.Interface.Zone = fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.Targets = append(g.Targets, mirror.RegisteredTarget{ID: "i-4", Address: netip.MustParseAddr("10.0.0.2"), Zone: "zone-b", Health: mirror.TargetHealthy})
			}), "zone-a"
		}, inventory.Active, ""},
		"no appliance in any zone": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets[0].Zone = "zone-c" })
		}, inventory.NoReceiver, "no appliance that gets packets in its Availability Zones (zone-a and zone-b)."},
		"the source is the appliance": {func(f *inventory.SessionFacts) { f.Target = fleet(); f.Source.Interface.InstanceID = "i-3" }, inventory.NoReceiver,
			"of target tmt-1, has i-3 as a registered target, which is the source of the copies."},
		"the source is one of two appliances": {func(f *inventory.SessionFacts) {
			f.Target = fleet(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.CrossZone = "true"
				g.Targets = append(g.Targets, mirror.RegisteredTarget{ID: "i-1", Zone: "zone-b", Health: mirror.TargetHealthy})
			})
		}, inventory.NoHealthy, "A Network Load Balancer loses what it sends back to its source. Copies for the other appliances arrive."},
		"the sensor is detached": {func(f *inventory.SessionFacts) { f.Receiver.Interface.InstanceID = "" }, inventory.NoReceiver, "eni-2, the interface of target tmt-1, is attached to no instance"},
		"the sensor is stopped":  {func(f *inventory.SessionFacts) { f.Receiver.InstanceState = "stopped" }, inventory.NoReceiver, "eni-2, the interface of target tmt-1, is attached to i-2, which is stopped"},
		"the sensor starts":      {func(f *inventory.SessionFacts) { f.Receiver.InstanceState = "pending" }, inventory.Active, ""},
		"the sensor is not known": {func(f *inventory.SessionFacts) {
			f.Receiver.InstanceState, f.UnreadReceiver = "", []string{"EC2 does not show i-2"}
		}, inventory.Active, "EC2 does not show i-2. Whether anything receives the copies for target tmt-1 is not known."},
		"nothing is known": {func(f *inventory.SessionFacts) {
			*f = inventory.SessionFacts{Unread: []string{"EC2 does not show eni-1"}}
		}, inventory.StatusUnknown, "EC2 does not show eni-1."},
		"what is known is enough": {func(f *inventory.SessionFacts) {
			f.InstanceState = "stopped"
			f.Unread = []string{"EC2 does not show tmt-1"}
		}, inventory.SourceStopped, "stopped"},
		"two reasons, the first one": {func(f *inventory.SessionFacts) { f.InstanceState = "stopped"; f.Target.Gone = true }, inventory.SourceStopped, "stopped"},
	} {
		facts := working()
		row.change(&facts)
		status, reason := inventory.StatusOf(session, facts)
		if status != row.want || !strings.Contains(reason, row.reason) || row.reason == "" && reason != "" {
			t.Errorf("%s: %s, %q; want %s, %q", name, status, reason, row.want, row.reason)
		}
		if reason != "" && !strings.HasSuffix(reason, ".") {
			t.Errorf("%s: %q is no sentence", name, reason)
		}
	}
}

// Every status has a meaning, which the documentation shows.
func TestStatuses(t *testing.T) {
	t.Parallel()
	seen := map[inventory.Status]bool{}
	for _, s := range inventory.Statuses {
		if s.Meaning == "" || seen[s.Status] {
			t.Errorf("%s stands twice or has no meaning", s.Status)
		}
		seen[s.Status] = true
	}
	if len(seen) != 11 {
		t.Errorf("%d statuses, want 11", len(seen))
	}
}

// fleet returns a target behind a load balancer with nodes in zone-a and zone-b, and an appliance
// in zone-a.
func fleet(options ...func(*mirror.LoadBalancer, *mirror.TargetGroup)) *mirror.Endpoint {
	const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/sensors/1"
	lb := mirror.LoadBalancer{
		ARN: "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/1", Type: mirror.NetworkBalancer, State: "active", CrossZone: new(bool),
		Zones:     []mirror.LoadBalancerZone{{Zone: "zone-a"}, {Zone: "zone-b"}},
		Listeners: []mirror.Listener{{Protocol: "UDP", Port: 4789, TargetGroups: []string{arn}}},
	}
	group := mirror.TargetGroup{CrossZone: mirror.UseBalancerCrossZone, ARN: arn, Targets: []mirror.RegisteredTarget{{ID: "i-3", Address: netip.MustParseAddr("10.0.0.1"), Zone: "zone-a", Health: mirror.TargetHealthy}}}
	for _, change := range options {
		change(&lb, &group)
	}
	e := &mirror.Endpoint{Type: mirror.NetworkLoadBalancer}
	e.SetLoadBalancer(lb, []mirror.TargetGroup{group})
	return e
}
