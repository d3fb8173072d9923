package mirror

import (
	"cmp"
	"fmt"
	"slices"
)

func listenerProblems(e *Endpoint) []DeliveryProblem {
	if e.Type == GatewayLoadBalancerEndpoint && e.LoadBalancer != nil && e.LoadBalancer.Listeners != nil && len(e.LoadBalancer.Listeners) == 0 {
		return []DeliveryProblem{{
			Kind: DeliveryNoListener, Loses: true, Object: e.LoadBalancer.ARN, Wrong: "has no listener", Effect: nothingArrives,
			Fix: fmt.Sprintf("Create the listener of %s, which has no port, and let it forward to %s.", e.LoadBalancer.ARN, CopyGroup(e)),
		}}
	}
	if e.Type != NetworkLoadBalancer || e.UDPListeners == nil || slices.Contains(e.UDPListeners, CopyPort) {
		return nil
	}
	wrong := fmt.Sprintf("does not listen on UDP port %d", CopyPort)
	if others := otherListeners(e); others != nil {
		wrong += ", only on " + list(others)
	}
	return []DeliveryProblem{{Kind: DeliveryNoListener, Loses: true, Object: balancerARN(e), Wrong: wrong, Effect: nothingArrives, Fix: listenerFix(e)}}
}

// listenerFix says which listener to change or to create, and where it has to forward to. A
// listener has one protocol and one port, and no two listeners of a load balancer have the same
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html).
func listenerFix(e *Endpoint) string {
	if e.LoadBalancer == nil || e.LoadBalancer.Listeners == nil {
		return fmt.Sprintf("Create a listener with protocol UDP and port %d that forwards to the target group of the appliances.", CopyPort)
	}
	create := fmt.Sprintf("Create a listener of %s with protocol UDP and port %d that forwards to %s", e.LoadBalancer.ARN, CopyPort, CopyGroup(e))
	l := NearListener(e.LoadBalancer.Listeners)
	switch {
	case l == nil || l.ARN == "":
		return create + "."
	case l.Port == CopyPort:
		return fmt.Sprintf("Change the protocol of the listener %s from %s to UDP, and let it forward to %s.", l.ARN, l.Protocol, CopyGroup(e))
	}
	return fmt.Sprintf("%s, or change the port of the listener %s from %d to %d.", create, l.ARN, l.Port, CopyPort)
}

// NearListener returns the listener that is closest to one for copies: with their port and another
// protocol, or the reverse. nil: none is.
func NearListener(listeners []Listener) *Listener {
	for _, isNear := range []func(Listener) bool{
		func(l Listener) bool { return l.Port == CopyPort },
		func(l Listener) bool { return l.Receives(l.Port) },
	} {
		if i := slices.IndexFunc(listeners, isNear); i >= 0 {
			return &listeners[i]
		}
	}
	return nil
}

// copyListener names the listener for copies.
func copyListener(e *Endpoint) string {
	if e.LoadBalancer != nil {
		for _, l := range e.LoadBalancer.Listeners {
			if l.ARN != "" && (e.LoadBalancer.Type == GatewayBalancer || l.Receives(CopyPort)) {
				return "the listener " + l.ARN
			}
		}
	}
	return "its listener"
}

// CopyGroup names the target group to which a listener for copies can forward.
func CopyGroup(e *Endpoint) string {
	protocol := "UDP"
	if e.Type == GatewayLoadBalancerEndpoint {
		protocol = "GENEVE"
	}
	switch len(e.FreeGroups) {
	case 0:
		if e.FreeGroups != nil {
			return "a new target group of the appliances, with protocol " + protocol
		}
		return "the target group of the appliances"
	case 1:
		return "the target group " + e.FreeGroups[0].ARN
	}
	const most = 4
	arns := []string{}
	for i, g := range e.FreeGroups {
		if i == most && len(e.FreeGroups) > most+1 {
			arns = append(arns, fmt.Sprintf("%d more", len(e.FreeGroups)-most))
			break
		}
		arns = append(arns, g.ARN)
	}
	return fmt.Sprintf("the target group of the appliances. These are possible: %s", list(arns))
}

// CanForward reports whether a listener for copies of a load balancer can forward to a target
// group. The group needs a protocol that UDP listeners can have. It is in the same VPC, and is of no
// other load balancer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html).
func (lb LoadBalancer) CanForward(to TargetGroup) bool {
	isOther := len(to.LoadBalancers) > 0 && !slices.Contains(to.LoadBalancers, lb.ARN)
	if isOther || to.VPCID != "" && cmp.Or(lb.VPCID, to.VPCID) != to.VPCID {
		return false
	}
	if lb.Type == GatewayBalancer {
		return to.Protocol == "GENEVE"
	}
	return to.TargetType != "alb" && (to.Protocol == "UDP" || to.Protocol == "TCP_UDP")
}

// otherListeners names the listeners of a load balancer without one for copies.
func otherListeners(e *Endpoint) (names []string) {
	if e.LoadBalancer != nil && e.LoadBalancer.Listeners != nil {
		for _, l := range e.LoadBalancer.Listeners {
			names = append(names, fmt.Sprintf("%s %d", l.Protocol, l.Port))
		}
		return names
	}
	for _, port := range e.UDPListeners {
		names = append(names, fmt.Sprintf("UDP %d", port))
	}
	return names
}

func balancerARN(e *Endpoint) string {
	if e.LoadBalancer == nil {
		return ""
	}
	return e.LoadBalancer.ARN
}
