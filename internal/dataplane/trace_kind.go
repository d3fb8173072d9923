package dataplane

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// neverMirrored asks one question for each kind of packet that EC2 never mirrors. The first
// yes is the answer.
func (t *tracer) neverMirrored() bool {
	found := neverMirrored(t.packet)
	for _, reason := range neverReasons() {
		if reason == found {
			t.decide(StepNeverMirrored, Stops, NeverMirrored, reason, neverAssumption(reason), "%s %s", isOf(t.packet, reason), reason.Sentence())
			return false
		}
		t.add(StepNeverMirrored, Passes, "%s", isNotOf(t.packet, reason)).Reason = reason.String()
	}
	return true
}

// neverReasons returns why EC2 never mirrors a packet, in the order in which it is asked.
func neverReasons() []Reason {
	all := []Reason{ARP, DHCP}
	for _, s := range linkLocalServices {
		if !slices.Contains(all, s.reason) {
			all = append(all, s.reason)
		}
	}
	return all
}

// isOf says what makes the packet one that EC2 never mirrors.
func isOf(p *packet.Packet, reason Reason) string {
	switch reason {
	case ARP:
		return fmt.Sprintf("The EtherType is %#04x.", p.EtherType)
	case DHCP:
		return fmt.Sprintf("It is UDP over %s with the ports %d and %d.", version(p), p.SourcePort, p.DestinationPort)
	}
	for _, s := range linkLocalServices {
		switch {
		case s.reason != reason:
		case s.addr == p.SourceAddr():
			return fmt.Sprintf("The source is %s.", s.addr)
		case s.addr == p.DestinationAddr():
			return fmt.Sprintf("The destination is %s.", s.addr)
		}
	}
	return ""
}

// isNotOf says why the packet is not one of these that EC2 never mirrors.
func isNotOf(p *packet.Packet, reason Reason) string {
	switch {
	case reason == ARP && p.Kind == packet.NotIP && p.EtherType == 0:
		return "It is not ARP: its link header has no EtherType."
	case reason == ARP && (p.IsIP() || p.Kind == packet.NotIP):
		return fmt.Sprintf("It is not ARP: the EtherType is %#04x.", p.EtherType)
	case reason == ARP:
		return "It is not known to be ARP."
	case !p.IsIP():
		return fmt.Sprintf("It is not known to be %s: it has no readable IP header.", neverNames[reason])
	case reason == DHCP && p.Protocol != packet.ProtocolUDP:
		return fmt.Sprintf("It is not DHCP: the protocol is %s, not udp.", mirror.Protocol(p.Protocol))
	case reason == DHCP && !p.HasPorts:
		return "It is not known to be DHCP: it has no ports."
	case reason == DHCP:
		return fmt.Sprintf("It is not DHCP: its ports are %d and %d.", p.SourcePort, p.DestinationPort)
	}
	var addrs []string
	for _, s := range linkLocalServices {
		if s.reason == reason && s.addr.Is4() == (p.Kind == packet.IPv4) {
			addrs = append(addrs, s.addr.String())
		}
	}
	if addrs == nil {
		return fmt.Sprintf("It is not %s, which has no %s address.", neverNames[reason], version(p))
	}
	return fmt.Sprintf("It is not %s: neither of its addresses is %s.", neverNames[reason], strings.Join(addrs, " or "))
}

var neverNames = map[Reason]string{
	DHCP: "DHCP", InstanceMetadata: "of the instance metadata service",
	AmazonTimeService: "of the Amazon Time Sync Service", WindowsActivation: "of Windows activation",
}

// direction finds the direction of the packet, if it is not given.
func (t *tracer) direction() bool {
	p, v, mac := t.packet, &t.Verdict, t.source.own.iface.MACAddress
	if v.Direction != "" {
		t.add(StepDirection, Passes, "The direction is %s, as given.", v.Direction)
		return true
	}
	v.Direction = t.source.own.direction(p)
	isFound := v.Direction != ""
	byMAC := p.HasMAC && !mac.IsZero()
	switch {
	case !isFound && p.Heading == packet.Passing:
		t.decide(StepDirection, Stops, NoDirection, DirectionUnknown, 0,
			"The capture says that the packet went to many hosts or between other hosts, and not whether the interface received or sent it.")
	case p.Heading != packet.HeadingUnknown:
		t.add(StepDirection, Passes, "The direction is %s, as the capture says.", v.Direction)
	case !isFound && byMAC:
		t.decide(StepDirection, Stops, NoDirection, DirectionUnknown, 0,
			"The direction is not found: neither the source MAC address %s nor the destination MAC address %s is that of the interface, %s.",
			mirror.MAC(p.SourceMAC), mirror.MAC(p.DestinationMAC), mac)
	case byMAC:
		end := "destination"
		if v.Direction == mirror.Egress {
			end = "source"
		}
		t.add(StepDirection, Passes, "The direction is %s: the %s MAC address is that of the interface, %s.", v.Direction, end, mac).Assumption = otherMACsAreForeign
	case !isFound && p.IsIP():
		t.decide(StepDirection, Stops, NoDirection, DirectionUnknown, 0, "The direction is not found: neither the source %s nor the destination %s is known as an address of %s.",
			p.SourceAddr(), p.DestinationAddr(), t.source.own.name())
	case !isFound:
		t.decide(StepDirection, Stops, NoDirection, DirectionUnknown, 0, "The direction is not found: the packet has no address by which it could be.")
	default:
		end, addr := "destination", p.DestinationAddr()
		if v.Direction == mirror.Egress {
			end, addr = "source", p.SourceAddr()
		}
		t.add(StepDirection, Passes, "The direction is %s: the %s %s is an address of %s.", v.Direction, end, addr, t.source.own.name())
	}
	return isFound
}

// possible asks whether the interface can have received or sent the packet. A direction that
// is found by addresses is always possible.
func (t *tracer) possible() bool {
	if !t.stated {
		return true
	}
	p, own := t.packet, &t.source.own
	if problems := own.problems(p, t.Verdict.Direction); problems != nil {
		t.decide(StepPossible, Stops, NoDirection, ImpossibleDirection, interfaceOwnsPackets, "The %s %s.", problems[0].Field, problems[0].Wrong)
		return false
	}
	text := "The packet is possible in this direction"
	isReceived := t.Verdict.Direction == mirror.Ingress
	switch {
	case !p.IsIP() || p.Kind == packet.IPv4 && !own.knowsIPv4 || p.Kind == packet.IPv6 && !own.knowsIPv6:
		text += ", as far as is known: its addresses cannot be compared with those of the interface"
	case !own.checksSourceDestinations:
		text += ": the source/destination check is off"
	case isReceived && own.has(p.Kind, p.Destination):
		text += fmt.Sprintf(": the destination %s is an address of %s", p.DestinationAddr(), own.name())
	case !isReceived && own.has(p.Kind, p.Source):
		text += fmt.Sprintf(": the source %s is an address of %s", p.SourceAddr(), own.name())
	case isReceived:
		text += fmt.Sprintf(": the source/destination check lets the destination %s pass", p.DestinationAddr())
	default:
		text += fmt.Sprintf(": the source/destination check lets the source %s pass", p.SourceAddr())
	}
	t.add(StepPossible, Passes, "%s.", text)
	return true
}
