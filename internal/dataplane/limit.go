package dataplane

import (
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

// limit returns how many bytes of a frame a session copies at most, and what sets
// this limit.
func (o Options) limit(s Session) (int, Truncation) {
	limit, by := maxInnerFrame, ByUDPDatagram
	if s.Target.Address.Is6() {
		limit = maxInnerFrameIPv6
	}
	switch s.Target.Type {
	case mirror.NetworkInterface:
		mtu := s.Target.MTU
		if mtu == 0 {
			mtu = mirror.DefaultMTU
		}
		limit, by = least(o.innerFrame(mtu, s.Target), ByTargetMTU, limit, by)
	case mirror.GatewayLoadBalancerEndpoint:
		limit, by = least(o.innerFrame(gatewayLoadBalancerMTU, s.Target), ByGatewayLoadBalancer, limit, by)
	}
	switch {
	case s.PacketLength != nil:
		return least(*s.PacketLength, ByPacketLength, limit, by)
	case s.Target.Type == mirror.NetworkLoadBalancer:
		return least(mirror.LoadBalancerPacketLength, ByPacketLength, limit, by)
	}
	return limit, by
}

func least(a int, byA Truncation, b int, byB Truncation) (int, Truncation) {
	if a <= b {
		return a, byA
	}
	return b, byB
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

// lostBy returns why no copy reaches the target, or 0. EC2 does not report this
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-targets.html).
func lostBy(target mirror.Endpoint) Reason {
	listens := target.UDPListeners == nil || slices.Contains(target.UDPListeners, packet.VXLANPort)
	registered := target.Appliances == nil || len(target.Appliances) > 0
	switch {
	case target.Gone:
		return TargetGone
	case target.Type == mirror.NetworkLoadBalancer && !listens:
		return NoUDPListener
	case target.Type != mirror.NetworkInterface && !registered:
		return NoAppliance
	}
	return 0
}

func lostAssumption(r Reason) Assumption {
	if r == NoAppliance {
		return noApplianceLoses
	}
	return lostCopyStays
}
