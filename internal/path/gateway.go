package path

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// gateway judges the way through a Gateway Load Balancer endpoint. The load balancer puts GENEVE
// around the copies: the appliances get UDP port 6081 from the addresses of its nodes
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html).
func (j *judge) gateway(receivers []Node) {
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
	if !judgeGroups(j, endpoint) {
		return
	}
	zone := j.Backing.Zone
	if zone == "" && len(receivers) == 1 {
		zone = receivers[0].Zone
	}
	nodes := nearest(zone, j.Nodes)
	for _, a := range j.serving() {
		encapsulated(j, a, nodes)
	}
}

// gatewayListener judges the listener of a Gateway Load Balancer, which takes every packet.
func gatewayListener(j *judge, endpoint string, lb mirror.LoadBalancer) (goesOn bool) {
	switch l := copyListener(j); {
	case lb.Listeners == nil:
		j.add(hop(ListenerHop, Unknown, endpoint, lb.ARN, "Whether %s has a listener is not known.", lb.ARN).fix("Allow elasticloadbalancing:DescribeListeners."))
	case l == nil:
		j.add(hop(ListenerHop, Blocked, endpoint, lb.ARN, "%s has no listener, so nothing gets the copies.", lb.ARN).fix("Create a listener that forwards to the target group of the appliances."))
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
		j.add(j.Network.groupHop(flow{source: netip.Addr{}, destination: a.Address, port: packet.GENEVEPort}, a.Node, mirror.Ingress, membership{}))
		return
	}
	var legs [][]Hop
	for _, n := range nodes {
		f := flow{source: n.address(), destination: a.Address, port: packet.GENEVEPort}
		var leg []Hop
		if n.SubnetID != a.Node.SubnetID {
			leg = append(leg, j.Network.aclHop(f, ACLEgress, n.SubnetID, n.VPCID), j.Network.aclHop(f, ACLIngress, a.Node.SubnetID, a.Node.VPCID))
		}
		legs = append(legs, append(leg, j.Network.groupHop(f, a.Node, mirror.Ingress, membership{})))
	}
	j.add(merge(legs)...)
}

// Sizes in bytes.
const (
	// everyMTU is the MTU that every source has at least: that of Ethernet.
	everyMTU = 1500

	// gatewayMTU is that of a Gateway Load Balancer, and geneveLength is how much it adds
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html).
	gatewayMTU   = 8500
	geneveLength = 68
)

// longest judges from which length on copies do not arrive whole. A copy that is too long for
// the network interface of a target is cut
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
func (j *judge) longest() {
	target, at, isKnown := j.Backing.MTU, j.Target.Backing(), true
	switch j.Backing.Type {
	case mirror.NetworkLoadBalancer: // the packet length of a session cuts before the MTU does
		smallAppliances(j, mirror.LoadBalancerPacketLength-packet.EthernetHeaderLength+encapsulation(j.Backing.Address))
		return
	case mirror.GatewayLoadBalancerEndpoint:
		target = gatewayMTU
		smallAppliances(j, gatewayMTU+geneveLength)
	}
	if target == 0 {
		target, isKnown = mirror.DefaultMTU, false
	}
	whole := dataplane.MaxSourceMTU(target, j.Backing.Address.Is6())
	source := j.Source.MTU
	if source == 0 {
		source = everyMTU
	}
	h := hop(MTUHop, Passes, at, at, "Copies of packets up to %d bytes arrive whole, and longer ones are cut: the MTU is %d.", whole, target)
	switch {
	case source > whole:
		h.Outcome = Blocked
		h.Reason = "Copies of packets longer than " + itoa(whole) + " bytes arrive cut: the MTU of " + at + " is " + itoa(target) + "."
		h.Rule = itoa(target)
		h.Fix = "Raise the MTU of the target, or lower that of " + j.Source.ID + " to " + itoa(whole) + "."
	case !isKnown:
		h.Reason = "EC2 does not show the MTU of " + at + ". If it is " + itoa(target) + ", copies of packets up to " + itoa(whole) + " bytes arrive whole."
	default:
		h.Rule = itoa(target)
	}
	j.add(h)
}

// encapsulation is how many bytes a copy is longer than its packet.
func encapsulation(target netip.Addr) int {
	return mirror.DefaultMTU - dataplane.MaxSourceMTU(mirror.DefaultMTU, target.Is6())
}

// smallAppliances names appliances whose MTU is known to be too small for the longest copies.
func smallAppliances(j *judge, longest int) {
	for _, a := range j.serving() {
		if a.Node.MTU != 0 && a.Node.MTU < longest {
			j.add(hop(MTUHop, Unknown, a.Node.ID, a.Node.ID, "The MTU of the appliance %s is %d. Whether copies that are longer arrive is not documented: they have up to %d bytes.", a.Node.ID, a.Node.MTU, longest).
				rule(itoa(a.Node.MTU)).fix("Raise the MTU of %s to at least %d.", a.Node.ID, longest))
		}
	}
}
