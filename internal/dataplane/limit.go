package dataplane

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Sizes in bytes.
const (
	// gatewayLoadBalancerMTU is documented:
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html.
	gatewayLoadBalancerMTU = 8500

	// outerIPv6Extra is how much longer an outer IPv6 header is than an IPv4
	// header.
	outerIPv6Extra = 20

	// maxInnerFrame is the longest frame that fits into a UDP datagram over IPv4,
	// after a VXLAN header. The total length of IPv4 has 16 bits and includes the
	// IPv4 header. The length of IPv6 does not include the header.
	maxInnerFrame     = 0xffff - 20 - 8 - packet.VXLANHeaderLength
	maxInnerFrameIPv6 = 0xffff - 8 - packet.VXLANHeaderLength
)

// A bound is how many bytes of a frame are copied at most, and what sets this bound.
type bound struct {
	bytes int
	by    Truncation
}

// limit returns the lowest bound of a session. If bounds are equal, it is the first.
func (o Options) limit(s Session) (int, Truncation) {
	lowest := slices.MinFunc(o.bounds(s), func(a, b bound) int { return cmp.Compare(a.bytes, b.bytes) })
	return lowest.bytes, lowest.by
}

// bounds returns what bounds the copies of a session, in the order of Truncations.
func (o Options) bounds(s Session) []bound {
	var all []bound
	switch {
	case s.PacketLength != nil:
		all = append(all, bound{*s.PacketLength, ByPacketLength})
	case s.Target.Type == mirror.NetworkLoadBalancer:
		all = append(all, bound{mirror.LoadBalancerPacketLength, ByPacketLength})
	}
	switch s.Target.Type {
	case mirror.NetworkInterface:
		all = append(all, bound{o.innerFrame(cmp.Or(s.Target.MTU, mirror.DefaultMTU), s.Target), ByTargetMTU})
	case mirror.GatewayLoadBalancerEndpoint:
		all = append(all, bound{o.innerFrame(gatewayLoadBalancerMTU, s.Target), ByGatewayLoadBalancer})
	}
	datagram := maxInnerFrame
	if s.Target.Address.Is6() {
		datagram = maxInnerFrameIPv6
	}
	return append(all, bound{datagram, ByUDPDatagram})
}

// innerFrame returns the length of the longest frame that is not cut on a path
// with the MTU. The allowance is for the IP packet. The Ethernet header is added
// to it (assumption A0105).
func (o Options) innerFrame(mtu int, target mirror.Endpoint) int {
	length := mtu - o.EncapsulationAllowance + packet.EthernetHeaderLength
	if target.Address.Is6() {
		length -= outerIPv6Extra
	}
	return length
}

func truncationAssumption(t Truncation) Assumption {
	switch t {
	case ByTargetMTU:
		return allowanceCutsToTargetMTU
	case ByGatewayLoadBalancer:
		return gatewayCutsRatherThanDrops
	case ByUDPDatagram:
		return datagramCuts
	}
	return 0
}

// lossOf returns the problem by which no copy of a source reaches the target, if there is one.
func lossOf(target *mirror.Endpoint, source mirror.Interface) (mirror.DeliveryProblem, bool) {
	found := target.DeliveryProblemsFrom(source)
	at := slices.IndexFunc(found, func(p mirror.DeliveryProblem) bool { return p.Loses })
	if at < 0 {
		return mirror.DeliveryProblem{}, false
	}
	return found[at], true
}

// lostBy returns why no copy of a source reaches the target, or 0. EC2 does
// not report this (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-targets.html).
func lostBy(target *mirror.Endpoint, source mirror.Interface) Reason {
	loss, isLost := lossOf(target, source)
	if !isLost {
		return 0
	}
	return lostReasons[loss.Kind]
}

var lostReasons = map[mirror.DeliveryKind]Reason{
	mirror.DeliveryTargetGone: TargetGone, mirror.DeliveryNoReceiver: NoReceiver, mirror.DeliveryNoListener: NoUDPListener,
	mirror.DeliveryNoAppliance: NoAppliance, mirror.DeliveryZone: NoAppliance,
}

func lostAssumption(r Reason) Assumption {
	if r == NoAppliance {
		return noApplianceLoses
	}
	return lostCopyStays
}

// MaxSourceMTU returns the highest MTU of a source interface of which no packet is too long
// for a target whose interface has the MTU targetMTU (assumption A0105).
func MaxSourceMTU(targetMTU int, hasIPv6 bool) int {
	var target mirror.Endpoint
	if hasIPv6 {
		target.Address = netip.IPv6Unspecified()
	}
	return Options{EncapsulationAllowance: DefaultEncapsulationAllowance}.innerFrame(targetMTU, target) - packet.EthernetHeaderLength
}
