package emulator

import (
	"context"

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
				v, _ := loadBalancers.get(t, target.LoadBalancerARN)
				to.UDPListeners, to.Appliances = v.UDPListeners, topology.Addresses(v.Appliances)
			case mirror.GatewayLoadBalancerEndpoint:
				v, _ := endpoints.get(t, target.GatewayLoadBalancerEndpointID)
				to.Appliances = topology.Addresses(v.Appliances)
			}
			return nil
		})
	}
}
