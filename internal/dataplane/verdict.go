package dataplane

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Verdict is what happens to one packet, and why.
type Verdict struct {
	Outcome   Outcome          `json:"outcome"`
	Direction mirror.Direction `json:"direction,omitempty"` // "" if it is unknown and the verdict does not need it

	// SessionNumber and RuleNumber are the session and the rule that decided. For
	// a mirrored or lost copy that is the session that took it, for a rejected
	// packet the first reject. 0 means none, for example the rule of a packet
	// that is mirrored as Amazon DNS.
	SessionNumber int `json:"session_number,omitempty"`
	RuleNumber    int `json:"rule_number,omitempty"`

	Reason      Reason     `json:"reason"`
	Bytes       int        `json:"bytes"`                  // that are copied, counted from the inner Ethernet header; 0 unless mirrored
	TruncatedBy Truncation `json:"truncated_by,omitempty"` // what cut the copy
	Unknown     UnknownSet `json:"unknown,omitzero"`       // of the target of a copy; the verdict is right if all of it is as it should be
	Assumption  Assumption `json:"assumption,omitempty"`   // that the verdict depends on

	rule int32 // index of the line of a Tally that counts it; 0: none
}

// Outcome is what happens to a packet. Every packet has exactly one.
type Outcome uint8

// The outcomes.
const (
	Mirrored Outcome = iota + 1
	Rejected
	NoMatch
	NeverMirrored
	NoDirection
	Lost
)

// Outcomes lists every Outcome.
var Outcomes = []Outcome{Mirrored, Rejected, NoMatch, NeverMirrored, NoDirection, Lost}

var outcomes = [...]word{
	Mirrored:      {"mirrored", "A copy of the packet is sent to the session's target."},
	Rejected:      {"rejected", "No session accepts the packet, and at least one rejects it by a rule; session and rule are those of the first reject."},
	NoMatch:       {"no_match", "No session accepts the packet, and none rejects it."},
	NeverMirrored: {"never_mirrored", "EC2 mirrors no packet of this kind, whatever the filter says."},
	NoDirection:   {"no_direction", "It is not known whether the interface received or sent the packet, or the direction that was given is impossible."},
	Lost:          {"lost", "A session takes the packet, and its copy does not arrive; no other session gets it."},
}

// String returns the name of the outcome.
func (o Outcome) String() string { return outcomes[o].name }

// Sentence explains the outcome.
func (o Outcome) Sentence() string { return outcomes[o].sentence }

// MarshalText implements encoding.TextMarshaler.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Reason is why a packet has its outcome.
type Reason uint8

// The reasons.
const (
	RuleAccepts    Reason = iota + 1 // Mirrored
	ServiceAccepts                   // Mirrored
	RuleRejects                      // Rejected

	NoRule         // NoMatch, as all down to LinkTypeUnread
	NoSession      //
	AmazonDNSOff   //
	NotIP          //
	Unreadable     //
	CutOff         //
	LinkTypeUnread //

	ARP               // NeverMirrored, as all down to WindowsActivation
	DHCP              //
	InstanceMetadata  //
	AmazonTimeService //
	WindowsActivation //

	DirectionUnknown    // NoDirection, as ImpossibleDirection
	ImpossibleDirection //

	TargetGone    // Lost, as all below
	NoReceiver    //
	NoUDPListener //
	NoAppliance   //

	reasonCount
)

// Reasons lists every Reason.
var Reasons = func() []Reason {
	all := make([]Reason, 0, reasonCount-1)
	for r := RuleAccepts; r < reasonCount; r++ {
		all = append(all, r)
	}
	return all
}()

var reasons = [...]word{
	RuleAccepts:    {"rule_accepts", "The rule is the first of its session that matches the packet, and it accepts."},
	ServiceAccepts: {"network_service", "The packet is Amazon DNS, and the filter has the network service amazon-dns; rules are not asked."},
	RuleRejects:    {"rule_rejects", "The rule is the first of its session that matches the packet, and it rejects; no later session accepts the packet."},

	NoRule:         {"no_rule", "No rule of any session matches the packet in its direction."},
	NoSession:      {"no_session", "The interface has no session."},
	AmazonDNSOff:   {"amazon_dns", "The packet is Amazon DNS, and no filter has the network service amazon-dns; rules are not asked."},
	NotIP:          {"not_ip", "The packet is neither IPv4 nor IPv6, so that no rule can match it."},
	Unreadable:     {"unreadable", "The packet's IP headers contradict themselves, so that no rule can match it."},
	CutOff:         {"cut_off", "The capture ends inside the headers that rules need, and no rule that does not need them matches."},
	LinkTypeUnread: {"link_type", "The capture's link type is not one that is read: Ethernet, raw IP, Linux cooked, loopback of BSD, or PPP."},

	ARP:               {"arp", "ARP is never mirrored."},
	DHCP:              {"dhcp", "DHCP is never mirrored: UDP with both ports 67 or 68, over IPv6 with both ports 546 or 547."},
	InstanceMetadata:  {"instance_metadata", "Traffic of the instance metadata service is never mirrored: 169.254.169.254 and fd00:ec2::254."},
	AmazonTimeService: {"amazon_time_service", "Traffic of the Amazon Time Sync Service is never mirrored: 169.254.169.123 and fd00:ec2::123."},
	WindowsActivation: {"windows_activation", "Traffic of Windows activation is never mirrored: 169.254.169.250 and 169.254.169.251."},

	DirectionUnknown: {"direction_unknown", "The packet is neither from nor to the interface's addresses, and the capture does not say which way it went."},
	ImpossibleDirection: {"impossible_direction", "The interface cannot have received or sent the packet in the direction that was given. It receives nothing from its own addresses. " +
		"While its source/destination check is on, it sends only from its own addresses and receives only what is sent to them."},

	TargetGone: {"target_gone", "What backed the session's target does not exist any more."},
	NoReceiver: {"no_receiver", "Nothing receives for the session's target now: its interface is attached to no instance, its instance does not run, " +
		"its endpoint is not available, or its load balancer is not active."},
	NoUDPListener: {"no_udp_listener", "The Network Load Balancer does not listen on UDP port 4789, or the Gateway Load Balancer has no listener."},
	NoAppliance:   {"no_appliance", "No appliance that gets packets is registered behind the load balancer."},
}

// Unjudged lists the reasons for which it is not known what the sessions do with a packet.
var Unjudged = []Reason{DirectionUnknown, ImpossibleDirection, CutOff, LinkTypeUnread}

// String returns the name of the reason.
func (r Reason) String() string { return reasons[r].name }

// Sentence explains the reason.
func (r Reason) Sentence() string { return reasons[r].sentence }

// MarshalText implements encoding.TextMarshaler.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Truncation is what made a copy shorter than its packet. If several limits
// apply, it is the lowest one. If limits are equal, it is the first in the list.
type Truncation uint8

// The truncations. The zero value is none.
const (
	ByPacketLength Truncation = iota + 1
	ByTargetMTU
	ByGatewayLoadBalancer
	ByUDPDatagram

	truncationCount
)

// Truncations lists every Truncation.
var Truncations = []Truncation{ByPacketLength, ByTargetMTU, ByGatewayLoadBalancer, ByUDPDatagram}

var truncations = [...]word{
	{"", "The copy is the whole packet."},
	ByPacketLength:        {"packet_length", fmt.Sprintf("The copy is cut to the session's packet length, which for a Network Load Balancer is %d when it is not set.", mirror.LoadBalancerPacketLength)},
	ByTargetMTU:           {"target_mtu", "The copy is cut so that it fits the MTU of the target's interface when it is encapsulated."},
	ByGatewayLoadBalancer: {"gateway_load_balancer", "The copy is cut so that it fits the 8500 bytes that a Gateway Load Balancer carries when it is encapsulated."},
	ByUDPDatagram:         {"udp_datagram", "The copy is cut because no UDP datagram can carry more."},
}

// String returns the name of the truncation, "" for none.
func (t Truncation) String() string { return truncations[t].name }

// Sentence explains the truncation.
func (t Truncation) Sentence() string { return truncations[t].sentence }

// MarshalText implements encoding.TextMarshaler.
func (t Truncation) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// word is the name of a value and its meaning.
type word struct{ name, sentence string }

// Assumption is the number of a line of docs/guides/assumptions.md; 0 is none.
type Assumption uint16

// The assumptions that a verdict can depend on. If there are several, it has the
// one with the most influence on its outcome.
const (
	laterFragmentHasNoPorts    Assumption = 4
	rejectFallsThrough         Assumption = 100
	neverMirroredByAddress     Assumption = 101
	amazonDNSIgnoresRules      Assumption = 102
	amazonDNSAtLinkLocal       Assumption = 103
	cutOffPortsMatchNoRange    Assumption = 104
	allowanceCutsToTargetMTU   Assumption = 105
	gatewayCutsRatherThanDrops Assumption = 106
	datagramCuts               Assumption = 107
	lostCopyStays              Assumption = 108
	noApplianceLoses           Assumption = 109
	tagsAreLookedBehind        Assumption = 114
	extensionsAreLookedBehind  Assumption = 115
	otherMACsAreForeign        Assumption = 118 // only in a trace, as applianceByHash
	applianceByHash            Assumption = 124
	interfaceOwnsPackets       Assumption = 130
	pppoeIsLookedBehind        Assumption = 197
	nodeInZone                 Assumption = 219 // only in a trace
)

// String returns the number as the guide writes it, "A0100", or "" for none.
func (a Assumption) String() string {
	if a == 0 {
		return ""
	}
	return fmt.Sprintf("A%04d", uint16(a))
}

// MarshalText implements encoding.TextMarshaler.
func (a Assumption) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
