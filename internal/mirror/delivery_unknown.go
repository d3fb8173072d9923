package mirror

import "slices"

// IsUnsure reports whether the copies of a source meet the problem only if they come from some
// Availability Zone, and the zone is not known.
func (p DeliveryProblem) IsUnsure() bool {
	return p.Kind == DeliveryZone && !p.Loses && p.ZoneFor == ""
}

// UnknownDelivery returns the problems of a load balancer that copies of a source in an
// Availability Zone may have, because it is not known whether they have them. zone is "" if it is
// not known.
func (e *Endpoint) UnknownDelivery(zone string) (kinds []DeliveryKind) {
	if e.Type == NetworkInterface || e.Gone {
		return nil
	}
	add := func(kind DeliveryKind, isUnknown bool) {
		if isUnknown {
			kinds = append(kinds, kind)
		}
	}
	add(DeliveryNoListener, e.Type == NetworkLoadBalancer && e.UDPListeners == nil)
	add(DeliveryNoAppliance, !e.IsRegistered())
	add(DeliveryNoHealthyAppliance, slices.ContainsFunc(e.TargetGroups, isHealthUnknown))
	add(DeliveryZone, isZoneUnknown(e, zone) || aNodeLacks(e))
	return kinds
}

// IsRegistered reports whether it is known which appliances are registered behind a load balancer,
// although their addresses may not be.
func (e *Endpoint) IsRegistered() bool {
	return e.Appliances != nil ||
		e.TargetGroups != nil && !slices.ContainsFunc(e.TargetGroups, func(g TargetGroup) bool { return g.Targets == nil })
}

// isHealthUnknown reports whether a target group has no target that is known to be healthy, and one
// that may be.
func isHealthUnknown(g TargetGroup) bool {
	receiving, _ := g.Receiving()
	if g.CrossZone == "" && len(receiving) < len(g.Targets) && slices.ContainsFunc(g.Targets, func(t RegisteredTarget) bool { return t.Health == TargetUnhealthy || t.Health == TargetInitial }) {
		return true // how many healthy targets are too few is an attribute, and no attribute is known
	}
	isHealthy := func(t RegisteredTarget) bool { return t.Health == TargetHealthy }
	return slices.ContainsFunc(receiving, isMaybeHealthy) && !slices.ContainsFunc(receiving, isHealthy)
}

// aNodeLacks reports whether a node of the load balancer sends to no healthy appliance, although there are some. AWS does not document which node
// gets copies, so that the node of another zone than that of the source counts too.
func aNodeLacks(e *Endpoint) bool {
	return e.LoadBalancer != nil && slices.ContainsFunc(e.LoadBalancer.Zones, func(z LoadBalancerZone) bool {
		lacks, _ := lacksAppliance(e, z.Zone)
		return lacks && z.Zone != ""
	})
}

// isZoneUnknown reports whether it is not known if the node that gets copies of a source in a zone
// has an appliance to which it can send. With one node, it is the zone of each appliance.
func isZoneUnknown(e *Endpoint, source string) bool {
	if e.LoadBalancer == nil || len(e.LoadBalancer.Zones) == 1 {
		return false
	}
	zone := e.nodeZone(source)
	nodes := e.LoadBalancer.Zones
	if nodes == nil { // which nodes there are is unknown
		nodes = []LoadBalancerZone{{}}
	}
	if at := slices.IndexFunc(nodes, func(z LoadBalancerZone) bool { return z.Zone == zone }); at >= 0 {
		nodes = nodes[at : at+1]
	}
	for _, g := range e.TargetGroups {
		if slices.ContainsFunc(nodes, func(z LoadBalancerZone) bool { return isNearUnknown(e, g, z.Zone) }) {
			return true
		}
	}
	return false
}

// isNearUnknown reports whether it is not known if the node in a zone can send to a target of a group.
func isNearUnknown(e *Endpoint, g TargetGroup, zone string) bool {
	receiving, isKnown := g.Receiving()
	if !isKnown || len(receiving) == 0 {
		return false
	}
	if _, isKnown := groupNear(e, g, zone); isKnown {
		return false
	}
	return !slices.ContainsFunc(receiving, func(t RegisteredTarget) bool { return isMaybeHealthy(t) && (t.Zone == zone || t.Zone == "all") })
}
