package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Reached is where the copies of a session arrive, and how long they are there.
type Reached struct {
	SessionNumber    int
	VirtualNetworkID int
	TargetID         string // of the traffic mirror target; "": not known
	Target           mirror.Endpoint
	Unknown          UnknownSet
	Limit            int // how many bytes a copy has at most, without the outer headers

	// OuterBytes is how many bytes are before the copied frame when it arrives, from the
	// outer Ethernet header on. Behind a Gateway Load Balancer that includes its GENEVE
	// header. If the address of the target is not known, it is taken for IPv4.
	OuterBytes int
}

// ReachedBy returns where the copies of each session of a source arrive, by session number.
func ReachedBy(s *Source) []Reached {
	all := make([]Reached, len(s.sessions))
	for i, c := range s.sessions {
		all[i] = Reached{
			SessionNumber: c.number, VirtualNetworkID: int(c.vni), TargetID: s.given[i].TargetID, Target: c.target, Unknown: c.unknown, Limit: c.limit, OuterBytes: OuterLength,
		}
		if c.target.Address.Is6() {
			all[i].OuterBytes = outerLengthIPv6
		}
		if c.target.Type == mirror.GatewayLoadBalancerEndpoint {
			all[i].OuterBytes += gatewayLength
		}
	}
	return all
}

// InterfaceOf returns the ID of the interface of a source, or "" if it is not known.
func InterfaceOf(s *Source) string { return s.own.iface.ID }

// DirectionOf returns the direction of a packet with its verdict of a source, or "" if it is not
// known or impossible. A verdict about a packet that is never mirrored does not need a direction, and
// so may lack it: then it is found in the packet.
func DirectionOf(s *Source, p *packet.Packet, v *Verdict) mirror.Direction {
	switch {
	case v.Outcome == NoDirection:
		return ""
	case v.Direction != "":
		return v.Direction
	case p.Kind == packet.UnknownLink:
		return ""
	}
	return s.own.direction(p)
}
