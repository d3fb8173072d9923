package mirror_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A registered target is the source if it is its interface, its instance or its address. Only a Network Load
// Balancer that keeps the address of the source loses the copies.
func TestEndpoint_LoopsBack(t *testing.T) {
	t.Parallel()
	v4, v6 := netip.MustParseAddr("10.0.1.10"), netip.MustParseAddr("2001:db8::10")
	source := mirror.Interface{ID: "eni-1", InstanceID: "i-1", PrivateIPAddress: v4, IPv6Addresses: []netip.Addr{v6}}
	const nlb, gwlb = mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint
	for name, test := range map[string]struct {
		kind   mirror.TargetType
		source mirror.Interface
		target mirror.RegisteredTarget
		want   bool
	}{
		"its instance":                        {nlb, source, mirror.RegisteredTarget{ID: "i-1"}, true},
		"its interface":                       {nlb, source, mirror.RegisteredTarget{ID: "10.0.1.11", InterfaceID: "eni-1"}, true},
		"its address":                         {nlb, source, mirror.RegisteredTarget{ID: "10.0.1.10", Address: v4}, true},
		"its address, of another interface":   {nlb, source, mirror.RegisteredTarget{ID: "10.0.1.10", Address: v4, InterfaceID: "eni-2"}, false},
		"its address of another IP version":   {nlb, source, mirror.RegisteredTarget{ID: "2001:db8::10", Address: v6}, false},
		"another instance":                    {nlb, source, mirror.RegisteredTarget{ID: "i-2"}, false},
		"nothing is known":                    {nlb, mirror.Interface{}, mirror.RegisteredTarget{}, false},
		"behind a Gateway Load Balancer":      {gwlb, source, mirror.RegisteredTarget{ID: "i-1"}, false},
		"a network interface is not balanced": {mirror.NetworkInterface, source, mirror.RegisteredTarget{ID: "i-1"}, false},
	} {
		e := mirror.Endpoint{Type: test.kind, Address: netip.MustParseAddr("10.0.3.5")}
		if got := e.LoopsBack(test.source, mirror.TargetGroup{}, test.target); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// A source that is the only appliance loses every copy. Of several, it loses some.
func TestEndpoint_DeliveryProblemsFrom(t *testing.T) {
	t.Parallel()
	source := mirror.Interface{ID: "eni-1", InstanceID: "i-1", PrivateIPAddress: netip.MustParseAddr("10.0.1.10")}
	healthy := func(ids ...string) (all []mirror.RegisteredTarget) {
		for _, id := range ids {
			all = append(all, mirror.RegisteredTarget{ID: id, Health: mirror.TargetHealthy})
		}
		return all
	}
	group := func(targets []mirror.RegisteredTarget) mirror.TargetGroup {
		return mirror.TargetGroup{ARN: "arn", CrossZone: "true", Targets: targets}
	}
	out := healthy("i-1", "i-2")
	out[0].Health = mirror.TargetUnhealthy
	for name, test := range map[string]struct {
		change func(*mirror.Endpoint)
		want   string // by problem: its kind, with ! if it loses every copy
	}{
		"another one":     {func(e *mirror.Endpoint) { e.TargetGroups = []mirror.TargetGroup{group(healthy("i-2"))} }, ""},
		"the only one":    {func(e *mirror.Endpoint) { e.TargetGroups = []mirror.TargetGroup{group(healthy("i-1"))} }, "no_appliance!"},
		"one of two":      {func(e *mirror.Endpoint) { e.TargetGroups = []mirror.TargetGroup{group(healthy("i-1", "i-2"))} }, "no_appliance"},
		"one that is out": {func(e *mirror.Endpoint) { e.TargetGroups = []mirror.TargetGroup{group(out)} }, ""},
		"an IPv6 target group": {func(e *mirror.Endpoint) {
			e.TargetGroups = []mirror.TargetGroup{group(healthy("i-1"))}
			e.TargetGroups[0].IPAddressType = "ipv6"
		}, ""},
		"another group is unknown": {func(e *mirror.Endpoint) { e.TargetGroups = []mirror.TargetGroup{group(healthy("i-1")), group(nil)} }, "no_appliance"},
		"the only address":         {func(e *mirror.Endpoint) { e.Appliances = []netip.Addr{source.PrivateIPAddress} }, "no_appliance!"},
		"gone":                     {func(e *mirror.Endpoint) { e.Gone = true }, "target_gone!"},
	} {
		e := mirror.Endpoint{Type: mirror.NetworkLoadBalancer}
		test.change(&e)
		got := ""
		for _, p := range e.DeliveryProblemsFrom(source) {
			got += string(p.Kind)
			if p.Loses {
				got += "!"
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
