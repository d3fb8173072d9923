package mirror

import (
	"fmt"
	"strconv"
)

// Range is a closed interval of whole numbers.
type Range struct{ Min, Max int64 }

// Contains reports whether n is in r.
func (r Range) Contains(n int64) bool { return r.Min <= n && n <= r.Max }

// String returns the range as text: "1 to 32766".
func (r Range) String() string {
	return strconv.FormatInt(r.Min, 10) + " to " + strconv.FormatInt(r.Max, 10)
}

func (r Range) check(field string, n int64) Problems {
	if r.Contains(n) {
		return nil
	}
	return Problems{{
		Kind: Invalid, Field: field, Wrong: fmt.Sprintf("is %d", n),
		Fix: fmt.Sprintf("Write a whole number from %s.", r),
	}}
}

// The ranges of numbers.
var (
	// RuleNumbers is not documented; network ACLs and sessions use this range
	// (assumption A0001).
	RuleNumbers = Range{1, 32766}

	// SessionNumbers is documented with CreateTrafficMirrorSession.
	SessionNumbers = Range{1, 32766}

	// PacketLengths counts the bytes of a copy after its VXLAN header; documented
	// with CreateTrafficMirrorSession.
	PacketLengths = Range{1, 8500}

	// VirtualNetworkIDs are the 24 bits of a VNI (RFC 7348) without 0
	// (assumption A0002).
	VirtualNetworkIDs = Range{1, 1<<24 - 1}

	// Ports are the 16 bits of a TCP or UDP port (RFC 9293, RFC 768).
	Ports = Range{0, 1<<16 - 1}

	// Protocols are the 8 bits of the IPv4 protocol and the IPv6 next header.
	Protocols = Range{0, 1<<8 - 1}
)

// Sizes in bytes.
const (
	// LoadBalancerPacketLength is the packet length of a session whose target is
	// a Network Load Balancer when none is set.
	LoadBalancerPacketLength = 8500

	// DefaultMTU is the MTU of a network interface whose MTU is not given: jumbo frames,
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html.
	DefaultMTU = 9001

	// LeastMTU is the minimum MTU of an IPv4 link (RFC 791).
	LeastMTU = 68

	// MinPacketLengthIPv4 and MinPacketLengthIPv6 are the shortest packet lengths
	// that the user guide allows, although the API takes less
	// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
	MinPacketLengthIPv4 = 35
	MinPacketLengthIPv6 = 55
)

// Quotas are the limits of how many objects an account may have
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-quotas.html).
type Quotas struct {
	SessionsPerInterface  int
	SessionsPerAccount    int
	TargetsPerAccount     int
	FiltersPerAccount     int
	RulesPerFilter        int // ingress and egress together (assumption A0003)
	SourcesPerTarget      int // for a target on a network interface
	SourcesPerLargeTarget int // the same where the interface's instance type is a large one
}

// DefaultQuotas returns the default quotas of an account.
func DefaultQuotas() Quotas {
	return Quotas{
		SessionsPerInterface:  3,
		SessionsPerAccount:    10_000,
		TargetsPerAccount:     10_000,
		FiltersPerAccount:     10_000,
		RulesPerFilter:        10,
		SourcesPerTarget:      10,
		SourcesPerLargeTarget: 100,
	}
}
