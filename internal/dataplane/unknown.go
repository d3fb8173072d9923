package dataplane

import (
	"encoding/json"
	"fmt"
	"slices"

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
	TargetMTU:        {"target_mtu", fmt.Sprintf("The MTU of the target's interface is not known; the verdict assumes %d.", mirror.DefaultMTU)},
	UDPListener:      {"udp_listener", fmt.Sprintf("It is not known whether the load balancer listens on UDP port %d; the verdict assumes that it does.", packet.VXLANPort)},
	Appliances:       {"appliances", "It is not known whether an appliance is registered behind the load balancer; the verdict assumes that one is."},
	HealthyAppliance: {"healthy_appliance", "No appliance behind the load balancer is healthy. The load balancer then sends to all of them (it fails open); the verdict assumes that they receive the copies."},
	ApplianceZone: {"appliance_zone", "Cross-zone load balancing is off, and an Availability Zone of the load balancer has no healthy appliance. Which node gets the copies is not documented; " +
		"the verdict assumes one that sends them to an appliance."},
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

// unknownsOf returns what is not known of a target, as far as a copy of a source in an Availability
// Zone depends on it.
func unknownsOf(target *mirror.Endpoint, zone string) UnknownSet {
	var s UnknownSet
	add := func(u Unknown, isUnknown bool) {
		if isUnknown {
			s |= 1 << u
		}
	}
	add(TargetMTU, target.Type == mirror.NetworkInterface && target.MTU == 0)
	add(UDPListener, target.Type == mirror.NetworkLoadBalancer && target.UDPListeners == nil)
	add(Appliances, target.Type != mirror.NetworkInterface && !isRegistered(target))
	for _, p := range target.DeliveryProblems(zone) {
		add(unknownOf[p.Kind], !p.Loses)
	}
	return s
}

// unknownOf has what is not known because of a problem by which copies may still arrive.
var unknownOf = map[mirror.DeliveryKind]Unknown{
	mirror.DeliveryNoAppliance: Appliances, mirror.DeliveryNoHealthyAppliance: HealthyAppliance, mirror.DeliveryZone: ApplianceZone,
}

// isRegistered reports whether it is known which appliances are registered behind a load balancer,
// although their addresses may not be.
func isRegistered(target *mirror.Endpoint) bool {
	return target.Appliances != nil ||
		target.TargetGroups != nil && !slices.ContainsFunc(target.TargetGroups, func(g mirror.TargetGroup) bool { return g.Targets == nil })
}
