// Package mirror holds the nouns of VPC Traffic Mirroring: filters, rules,
// sessions, targets and interfaces. It has the limits that AWS sets on them, and
// the checks that can be made of one value without looking at anything else.
//
// It knows no protocol and no storage. The provider calls its checks at plan
// time, the emulator for each request, and the dataplane when it is built. So
// each limit, enumeration and validation is only here. Every check returns
// Problems, and each caller turns them into messages of its own protocol.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html
package mirror

import (
	"fmt"
	"slices"
	"strings"
)

// Direction is the direction of a packet, seen from the source interface.
type Direction string

// The directions.
const (
	Ingress Direction = "ingress" // received by the interface
	Egress  Direction = "egress"  // sent by the interface
)

// Directions lists every Direction.
var Directions = []Direction{Ingress, Egress}

// Check returns a problem unless d is a direction.
func (d Direction) Check(field string) Problems { return checkEnum(field, d, Directions) }

// Action is what a filter rule does with the packets that it matches.
type Action string

// The actions.
const (
	Accept Action = "accept"
	Reject Action = "reject"
)

// Actions lists every Action.
var Actions = []Action{Accept, Reject}

// Check returns a problem unless a is an action.
func (a Action) Check(field string) Problems { return checkEnum(field, a, Actions) }

// NetworkService is traffic that a filter mirrors whatever its rules are.
type NetworkService string

// AmazonDNS is the traffic to and from the Route 53 Resolver of the VPC.
const AmazonDNS NetworkService = "amazon-dns"

// NetworkServices lists every NetworkService.
var NetworkServices = []NetworkService{AmazonDNS}

// Check returns a problem unless s is a network service.
func (s NetworkService) Check(field string) Problems { return checkEnum(field, s, NetworkServices) }

// TargetType is the type of the backing resource of a target.
type TargetType string

// The target types.
const (
	NetworkInterface            TargetType = "network-interface"
	NetworkLoadBalancer         TargetType = "network-load-balancer"
	GatewayLoadBalancerEndpoint TargetType = "gateway-load-balancer-endpoint"
)

// TargetTypes lists every TargetType.
var TargetTypes = []TargetType{NetworkInterface, NetworkLoadBalancer, GatewayLoadBalancerEndpoint}

// Check returns a problem unless t is a target type.
func (t TargetType) Check(field string) Problems { return checkEnum(field, t, TargetTypes) }

// checkEnum returns a problem unless value is one of allowed.
func checkEnum[T ~string](field string, value T, allowed []T) Problems {
	switch {
	case value == "":
		return Problems{{Kind: Missing, Field: field, Wrong: "is missing", Fix: "Write " + oneOf(allowed) + "."}}
	case !slices.Contains(allowed, value):
		return Problems{{Kind: Invalid, Field: field, Wrong: fmt.Sprintf("is %q", value), Fix: "Write " + oneOf(allowed) + "."}}
	}
	return nil
}

// oneOf joins quoted values with commas and "or".
func oneOf[T ~string](values []T) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", string(v))
	}
	if last := len(quoted) - 1; last > 0 {
		return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	}
	return quoted[0]
}
