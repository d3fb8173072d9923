package emulator

import (
	"context"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// TargetFacts returns a function that adds to the endpoint of a target what the store
// of an Emulator has and no answer of EC2 shows. That is the MTU of an interface, the UDP
// listeners of a load balancer, and the appliances behind it. Whatever the store does not
// have stays unknown.
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
				to.UDPListeners, to.Appliances = balancerFacts(t, target.LoadBalancerARN)
			case mirror.GatewayLoadBalancerEndpoint:
				v, _ := endpoints.get(t, target.GatewayLoadBalancerEndpointID)
				to.Appliances = topology.Addresses(v.Appliances)
				setGatewayBalancer(t, v, to)
			}
			return nil
		})
	}
}

// balancerFacts returns the UDP ports on which a load balancer listens, and the addresses of its
// healthy appliances; nil: unknown.
func balancerFacts(t *tx, arn string) (ports []int, appliances []netip.Addr) {
	v, ok := loadBalancers.get(t, arn)
	if !ok {
		return nil, nil
	}
	groups := v.TargetGroups
	if !v.UnknownListeners {
		ports = []int{}
	}
	for _, id := range listenersByBalancer.idsBelow(t, arn) {
		l, _ := listeners.get(t, id)
		groups = append(groups, l.TargetGroups...)
		if l.Receives(l.Port) {
			ports = append(ports, l.Port)
		}
	}
	for _, id := range groups {
		stored, _ := targetGroups.get(t, id)
		group := stored.seen(t)
		if appliances == nil && group.Targets != nil {
			appliances = []netip.Addr{}
		}
		for _, target := range group.Targets {
			if target.Health == mirror.TargetHealthy && !slices.Contains(appliances, target.Address) {
				appliances = append(appliances, target.Address)
			}
		}
	}
	return ports, appliances
}

// setGatewayBalancer adds what the endpoint leads to through its service. A service with several
// load balancers does not say which of them gets the packets.
func setGatewayBalancer(t *tx, v gatewayEndpoint, to *mirror.Endpoint) {
	service := serviceOf(t, v)
	if len(service.GatewayBalancers) != 1 {
		return
	}
	balancer, ok := loadBalancers.get(t, service.GatewayBalancers[0])
	if !ok {
		return
	}
	to.SetLoadBalancer(balancer.seen(t), groupsSeen(t, balancer.ARN))
}

// seen returns a load balancer as it is described, with its listeners.
func (v loadBalancer) seen(t *tx) mirror.LoadBalancer {
	b := v.LoadBalancer
	b.Listeners = nil
	if !v.UnknownListeners {
		b.Listeners = []mirror.Listener{}
	}
	for _, id := range listenersByBalancer.idsBelow(t, v.ARN) {
		l, _ := listeners.get(t, id)
		b.Listeners = append(b.Listeners, l.Listener)
	}
	return b
}

// groupsSeen returns the target groups to which a load balancer leads, as they are described.
func groupsSeen(t *tx, balancer string) []mirror.TargetGroup {
	var list []mirror.TargetGroup
	for _, arn := range groupsOf(t, balancer) {
		group, _ := targetGroups.get(t, arn)
		list = append(list, group.seen(t))
	}
	return list
}
