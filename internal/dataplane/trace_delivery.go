package dataplane

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// delivery is a copy on its way to the target of a session.
type delivery struct {
	*tracer
	session *Session
}

// deliver makes the copy for the session, and sends it.
func deliver(t *tracer, s *Session) {
	d, first := delivery{t, s}, len(t.Steps)
	d.cut()
	if d.arrives() {
		t.Verdict.Unknown = unknownsOf(&s.Target, t.source.own.iface)
	}
	for i := first; i < len(t.Steps); i++ {
		t.Steps[i].SessionNumber = s.Number
	}
}

// cut finds how much of the frame is copied.
func (d delivery) cut() {
	v := &d.Verdict
	v.Bytes = d.packet.FrameLength()
	for i, b := range d.source.options.bounds(*d.session) {
		switch {
		case v.Bytes > b.bytes:
			step := d.add(StepLength, Cuts, "%s: the copy of %d bytes is cut to %d.", boundText(d.session, b), v.Bytes, b.bytes)
			step.Reason, step.Assumption = b.by.String(), truncationAssumption(b.by)
			v.Bytes, v.TruncatedBy = b.bytes, b.by
		case b.by == ByUDPDatagram && i > 0: // that is said only where nothing else bounds the copy
		default:
			step := d.add(StepLength, Passes, "%s: the copy of %d bytes is not cut.", boundText(d.session, b), v.Bytes)
			step.Reason = b.by.String()
			if b.by == ByTargetMTU && d.session.Target.MTU == 0 {
				step.Result = IsUnknown
			}
		}
	}
	if v.TruncatedBy != 0 && v.Assumption == 0 {
		v.Assumption = truncationAssumption(v.TruncatedBy)
	}
}

// boundText says where a bound comes from.
func boundText(s *Session, b bound) string {
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
func (d delivery) arrives() bool {
	target, zone := &d.session.Target, d.source.own.iface.Zone
	name := "The target, the " + targetNames[target.Type]
	if target.Address.IsValid() {
		name += " " + target.Address.String()
	}
	name += ","
	loss, isLost := lossOf(target, d.source.own.iface)
	loses := func(kind mirror.DeliveryKind) bool { return isLost && loss.Kind == kind }
	if loses(mirror.DeliveryTargetGone) {
		return d.lose(loss, name)
	}
	d.add(StepDelivery, Passes, "%s exists.", name)
	if loses(mirror.DeliveryNoReceiver) {
		return d.lose(loss, name)
	}
	if target.Type == mirror.NetworkLoadBalancer {
		switch {
		case target.UDPListeners == nil:
			d.assume(UDPListener)
		case loses(mirror.DeliveryNoListener):
			return d.lose(loss, "The load balancer")
		default:
			d.add(StepDelivery, Passes, "The load balancer listens on UDP port %d.", packet.VXLANPort)
		}
	}
	if isLost {
		return d.lose(loss, "The load balancer")
	}
	if target.Type != mirror.NetworkInterface {
		d.choose(target, zone)
	}
	return true
}

// choose says which appliance gets the copy, and what may keep it from arriving.
func (d delivery) choose(target *mirror.Endpoint, zone string) {
	problems := target.DeliveryProblemsFrom(d.source.own.iface)
	for _, kind := range target.UnknownDelivery(zone) {
		isNamed := slices.ContainsFunc(problems, func(p mirror.DeliveryProblem) bool { return p.Kind == kind })
		if (kind == mirror.DeliveryNoHealthyAppliance || kind == mirror.DeliveryZone) && !isNamed {
			d.assume(unknownOf[kind])
		}
	}
	for _, p := range problems {
		step := d.add(StepDelivery, IsUnknown, "%s", p.Text("The load balancer"))
		step.Reason = unknownOf[p.Kind].String()
		if p.Kind == mirror.DeliveryZone {
			step.Assumption = nodeInZone
		}
	}
	appliances, only := target.AppliancesFor(zone)
	where := ""
	if only != "" {
		where = " in " + only
		d.add(StepDelivery, Passes, "Cross-zone load balancing is off, so only appliances in %s get the copy.", only).Assumption = nodeInZone
	}
	if len(appliances) == 0 {
		if target.IsRegistered() {
			d.add(StepDelivery, Passes, "Appliances are registered. The address of the one that gets the copy is not known.")
		} else {
			d.assume(Appliances)
		}
		return
	}
	sticky := target.IsSticky()
	chosen := chosenAppliance(target.Address, appliances, d.packet, sticky)
	switch {
	case len(appliances) == 1:
		d.add(StepDelivery, Passes, "The copy goes to the appliance %s.", chosen)
	case sticky:
		d.add(StepDelivery, Passes, "The copy goes to %s, as all copies of the session do, because stickiness is on. A hash chooses it of the %d appliances%s.",
			chosen, len(appliances), where).Assumption = applianceByHash
	default:
		d.add(StepDelivery, Passes, "The copy goes to %s, which a hash of the flow chooses of the %d appliances%s.", chosen, len(appliances), where).Assumption = applianceByHash
	}
	if port, isOther := target.AppliancePorts()[chosen]; isOther {
		d.add(StepDelivery, Passes, "The appliance gets it on UDP port %d, with which it is registered, and not on %d.", port, packet.VXLANPort)
	}
}

func (d delivery) lose(loss mirror.DeliveryProblem, name string) bool {
	why := lostReasons[loss.Kind]
	d.decide(StepDelivery, Stops, Lost, why, lostAssumption(why), "%s. No other session gets the copy.", loss.Fact(name))
	d.Verdict.Bytes, d.Verdict.TruncatedBy = 0, 0
	return false
}

func (d delivery) assume(u Unknown) {
	d.add(StepDelivery, IsUnknown, "%s", u.Sentence()).Reason = u.String()
}

var targetNames = map[mirror.TargetType]string{
	mirror.NetworkInterface: "network interface", mirror.NetworkLoadBalancer: "Network Load Balancer",
	mirror.GatewayLoadBalancerEndpoint: "Gateway Load Balancer endpoint",
}
