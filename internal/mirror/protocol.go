package mirror

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Protocol is a number of the IANA registry of protocol numbers. A rule without a
// protocol matches every protocol. Protocol 0 is only HOPOPT.
type Protocol int

// The protocols that the project handles specially.
const (
	HOPOPT Protocol = 0
	ICMP   Protocol = 1
	TCP    Protocol = 6
	UDP    Protocol = 17
	ICMPv6 Protocol = 58
)

// protocolNames are the keywords that a rule may use instead of a number, in
// lower case (https://www.iana.org/assignments/protocol-numbers).
var protocolNames = []struct {
	name     string
	protocol Protocol
}{
	{"hopopt", HOPOPT},
	{"icmp", ICMP},
	{"igmp", 2},
	{"ipv4", 4},
	{"tcp", TCP},
	{"egp", 8},
	{"udp", UDP},
	{"dccp", 33},
	{"ipv6", 41},
	{"ipv6-route", 43},
	{"ipv6-frag", 44},
	{"rsvp", 46},
	{"gre", 47},
	{"esp", 50},
	{"ah", 51},
	{"icmpv6", ICMPv6},
	{"ipv6-nonxt", 59},
	{"ipv6-opts", 60},
	{"eigrp", 88},
	{"ospf", 89},
	{"ipip", 94},
	{"pim", 103},
	{"vrrp", 112},
	{"l2tp", 115},
	{"sctp", 132},
	{"udplite", 136},
	{"mpls-in-ip", 137},
}

// ProtocolNames lists the names that ParseProtocol takes.
func ProtocolNames() []string {
	names := make([]string, len(protocolNames))
	for i, p := range protocolNames {
		names[i] = p.name
	}
	return names
}

// HasPorts reports whether a rule for the protocol may have port ranges.
func (p Protocol) HasPorts() bool { return p == TCP || p == UDP }

// String returns the protocol's name, or its number if it has none.
func (p Protocol) String() string {
	for _, known := range protocolNames {
		if known.protocol == p {
			return known.name
		}
	}
	return strconv.Itoa(int(p))
}

// ParseProtocol reads the name or the number of a protocol.
func ParseProtocol(field, text string) (Protocol, Problems) {
	return parseProtocol(field, text, Protocols)
}

func parseProtocol(field, text string, numbers Range) (Protocol, Problems) {
	for _, known := range protocolNames {
		if known.name == strings.ToLower(text) {
			return known.protocol, nil
		}
	}
	if slices.Contains([]string{"all", "any", "-1"}, strings.ToLower(text)) {
		return 0, Problems{{
			Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q", text),
			Fix: "Leave it out to match every protocol.",
		}}
	}
	number, err := strconv.Atoi(text)
	switch {
	case err != nil || strconv.Itoa(number) != text:
		return 0, Problems{{Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q", text), Fix: ProtocolFix(numbers) + ", or leave it out to match every protocol."}}
	case !numbers.Contains(int64(number)):
		return 0, Problems{{Kind: Invalid, Field: field, Wrong: fmt.Sprintf("is %d", number), Fix: ProtocolFix(numbers) + ", or leave it out to match every protocol."}}
	}
	return Protocol(number), nil
}

// ParseRuleProtocol is ParseProtocol for the rule of a configuration. It refuses the number
// 0: provider aws takes it for every protocol, and to EC2 it is HOPOPT (assumption A0044).
func ParseRuleProtocol(field, text string) (Protocol, Problems) {
	if text == "0" {
		return HOPOPT, Problems{{
			Kind: Invalid, Field: field, Wrong: "is 0", Fix: `To match every protocol, leave it out, or write null. For HOPOPT, the protocol with the number 0, write "hopopt".`,
		}}
	}
	return parseProtocol(field, text, Range{Protocols.Min + 1, Protocols.Max})
}

// ProtocolFix says how to write a protocol, without a full stop.
func ProtocolFix(numbers Range) string {
	return fmt.Sprintf("Write a protocol number from %s or a name such as \"tcp\", \"udp\", \"icmp\" or \"icmpv6\"", numbers)
}
