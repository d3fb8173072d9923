package planfile

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// balancerBehind returns the ARN of the load balancer to which a Gateway Load Balancer endpoint leads
// through its endpoint service, or "". A service with several load balancers does not say which of
// them gets the packets.
func balancerBehind(t *topology.File, endpoint topology.GatewayLoadBalancerEndpoint) string {
	if endpoint.ServiceName == "" {
		return ""
	}
	at := slices.IndexFunc(t.EndpointServices, func(s mirror.EndpointService) bool { return s.Name == endpoint.ServiceName })
	if at < 0 || len(t.EndpointServices[at].GatewayBalancers) != 1 {
		return ""
	}
	return t.EndpointServices[at].GatewayBalancers[0]
}

// withBalancer adds what a topology has in full of a load balancer and its target groups.
func withBalancer(e mirror.Endpoint, t *topology.File, arn string) mirror.Endpoint {
	at := slices.IndexFunc(t.LoadBalancers, func(lb mirror.LoadBalancer) bool { return lb.ARN == arn })
	if at < 0 {
		return e
	}
	lb := t.LoadBalancers[at]
	lb.Type = balancerType(e.Type)
	if lb.Listeners != nil && e.Type == mirror.NetworkLoadBalancer { // then the file has nothing to add
		e.UDPListeners, e.Appliances, e.TargetGroups = nil, nil, nil
	}
	if e.Type == mirror.NetworkLoadBalancer {
		e.Address = firstAddress(lb.Zones)
	}
	groups := slices.Clone(t.TargetGroups)
	for i, g := range groups {
		targets := slices.Clone(g.Targets)
		for j := range targets {
			targets[j].Address = targetAddress(t, targets[j])
		}
		groups[i].Targets = targets
	}
	e.SetLoadBalancer(lb, groups)
	return e
}

// zoneOf returns the Availability Zone of a subnet, or "".
func zoneOf(t *topology.File, subnet string) string {
	at := slices.IndexFunc(t.Subnets, func(s topology.Subnet) bool { return s.ID == subnet })
	if at < 0 {
		return ""
	}
	return t.Subnets[at].AvailabilityZone
}

func balancerType(target mirror.TargetType) mirror.LoadBalancerType {
	if target == mirror.GatewayLoadBalancerEndpoint {
		return mirror.GatewayBalancer
	}
	return mirror.NetworkBalancer
}

func firstAddress(zones []mirror.LoadBalancerZone) netip.Addr {
	for _, z := range zones {
		if z.Address.IsValid() {
			return z.Address
		}
	}
	return netip.Addr{}
}

// targetAddress returns the address of a registered target, which is an instance or an address.
func targetAddress(t *topology.File, r mirror.RegisteredTarget) netip.Addr {
	if r.Address.IsValid() {
		return r.Address
	}
	if address, err := netip.ParseAddr(r.ID); err == nil {
		return address
	}
	for _, i := range t.NetworkInterfaces {
		if i.InstanceID == r.ID && (i.DeviceIndex == nil || *i.DeviceIndex == 0) {
			return i.PrivateIPAddress
		}
	}
	return netip.Addr{}
}
