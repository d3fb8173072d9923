package dataplane

import (
	"encoding/json"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Unknown is what is not known about a session's target. A verdict with unknowns is
// the verdict if all of them are as they should be.
type Unknown uint8

// The unknowns.
const (
	TargetMTU Unknown = iota
	UDPListener
	Appliances
	HealthyAppliance
	ApplianceZone
)

// Unknowns lists every Unknown.
var Unknowns = []Unknown{TargetMTU, UDPListener, Appliances, HealthyAppliance, ApplianceZone}

var unknowns = [...]word{
	TargetMTU:   {"target_mtu", fmt.Sprintf("The MTU of the target's interface is not known; the verdict assumes %d.", mirror.DefaultMTU)},
	UDPListener: {"udp_listener", fmt.Sprintf("It is not known whether the load balancer listens on UDP port %d; the verdict assumes that it does.", packet.VXLANPort)},
	Appliances:  {"appliances", "It is not known whether an appliance is registered behind the load balancer; the verdict assumes that one is."},
	HealthyAppliance: {"healthy_appliance", "No appliance behind the load balancer is healthy, or it is not known whether one is. If none is, the load balancer sends to all of them (it fails open). " +
		"The verdict assumes that an appliance receives the copies."},
	ApplianceZone: {"appliance_zone", "Cross-zone load balancing is off, and an Availability Zone of the load balancer has no healthy appliance, or it is not known whether that is so. " +
		"Which node gets the copies is not documented. The verdict assumes one that sends them to an appliance."},
}

// String returns the name of the unknown.
func (u Unknown) String() string { return unknowns[u].name }

// Sentence explains the unknown.
func (u Unknown) Sentence() string { return unknowns[u].sentence }

// MarshalText implements encoding.TextMarshaler.
func (u Unknown) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnknownSet is a set of unknowns.
type UnknownSet uint8

// Has reports whether the set has u.
func (s UnknownSet) Has(u Unknown) bool { return s>>u&1 != 0 }

// List returns the unknowns of the set, in order.
func (s UnknownSet) List() []Unknown {
	list := []Unknown{}
	for _, u := range Unknowns {
		if s.Has(u) {
			list = append(list, u)
		}
	}
	return list
}

// MarshalJSON writes a list.
func (s UnknownSet) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.List())
}

// unknownsOf returns what is not known of a target, as far as a copy of a source depends on it.
func unknownsOf(target *mirror.Endpoint, source mirror.Interface) UnknownSet {
	var s UnknownSet
	add := func(u Unknown, isUnknown bool) {
		if isUnknown {
			s |= 1 << u
		}
	}
	add(TargetMTU, target.Type == mirror.NetworkInterface && target.MTU == 0)
	for _, kind := range target.UnknownDelivery(source.Zone) {
		add(unknownOf[kind], true)
	}
	for _, p := range target.DeliveryProblemsFrom(source) {
		add(unknownOf[p.Kind], !p.Loses)
	}
	return s
}

// unknownOf has what is not known because of a problem by which copies may still arrive, or that
// they may have.
var unknownOf = map[mirror.DeliveryKind]Unknown{
	mirror.DeliveryNoListener: UDPListener, mirror.DeliveryNoAppliance: Appliances, mirror.DeliveryNoHealthyAppliance: HealthyAppliance, mirror.DeliveryZone: ApplianceZone,
}
