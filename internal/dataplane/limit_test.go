package dataplane_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var appliance6 = netip.MustParseAddr("2001:db8:2::20")

func TestTruncation(t *testing.T) {
	t.Parallel()
	eni, nlb, gwlbe := mirror.NetworkInterface, mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint
	const whole = dataplane.Truncation(0)
	for _, test := range []struct {
		target       mirror.Endpoint
		packetLength int // 0: not set
		allowance    int
		length       int
		bytes        int
		by           dataplane.Truncation
		assumption   string
	}{
		// AWS documents 8947 bytes as the longest IPv4 packet that is not cut.
		// The Ethernet header is added to it.
		{mirror.Endpoint{Type: eni}, 0, 0, 8947 + 14, 8947 + 14, whole, ""},
		{mirror.Endpoint{Type: eni}, 0, 0, 8948 + 14, 8947 + 14, dataplane.ByTargetMTU, "A0105"},
		{mirror.Endpoint{Type: eni}, 0, 0, 8996 + 14, 8947 + 14, dataplane.ByTargetMTU, "A0105"},
		{mirror.Endpoint{Type: eni, MTU: 1500}, 0, 0, 1460, 1460, whole, ""},
		{mirror.Endpoint{Type: eni, MTU: 1500}, 0, 0, 1461, 1460, dataplane.ByTargetMTU, "A0105"},
		{mirror.Endpoint{Type: eni, MTU: 1500}, 0, 50, 1514, 1464, dataplane.ByTargetMTU, "A0105"},
		{mirror.Endpoint{Type: eni, MTU: 1500, Address: appliance6}, 0, 0, 1514, 1440, dataplane.ByTargetMTU, "A0105"},
		{mirror.Endpoint{Type: eni, MTU: 1500, Address: appliance6}, 0, 50, 1514, 1444, dataplane.ByTargetMTU, "A0105"},

		{mirror.Endpoint{Type: eni, MTU: 68}, 0, 0, 60, 28, dataplane.ByTargetMTU, "A0105"}, // the least

		// 8446 bytes of IPv4 and 8426 behind IPv6 are documented.
		{mirror.Endpoint{Type: gwlbe}, 0, 0, 8446 + 14, 8446 + 14, whole, ""},
		{mirror.Endpoint{Type: gwlbe}, 0, 0, 8447 + 14, 8446 + 14, dataplane.ByGatewayLoadBalancer, "A0106"},
		{mirror.Endpoint{Type: gwlbe, Address: appliance6}, 0, 0, 8447 + 14, 8426 + 14, dataplane.ByGatewayLoadBalancer, "A0106"},
		{mirror.Endpoint{Type: gwlbe, MTU: 1500}, 0, 0, 8000, 8000, whole, ""}, // MTU is only used for an interface

		{mirror.Endpoint{Type: nlb}, 0, 0, 8500, 8500, whole, ""},
		{mirror.Endpoint{Type: nlb}, 0, 0, 8501, 8500, dataplane.ByPacketLength, ""},
		{mirror.Endpoint{Type: nlb}, 100, 0, 8501, 100, dataplane.ByPacketLength, ""},
		{mirror.Endpoint{Type: nlb, MTU: 1500}, 0, 0, 8000, 8000, whole, ""},

		{mirror.Endpoint{Type: eni}, 128, 0, 128, 128, whole, ""},
		{mirror.Endpoint{Type: eni}, 128, 0, 129, 128, dataplane.ByPacketLength, ""},
		{mirror.Endpoint{Type: eni}, 1, 0, 1514, 1, dataplane.ByPacketLength, ""},

		// The lower limit cuts. If both are equal, the packet length does.
		{mirror.Endpoint{Type: eni, MTU: 1500}, 8500, 0, 9000, 1460, dataplane.ByTargetMTU, "A0105"},
		{mirror.Endpoint{Type: eni, MTU: 1500}, 1460, 0, 9000, 1460, dataplane.ByPacketLength, ""},
		{mirror.Endpoint{Type: gwlbe}, 8500, 0, 9000, 8460, dataplane.ByGatewayLoadBalancer, "A0106"},

		// A UDP datagram over IPv4 carries 65,535 bytes with the IPv4 header.
		{mirror.Endpoint{Type: eni, MTU: 70_000}, 0, 0, 65_499, 65_499, whole, ""},
		{mirror.Endpoint{Type: eni, MTU: 70_000}, 0, 0, 65_500, 65_499, dataplane.ByUDPDatagram, "A0107"},
		{mirror.Endpoint{Type: eni, MTU: 70_000, Address: appliance6}, 0, 0, 65_520, 65_519, dataplane.ByUDPDatagram, "A0107"},
	} {
		t.Run(fmt.Sprintf("%s,mtu=%d,cut=%d,allowance=%d,length=%d", test.target.Type, test.target.MTU, test.packetLength, test.allowance, test.length), func(t *testing.T) {
			t.Parallel()
			given := session(1, all()...)
			given.Target = test.target
			if test.packetLength != 0 {
				given.PacketLength = &test.packetLength
			}
			s, err := dataplane.New(testInterface(), []dataplane.Session{given}, dataplane.Options{EncapsulationAllowance: test.allowance})
			if err != nil {
				t.Fatal(err)
			}
			spec := tcp(peer, own, 40000, 443)
			spec.Length = test.length
			v := s.Process(decode(t, s, spec), "")
			if v.Bytes != test.bytes || v.TruncatedBy != test.by || v.Assumption.String() != test.assumption {
				t.Errorf("%d bytes, cut by %q (%s), not %d, cut by %q (%s)", v.Bytes, v.TruncatedBy, v.Assumption, test.bytes, test.by, test.assumption)
			}
		})
	}
}

// A copy that is lost stays with the session that took it.
func TestLostCopies(t *testing.T) {
	t.Parallel()
	none, some := []netip.Addr{}, []netip.Addr{appliance}
	for _, test := range []struct {
		name       string
		target     mirror.Endpoint
		reason     dataplane.Reason // 0: mirrored
		assumption string
	}{
		{"an interface that is gone", mirror.Endpoint{Type: mirror.NetworkInterface, Gone: true}, dataplane.TargetGone, "A0108"},
		{"a load balancer that is gone", mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Gone: true}, dataplane.TargetGone, "A0108"},
		{"an endpoint that is gone", mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, Gone: true}, dataplane.TargetGone, "A0108"},
		{"no listener at all", mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{}}, dataplane.NoUDPListener, "A0108"},
		{"a listener on another port", mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{53}}, dataplane.NoUDPListener, "A0108"},
		{"the listener among others", mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{53, 4789}, Appliances: some}, 0, ""},
		{"listeners that nobody stated", mirror.Endpoint{Type: mirror.NetworkLoadBalancer}, 0, ""},
		{"an endpoint has no listeners", mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, UDPListeners: []int{}}, 0, ""},
		{"no appliance behind a load balancer", mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Appliances: none}, dataplane.NoAppliance, "A0109"},
		{"no appliance behind an endpoint", mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, Appliances: none}, dataplane.NoAppliance, "A0109"},
		{"an interface without an instance", mirror.Endpoint{Type: mirror.NetworkInterface, Down: "is attached to no instance now"}, dataplane.NoReceiver, "A0108"},
		{"an endpoint that waits to be accepted", mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, State: "pendingAcceptance"}, dataplane.NoReceiver, "A0108"},
		{"gone before down", mirror.Endpoint{Type: mirror.NetworkInterface, Down: "is attached to no instance now", Gone: true}, dataplane.TargetGone, "A0108"},
		{"a listener of the load balancer for TCP", balanced(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners[0].Protocol = "TCP" }), dataplane.NoUDPListener, "A0108"},
		{"no registered target", balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:0] }), dataplane.NoAppliance, "A0109"},
		{"no node sends to a target", balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.Targets = g.Targets[:1]
			g.Targets[0].Zone = "zone-c"
		}), dataplane.NoAppliance, "A0109"},
		{"a healthy target", balanced(), 0, ""},
		{"an interface is its own appliance", mirror.Endpoint{Type: mirror.NetworkInterface, Appliances: none, UDPListeners: []int{}}, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			first := session(1, all()...)
			first.Target = test.target
			s := newSource(t, first, session(2, all()...))
			p := decode(t, s, tcp(peer, own, 40000, 443))
			v := s.Process(p, "")
			if test.reason == 0 {
				accepted(1, 1).check(t, v)
				return
			}
			want{dataplane.Lost, 1, 1, test.reason, test.assumption}.check(t, v)
			if v.Bytes != 0 {
				t.Errorf("%d bytes of a lost copy arrive", v.Bytes)
			}
		})
	}
}

// A verdict names what is not known about its target. Whatever is known, or makes no
// difference, is not named.
func TestUnknown(t *testing.T) {
	t.Parallel()
	eni, nlb, gwlbe := mirror.NetworkInterface, mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint
	some := []netip.Addr{appliance}
	for _, test := range []struct {
		name   string
		target mirror.Endpoint
		want   string
	}{
		{"interface", mirror.Endpoint{Type: eni}, `["target_mtu"]`},
		{"interface with MTU", mirror.Endpoint{Type: eni, MTU: 9001}, `[]`},
		{"load balancer", mirror.Endpoint{Type: nlb}, `["udp_listener","appliances"]`},
		{"load balancer with listener", mirror.Endpoint{Type: nlb, UDPListeners: []int{4789}}, `["appliances"]`},
		{"load balancer with appliances", mirror.Endpoint{Type: nlb, Appliances: some}, `["udp_listener"]`},
		{"load balancer with both", mirror.Endpoint{Type: nlb, UDPListeners: []int{4789}, Appliances: some}, `[]`},
		{"endpoint", mirror.Endpoint{Type: gwlbe}, `["appliances"]`},
		{"endpoint with appliances", mirror.Endpoint{Type: gwlbe, Appliances: some}, `[]`},
		{"lost for another reason", mirror.Endpoint{Type: nlb, UDPListeners: []int{}}, `[]`},
		{"gone", mirror.Endpoint{Type: eni, Gone: true}, `[]`},
		{"down", mirror.Endpoint{Type: eni, Down: "is attached to no instance now"}, `[]`},
		{"targets without known addresses", balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets[0].Address = netip.Addr{} }), `[]`},
		{"no healthy target: it fails open", balanced(allAre(mirror.TargetUnhealthy)), `["healthy_appliance"]`},
		{"health not known", balanced(allAre("")), `["healthy_appliance"]`},
		{"cross-zone not known, no target in the zone", balanced(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.CrossZone, g.Targets = nil, g.Targets[1:]
		}), `["appliance_zone"]`},
		{"no target in the zone of the source (A0219)", balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[1:] }), `["appliance_zone"]`},
		{"no target in another zone (A0219)", balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:1] }), `["appliance_zone"]`},
		{"a target in each zone", balanced(func(*mirror.LoadBalancer, *mirror.TargetGroup) {}), `[]`},
		{"no target in the zone, and cross-zone is on", balanced(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.CrossZone, g.Targets = new(true), g.Targets[1:]
		}), `[]`},
		{"one of two groups has no target", balanced(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) {
			lb.Listeners[0].TargetGroups = append(lb.Listeners[0].TargetGroups, "empty")
		}), `["appliances"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			given := session(1, accept(ingress, 1, any4, any4))
			given.Target = test.target
			iface := testInterface()
			iface.Zone = "zone-a"
			s, err := dataplane.New(iface, []dataplane.Session{given}, dataplane.Options{})
			if err != nil {
				t.Fatal(err)
			}
			tally := s.NewTally()
			v := tally.Process(decode(t, s, tcp(peer, own, 40000, 443)), "")
			if got, err := json.Marshal(v.Unknown); string(got) != test.want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
			counts := tally.Summary().Unknown
			for _, u := range dataplane.Unknowns {
				if (counts[u] == 1) != v.Unknown.Has(u) || len(counts) != len(v.Unknown.List()) {
					t.Errorf("the summary counts %v", counts)
				}
			}
			if missed := tally.Process(decode(t, s, tcp(own, peer, 40000, 443)), ""); missed.Unknown != 0 {
				t.Errorf("a packet that is not mirrored has %v", missed.Unknown.List())
			}
		})
	}
}

// balanced returns a target on a Network Load Balancer with nodes and healthy appliances in zone-a and
// zone-b. Cross-zone load balancing is off.
func balanced(options ...func(*mirror.LoadBalancer, *mirror.TargetGroup)) mirror.Endpoint {
	lb := mirror.LoadBalancer{
		ARN: "the load balancer", Type: mirror.NetworkBalancer, State: "active", CrossZone: new(bool), Zones: []mirror.LoadBalancerZone{{Zone: "zone-a"}, {Zone: "zone-b"}},
		Listeners: []mirror.Listener{{Protocol: "UDP", Port: 4789, TargetGroups: []string{"the group"}}},
	}
	group := mirror.TargetGroup{CrossZone: mirror.UseBalancerCrossZone, ARN: "the group", Targets: []mirror.RegisteredTarget{
		{ID: "i-a", Address: addr("10.0.3.1"), Zone: "zone-a", Health: mirror.TargetHealthy}, {ID: "i-b", Address: addr("10.0.3.2"), Zone: "zone-b", Health: mirror.TargetHealthy},
	}}
	for _, change := range options {
		change(&lb, &group)
	}
	e := mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Address: appliance}
	e.SetLoadBalancer(lb, []mirror.TargetGroup{group, {ARN: "empty", Targets: []mirror.RegisteredTarget{}}})
	return e
}

func allAre(health string) func(*mirror.LoadBalancer, *mirror.TargetGroup) {
	return func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
		for i := range g.Targets {
			g.Targets[i].Health = health
		}
	}
}
