package dataplane

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// deliver makes the copy for the session with this index, and sends it.
func (t *tracer) deliver(i int) {
	s := &t.source.given[i]
	first := len(t.Steps)
	t.cut(s)
	if t.arrives(s) {
		t.Verdict.Unknown = unknownsOf(s.Target)
	}
	for j := first; j < len(t.Steps); j++ {
		t.Steps[j].SessionNumber = s.Number
	}
}

// cut finds how much of the frame is copied.
func (t *tracer) cut(s *Session) {
	v, length := &t.Verdict, t.packet.FrameLength()
	v.Bytes = length
	for _, b := range t.source.options.bounds(*s) {
		step := t.add(StepLength, Passes, "%s: the copy of %d bytes is not cut.", t.boundText(s, b), v.Bytes)
		step.Reason = b.by.String()
		if b.by == ByTargetMTU && s.Target.MTU == 0 {
			step.Result = IsUnknown
		}
		if v.Bytes <= b.bytes {
			continue
		}
		step.Result, step.Assumption = Cuts, truncationAssumption(b.by)
		step.Text = fmt.Sprintf("%s: the copy of %d bytes is cut to %d.", t.boundText(s, b), v.Bytes, b.bytes)
		v.Bytes, v.TruncatedBy = b.bytes, b.by
	}
	if v.TruncatedBy != 0 && v.Assumption == 0 {
		v.Assumption = truncationAssumption(v.TruncatedBy)
	}
}

// boundText says where a bound comes from.
func (t *tracer) boundText(s *Session, b bound) string {
	switch b.by {
	case ByPacketLength:
		if s.PacketLength == nil {
			return fmt.Sprintf("Without a packet length of the session, a Network Load Balancer gets at most %d bytes", b.bytes)
		}
		return fmt.Sprintf("The packet length of the session is %d", b.bytes)
	case ByTargetMTU:
		if s.Target.MTU == 0 {
			return fmt.Sprintf("The MTU of the target is not known. With %d, at most %d bytes of a frame fit", mirror.DefaultMTU, b.bytes)
		}
		return fmt.Sprintf("The MTU of the target is %d, so that at most %d bytes of a frame fit", s.Target.MTU, b.bytes)
	case ByGatewayLoadBalancer:
		return fmt.Sprintf("A Gateway Load Balancer carries %d bytes, so that at most %d bytes of a frame fit", gatewayLoadBalancerMTU, b.bytes)
	}
	return fmt.Sprintf("A UDP datagram carries at most %d bytes of a frame", b.bytes)
}

// arrives says whether the target gets the copy.
func (t *tracer) arrives(s *Session) bool {
	target := &s.Target
	name := targetNames[target.Type]
	if target.Address.IsValid() {
		name += " " + target.Address.String()
	}
	lost := lostBy(*target)
	if lost == TargetGone {
		return t.lose(lost, "The target is a %s that does not exist any more. No other session gets the copy.", name)
	}
	t.add(StepDelivery, Passes, "The target is a %s, and it is there.", name)
	if target.Type == mirror.NetworkLoadBalancer {
		switch {
		case target.UDPListeners == nil:
			t.assume(UDPListener)
		case lost == NoUDPListener:
			return t.lose(lost, "The load balancer does not listen on UDP port %d. No other session gets the copy.", packet.VXLANPort)
		default:
			t.add(StepDelivery, Passes, "The load balancer listens on UDP port %d.", packet.VXLANPort)
		}
	}
	switch {
	case target.Type == mirror.NetworkInterface:
	case target.Appliances == nil:
		t.assume(Appliances)
	case lost == NoAppliance:
		return t.lose(lost, "No appliance is registered behind the load balancer. No other session gets the copy.")
	case !target.Address.Is4():
		t.add(StepDelivery, Passes, "The copy goes to %s.", either(target.Appliances))
	case len(target.Appliances) > 1:
		t.add(StepDelivery, Passes, "The copy goes to %s, which a hash of the flow chooses of the %d appliances.",
			chosenAppliance(target, t.packet), len(target.Appliances)).Assumption = applianceByHash
	default:
		t.add(StepDelivery, Passes, "The copy goes to the appliance %s.", target.Appliances[0])
	}
	return true
}

func (t *tracer) lose(why Reason, format string, args ...any) bool {
	t.decide(StepDelivery, Stops, Lost, why, lostAssumption(why), format, args...)
	t.Verdict.Bytes, t.Verdict.TruncatedBy = 0, 0
	return false
}

func (t *tracer) assume(u Unknown) {
	t.add(StepDelivery, IsUnknown, "%s", u.Sentence()).Reason = u.String()
}

var targetNames = map[mirror.TargetType]string{
	mirror.NetworkInterface: "network interface", mirror.NetworkLoadBalancer: "Network Load Balancer",
	mirror.GatewayLoadBalancerEndpoint: "Gateway Load Balancer endpoint",
}

func either(addrs []netip.Addr) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return strings.Join(texts, " or ")
}
