package emulator

import (
	"context"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// TargetFacts returns a function that adds to the endpoint of a target what the store
// of an Emulator has and no answer shows. That is the MTU of an interface, the appliances of
// a Network Load Balancer in its short form whose listeners are unknown, and the appliances
// that the topology gives to an endpoint. Whatever the store does not have stays unknown.
//
// It makes no request: faults and the throttle do not apply to it.
func TargetFacts(e *Emulator) func(ctx context.Context, region string, target mirror.Target, to *mirror.Endpoint) error {
	return func(ctx context.Context, region string, target mirror.Target, to *mirror.Endpoint) error {
		return e.transact(ctx, region, false, func(t *tx) error {
			switch target.Type() {
			case mirror.NetworkInterface:
				v, _ := interfaces.get(t, target.InterfaceID)
				to.MTU = v.MTU
			case mirror.NetworkLoadBalancer:
				v, _ := loadBalancers.get(t, target.LoadBalancerARN)
				to.Appliances = v.shortAppliances(t)
			case mirror.GatewayLoadBalancerEndpoint:
				v, _ := endpoints.get(t, target.GatewayLoadBalancerEndpointID)
				to.Appliances = topology.Addresses(v.Appliances)
			}
			return nil
		})
	}
}

// shortAppliances returns the appliances of a load balancer whose listeners are unknown, as if its
// listener for copies led to them; nil: unknown.
func (v loadBalancer) shortAppliances(t *tx) []netip.Addr {
	if !v.UnknownListeners || len(v.TargetGroups) == 0 {
		return nil
	}
	var groups []mirror.TargetGroup
	for _, arn := range v.TargetGroups {
		group, _ := targetGroups.get(t, arn)
		groups = append(groups, group.seen(t))
	}
	var to mirror.Endpoint
	to.SetLoadBalancer(mirror.LoadBalancer{Listeners: []mirror.Listener{{Protocol: onUDP, Port: mirror.CopyPort, TargetGroups: v.TargetGroups}}}, groups)
	return to.Appliances
}
