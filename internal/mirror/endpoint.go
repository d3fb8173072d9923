package mirror

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// CopyPort is the UDP port to which Traffic Mirroring sends copies
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-packet-formats.html).
const CopyPort = 4789

// SetLoadBalancer derives what a load balancer does with copies: its UDP listeners, the target
// groups to which the listener for copies sends, and the appliances that get them. groups can
// have others too. A field that the load balancer does not show stays as it is.
//
// The listener for copies is the one for UDP port 4789 of a Network Load Balancer, and the only
// one of a Gateway Load Balancer. Without such a listener, no target group and no appliance gets
// a copy. One target group that groups does not have makes all of them unknown.
func (e *Endpoint) SetLoadBalancer(lb LoadBalancer, groups []TargetGroup) {
	e.LoadBalancer = &lb
	if lb.State == balancerProvisioning || lb.State == balancerFailed {
		e.Down = fmt.Sprintf("has a load balancer in the state %q", lb.State)
	}
	if lb.Listeners == nil {
		return
	}
	if lb.Type != GatewayBalancer {
		e.UDPListeners = udpPorts(lb.Listeners)
	}
	reached := []TargetGroup{}
	for _, arn := range lb.CopyTargetGroups() {
		at := slices.IndexFunc(groups, func(g TargetGroup) bool { return g.ARN == arn })
		if at < 0 {
			return
		}
		reached = append(reached, groups[at])
	}
	e.TargetGroups = reached
	receiving := func(g TargetGroup) ([]RegisteredTarget, bool) { return ReceivingTargets(e, g) }
	if all := appliances(reached, receiving); all != nil {
		e.Appliances = all
	}
}

// The states of a load balancer that receives nothing
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html).
const (
	balancerProvisioning = "provisioning"
	balancerFailed       = "failed"
)

// udpPorts returns the ports of the listeners that receive UDP, each once. It is not nil.
func udpPorts(listeners []Listener) []int {
	ports := []int{}
	for _, l := range listeners {
		if l.Receives(l.Port) && !slices.Contains(ports, l.Port) {
			ports = append(ports, l.Port)
		}
	}
	return ports
}

// CopyTargetGroups returns the ARNs of the target groups to which the listener for copies sends.
func (lb LoadBalancer) CopyTargetGroups() []string {
	var arns []string
	for _, l := range lb.Listeners {
		if lb.Type != GatewayBalancer && !l.Receives(CopyPort) {
			continue
		}
		for _, arn := range l.TargetGroups {
			if !slices.Contains(arns, arn) {
				arns = append(arns, arn)
			}
		}
	}
	return arns
}

// appliances returns the addresses of the targets that get copies, each once, or nil if one of
// them is unknown.
func appliances(groups []TargetGroup, receivingOf func(TargetGroup) ([]RegisteredTarget, bool)) []netip.Addr {
	all := []netip.Addr{}
	for _, g := range groups {
		receiving, isKnown := receivingOf(g)
		if !isKnown {
			return nil
		}
		for _, t := range receiving {
			if !t.Address.IsValid() {
				return nil
			}
			if !slices.Contains(all, t.Address) {
				all = append(all, t.Address)
			}
		}
	}
	return all
}

// Receiving returns the registered targets to which a load balancer sends new flows, and false
// if they are unknown. Those are the healthy ones:
//
//	health                                 | gets new flows
//	---------------------------------------+---------------------------------------------
//	healthy                                | yes
//	unavailable, or not known              | yes: nothing says that it does not
//	initial, unhealthy, unhealthy.draining | if too few targets are healthy: it fails open
//	draining, unused                       | no: it is leaving, or cannot be reached
//
// Too few is none, unless an attribute of the group has a higher number
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health.html).
// A Gateway Load Balancer fails open too (assumption A0215). With cross-zone load balancing off,
// each zone decides for itself: see ReceivingTargets.
func (g TargetGroup) Receiving() (all []RegisteredTarget, isKnown bool) {
	if g.Targets == nil {
		return nil, false
	}
	var healthy, registered []RegisteredTarget
	for _, t := range g.Targets {
		switch t.Health {
		case TargetDraining, TargetUnused:
			continue
		case TargetInitial, TargetUnhealthy, TargetUnhealthyDraining:
		default:
			healthy = append(healthy, t)
		}
		registered = append(registered, t)
	}
	if len(healthy) < g.minimumHealthy(len(registered)) {
		return registered, true
	}
	return healthy, true
}

// ReceivingTargets returns the registered targets of a group to which a node of the load balancer sends new flows, and false if they are unknown. With
// cross-zone load balancing off, each node looks at the targets in its zone, and not at the group as a whole.
func ReceivingTargets(e *Endpoint, g TargetGroup) (all []RegisteredTarget, isKnown bool) {
	if e.LoadBalancer == nil || len(e.LoadBalancer.Zones) == 0 {
		return g.Receiving()
	}
	received := map[int]bool{}
	for _, z := range e.LoadBalancer.Zones {
		near, isKnown := groupNear(e, g, z.Zone)
		if !isKnown {
			return g.Receiving()
		}
		there, _ := near.Receiving()
		for _, t := range there {
			received[slices.Index(g.Targets, t)] = true
		}
	}
	all = []RegisteredTarget{}
	for i, t := range g.Targets {
		if received[i] {
			all = append(all, t)
		}
	}
	return all, true
}

// MinimumHealthyAttributes is the beginning of the attributes that say when a load balancer sends to all targets of a group.
const MinimumHealthyAttributes = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."

// minimumHealthy returns how many targets of a number must be healthy. With fewer, the load
// balancer sends to all.
func (g TargetGroup) minimumHealthy(registered int) int {
	minimum := 1
	if count, err := strconv.Atoi(g.Attributes[MinimumHealthyAttributes+"count"]); err == nil {
		minimum = max(minimum, count)
	}
	if percentage, err := strconv.Atoi(g.Attributes[MinimumHealthyAttributes+"percentage"]); err == nil {
		minimum = max(minimum, (registered*percentage+99)/100)
	}
	return minimum
}
