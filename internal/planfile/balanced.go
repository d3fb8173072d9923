package planfile

import (
	"cmp"
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
	lb.Zones = slices.Clone(lb.Zones)
	for i, z := range lb.Zones {
		lb.Zones[i].Zone = cmp.Or(z.Zone, zoneOf(t, z.SubnetID))
	}
	groups := slices.Clone(t.TargetGroups)
	for i, g := range groups {
		if !slices.Contains(t.PartlyRead, "target_groups") { // then what the file leaves out is the default
			groups[i].CrossZone = cmp.Or(g.CrossZone, mirror.UseBalancerCrossZone)
		}
		targets := slices.Clone(g.Targets)
		for j := range targets {
			targets[j] = placedTarget(t, g, targets[j])
		}
		groups[i].Targets = inZones(targets, lb.Zones)
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

// placedTarget returns a registered target, which is an instance or an address, with its address and
// its Availability Zone. If its instance does not run, an instance is unused, and an address unhealthy
// (assumption A0209).
func placedTarget(t *topology.File, g mirror.TargetGroup, r mirror.RegisteredTarget) mirror.RegisteredTarget {
	if address, err := netip.ParseAddr(r.ID); err == nil && !r.Address.IsValid() {
		r.Address = address
	}
	at := slices.IndexFunc(t.NetworkInterfaces, func(i mirror.Interface) bool {
		if r.InterfaceID != "" {
			return i.ID == r.InterfaceID
		}
		return i.InstanceID == r.ID && (i.DeviceIndex == nil || *i.DeviceIndex == 0) || r.Address.IsValid() && i.PrivateIPAddress == r.Address && isInVPC(t, i.SubnetID, g.VPCID)
	})
	if at < 0 {
		return r
	}
	of := t.NetworkInterfaces[at]
	r.Zone = cmp.Or(r.Zone, of.Zone, zoneOf(t, of.SubnetID))
	if !r.Address.IsValid() && g.IPAddressType != ipv6 {
		r.Address = of.PrivateIPAddress
	}
	for _, i := range t.Instances {
		switch {
		case i.ID != of.InstanceID || !mirror.IsStopped(i.State):
		case i.ID == r.ID:
			r.Health, r.Reason, r.Description = mirror.TargetUnused, "Target.InvalidState", "Target is in the "+i.State+" state"
		case r.Health != mirror.TargetDraining:
			r.Health, r.Reason, r.Description = mirror.TargetUnhealthy, "Target.FailedHealthChecks", "Health checks failed"
		}
	}
	return r
}

// isInVPC reports whether a subnet is in a VPC, which can be unknown.
func isInVPC(t *topology.File, subnet, vpcID string) bool {
	return slices.ContainsFunc(t.Subnets, func(s topology.Subnet) bool { return s.ID == subnet && (vpcID == "" || s.VPCID == vpcID) })
}
