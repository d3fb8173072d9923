package path

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// gateway judges the way through a Gateway Load Balancer endpoint. The load balancer puts GENEVE
// around the copies: the appliances get UDP port 6081 from the addresses of its nodes
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html).
func (j *judge) gateway() {
	endpoint := j.Target.GatewayLoadBalancerEndpointID
	if j.Service != nil {
		j.add(hop(ServiceHop, Passes, endpoint, j.Service.ID, "%s belongs to the endpoint service %s of this account.", endpoint, j.Service.ID))
	}
	if j.Balancing != nil {
		j.add(j.Balancing.unread(ListenerHop, endpoint))
		return
	}
	lb := j.Backing.LoadBalancer
	if lb == nil && j.Backing.Appliances == nil {
		j.add(hop(ServiceHop, Unknown, endpoint, "", "The load balancer that %s leads to is not known, for example because it belongs to another account.", endpoint))
		return
	}
	if lb != nil {
		if !gatewayListener(j, endpoint, *lb) {
			return
		}
	}
	judgeGroups(j, endpoint)
	for _, n := range j.Nodes {
		j.nodes = append(j.nodes, nodeWay{n, Passes})
	}
	judgeAppliances(j, j.Nodes, encapsulated)
}

// gatewayListener judges the listener of a Gateway Load Balancer, which takes every packet.
func gatewayListener(j *judge, endpoint string, lb mirror.LoadBalancer) (goesOn bool) {
	switch l := copyListener(j); {
	case lb.Listeners == nil:
		j.add(hop(ListenerHop, Unknown, endpoint, lb.ARN, "Whether %s has a listener is not known.", lb.ARN).fix("%s", unanswered("DescribeListeners")))
	case l == nil:
		j.add(hop(ListenerHop, Blocked, endpoint, lb.ARN, "%s has no listener, so nothing gets the copies.", lb.ARN).fix("Create a listener of %s that forwards to %s.", lb.ARN, mirror.CopyGroup(&j.Backing)))
	default:
		j.add(hop(ListenerHop, Passes, endpoint, l.ARN, "%s has a listener, which takes every packet.", lb.ARN))
		return true
	}
	return false
}

// encapsulated judges the way from the nodes of a Gateway Load Balancer to an appliance.
func encapsulated(j *judge, a Appliance, nodes []Node) {
	if !isShown(j, a) {
		return
	}
	if len(nodes) == 0 {
		j.add(hop(ACLIngress, Unknown, a.Node.SubnetID, "", "The addresses of the load balancer are not known, so what the network ACL of %s does with its packets is not known.", a.Node.SubnetID))
		j.add(j.Network.groupHop(flow{source: netip.Addr{}, destination: a.Address, port: packet.GENEVEPort}, a.Node, mirror.Ingress, membership{}))
		return
	}
	var legs []leg
	for _, n := range nodes {
		f := flow{source: n.address(), destination: a.Address, port: packet.GENEVEPort}
		l := exits(j, f, a, []Node{n})[0]
		l.hops = append(l.hops, j.Network.groupHop(f, a.Node, mirror.Ingress, membership{}))
		legs = append(legs, l)
	}
	j.addLegs(legs)
}
