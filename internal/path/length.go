package path

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The MTU of a Gateway Load Balancer, and how many bytes it adds
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html).
const (
	gatewayMTU   = 8500
	geneveLength = 68
)

// longest judges from which length on copies do not arrive whole. A copy that is too long is cut,
// and arrives
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
func (j *judge) longest() {
	at, added := j.Target.Backing(), encapsulation(j.Backing.Address)
	switch j.Backing.Type {
	case mirror.NetworkInterface:
		if j.Backing.MTU == 0 {
			j.add(hop(MTUHop, Passes, at, at, "EC2 does not show the MTU of %s. Copies that are too long for it arrive cut.", at))
			return
		}
		j.add(cutHop(j, at, at, j.Backing.MTU))
	case mirror.NetworkLoadBalancer:
		smallAppliances(j, mirror.LoadBalancerPacketLength-packet.EthernetHeaderLength, added)
	case mirror.GatewayLoadBalancerEndpoint:
		j.add(cutHop(j, at, "a Gateway Load Balancer", gatewayMTU))
		smallAppliances(j, gatewayMTU-added, added+geneveLength)
	}
}

// cutHop says which copies are cut to an MTU that is known.
func cutHop(j *judge, at, of string, mtu int) Hop {
	source, whole := j.Source.MTU, dataplane.MaxSourceMTU(mtu, j.Backing.Address.Is6())
	if source != 0 && source <= whole {
		return hop(MTUHop, Passes, at, at, "Copies arrive whole: the MTU of %s is %d, and that of %s is %d.", j.Source.ID, source, of, mtu).rule(itoa(mtu))
	}
	h := hop(MTUHop, Passes, at, at, "Copies of packets longer than %d bytes arrive cut: the MTU of %s is %d.", whole, of, mtu).rule(itoa(mtu))
	switch {
	case j.Backing.Type == mirror.NetworkInterface && mtu < mirror.DefaultMTU:
		return h.fix("If whole copies matter, raise the MTU of %s, or lower that of %s to %d.", of, j.Source.ID, whole)
	case source != 0:
		return h.fix("If whole copies matter, lower the MTU of %s to %d.", j.Source.ID, whole)
	}
	return h
}

// encapsulation is how many bytes a copy is longer than its packet.
func encapsulation(target netip.Addr) int {
	return mirror.DefaultMTU - dataplane.MaxSourceMTU(mirror.DefaultMTU, target.Is6())
}

// smallAppliances names the appliances whose MTU is known to be too small for the longest copies. An
// MTU that is not known counts as large enough.
func smallAppliances(j *judge, longest, added int) {
	if j.Source.MTU != 0 {
		longest = min(longest, j.Source.MTU)
	}
	longest += added
	isUnknown := false
	for _, a := range j.serving() {
		isUnknown = isUnknown || a.Node.MTU == 0
		if a.Node.MTU != 0 && a.Node.MTU < longest {
			j.add(hop(MTUHop, Unknown, a.Node.ID, a.Node.ID, "The MTU of the appliance %s is %d, and copies have up to %d bytes. Whether longer copies arrive is not documented.", a.Node.ID, a.Node.MTU, longest).
				rule(itoa(a.Node.MTU)).fix("Raise the MTU of %s to at least %d.", a.Node.ID, longest))
		}
	}
	if isUnknown {
		at := j.Target.Backing()
		j.add(hop(MTUHop, Passes, at, "", "EC2 does not show the MTU of the appliances. Copies have up to %d bytes.", longest))
	}
}
