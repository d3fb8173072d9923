package mirror

import (
	"maps"
	"net/netip"
	"testing"
)

func TestEndpoint_AppliancePorts(t *testing.T) {
	t.Parallel()
	address := netip.MustParseAddr
	for name, test := range map[string]struct {
		of     TargetType
		groups []TargetGroup
		want   map[netip.Addr]int
	}{
		"no target groups":                        {of: NetworkLoadBalancer},
		"the port of copies":                      {NetworkLoadBalancer, []TargetGroup{{Port: 4789, Targets: []RegisteredTarget{{Address: address("10.0.0.1")}}}}, nil},
		"no port is known":                        {NetworkLoadBalancer, []TargetGroup{{Targets: []RegisteredTarget{{Address: address("10.0.0.1")}}}}, nil},
		"the port of the group":                   {NetworkLoadBalancer, []TargetGroup{{Port: 5000, Targets: []RegisteredTarget{{Address: address("10.0.0.1")}}}}, map[netip.Addr]int{address("10.0.0.1"): 5000}},
		"that of the registration":                {NetworkLoadBalancer, []TargetGroup{{Port: 4789, Targets: []RegisteredTarget{{Address: address("10.0.0.1"), Port: 6000}, {Address: address("10.0.0.2")}}}}, map[netip.Addr]int{address("10.0.0.1"): 6000}},
		"the registration has the port of copies": {NetworkLoadBalancer, []TargetGroup{{Port: 5000, Targets: []RegisteredTarget{{Address: address("10.0.0.1"), Port: 4789}}}}, nil},
		"the first of two": {NetworkLoadBalancer, []TargetGroup{
			{Port: 5000, Targets: []RegisteredTarget{{Address: address("10.0.0.1")}, {Address: address("10.0.0.1"), Port: 6000}}},
			{Port: 7000, Targets: []RegisteredTarget{{Address: address("10.0.0.1")}, {Address: address("fd00::1")}}},
		}, map[netip.Addr]int{address("10.0.0.1"): 5000, address("fd00::1"): 7000}},
		"GENEVE": {GatewayLoadBalancerEndpoint, []TargetGroup{{Port: 6081, Targets: []RegisteredTarget{{Address: address("10.0.0.1")}}}}, nil},
	} {
		e := Endpoint{Type: test.of, TargetGroups: test.groups}
		if got := e.AppliancePorts(); !maps.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestEndpoint_IsSticky(t *testing.T) {
	t.Parallel()
	on, off := TargetGroup{Attributes: map[string]string{"stickiness.enabled": "true", "stickiness.type": "source_ip"}}, TargetGroup{Attributes: map[string]string{"stickiness.enabled": "false"}}
	for name, test := range map[string]struct {
		groups []TargetGroup
		want   bool
	}{
		"no group": {nil, false}, "the default": {[]TargetGroup{{}}, false}, "on": {[]TargetGroup{on}, true}, "off": {[]TargetGroup{off}, false},
		"on and off": {[]TargetGroup{on, off}, false}, "both on": {[]TargetGroup{on, on}, true},
	} {
		if got := (&Endpoint{TargetGroups: test.groups}).IsSticky(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
