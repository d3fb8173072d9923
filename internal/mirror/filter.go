package mirror

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// Filter decides which packets of an interface a session mirrors.
type Filter struct {
	ID              string           `json:"id,omitempty"`
	Description     string           `json:"description,omitempty"`
	NetworkServices []NetworkService `json:"network_services,omitempty"`
	Rules           []Rule           `json:"rules,omitempty"` // of both directions, in any order
}

// InDirection returns the filter's rules of one direction, in the order in which
// they are tried.
func (f Filter) InDirection(d Direction) []Rule {
	rules := make([]Rule, 0, len(f.Rules))
	for _, r := range f.Rules {
		if r.Direction == d {
			rules = append(rules, r)
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Number, b.Number) })
	return rules
}

// Validate checks the filter, its rules, and that no two rules of one direction have the
// same number. The fields of a rule are below "rules[100 ingress]".
func (f Filter) Validate() Problems {
	ps := checkText("description", f.Description)
	for i, s := range f.NetworkServices {
		ps = append(ps, checkEnum(fmt.Sprintf("network_services[%d]", i), s, NetworkServices)...)
	}
	type place struct {
		direction Direction
		number    int
	}
	seen := make(map[place]bool, len(f.Rules))
	for _, r := range f.Rules {
		problems := r.Validate()
		here := place{r.Direction, r.Number}
		if seen[here] {
			problems = append(problems, Problem{
				Kind: Conflict, Field: "rule_number",
				Wrong: fmt.Sprintf("is used twice in direction %s", r.Direction),
				Fix:   "Give each rule of a direction its own number.",
			})
		}
		seen[here] = true
		if problems != nil { // building the path is slow
			ps = append(ps, problems.Below(fmt.Sprintf("rules[%d %s]", r.Number, r.Direction))...)
		}
	}
	return ps
}

// Rule accepts or rejects the packets that match all of its fields. The prefixes are
// required: a zero prefix does not match everything.
type Rule struct {
	ID               string       `json:"id,omitempty"`
	FilterID         string       `json:"traffic_mirror_filter_id,omitempty"`
	Direction        Direction    `json:"traffic_direction"`
	Number           int          `json:"rule_number"` // unique in its filter and direction; the lowest is tried first
	Action           Action       `json:"rule_action"`
	Protocol         *Protocol    `json:"protocol,omitempty"` // nil: every protocol
	SourceCIDR       netip.Prefix `json:"source_cidr_block"`
	DestinationCIDR  netip.Prefix `json:"destination_cidr_block"`
	SourcePorts      *PortRange   `json:"source_port_range,omitempty"`      // nil: every port, and packets without ports
	DestinationPorts *PortRange   `json:"destination_port_range,omitempty"` // nil: every port, and packets without ports
	Description      string       `json:"description,omitempty"`
}

// Validate checks the rule. It does not require the IDs, because a new rule has none.
func (r Rule) Validate() Problems {
	ps := RuleNumbers.Check("rule_number", int64(r.Number))
	ps = append(ps, r.Direction.Check("traffic_direction")...)
	ps = append(ps, checkEnum("rule_action", r.Action, Actions)...)
	if r.Protocol != nil {
		ps = append(ps, Protocols.Check("protocol", int64(*r.Protocol))...)
	}
	ps = append(ps, checkCIDR("source_cidr_block", r.SourceCIDR)...)
	ps = append(ps, checkCIDR("destination_cidr_block", r.DestinationCIDR)...)
	ps = append(ps, r.checkFamilies()...)
	ps = append(ps, r.checkPorts("source_port_range", r.SourcePorts)...)
	ps = append(ps, r.checkPorts("destination_port_range", r.DestinationPorts)...)
	return append(ps, checkText("description", r.Description)...)
}

// ParseRuleNumber reads the key of a rule in a map of rules. It accepts no leading zeros:
// "0100" and "100" would be the same number twice.
func ParseRuleNumber(key string) (int, Problems) {
	number, err := strconv.Atoi(key)
	fix := fmt.Sprintf(`Write a whole number from %s, such as "100".`, RuleNumbers)
	switch {
	case err != nil:
		return 0, Problems{{Kind: Malformed, Wrong: "has a key that is not a rule number", Fix: fix}}
	case !RuleNumbers.Contains(int64(number)):
		return 0, Problems{{Kind: Invalid, Wrong: "has a key outside of the range of rule numbers", Fix: fix}}
	case strconv.Itoa(number) != key:
		return 0, Problems{{
			Kind: Malformed, Wrong: "has a key with leading zeros or a sign", Fix: fmt.Sprintf("Write %q.", strconv.Itoa(number)),
		}}
	}
	return number, nil
}

func (r Rule) checkFamilies() Problems {
	src, dst := r.SourceCIDR, r.DestinationCIDR
	if !src.IsValid() || !dst.IsValid() || src.Addr().Is4() == dst.Addr().Is4() {
		return nil
	}
	return Problems{{
		Kind: Conflict, Field: "destination_cidr_block", With: []string{"source_cidr_block"},
		Wrong: fmt.Sprintf("is %s, of another address family than source_cidr_block, %s", dst, src),
		Fix:   "Write both as IPv4 or both as IPv6. To match IPv4 and IPv6, write one rule for each (0.0.0.0/0 matches no IPv6 packet, ::/0 matches no IPv4 packet).",
	}}
}

func (r Rule) checkPorts(field string, ports *PortRange) Problems {
	if ports == nil {
		return nil
	}
	ps := ports.Validate().Below(field)
	if r.Protocol != nil && r.Protocol.HasPorts() {
		return ps
	}
	wrong := "is set without a protocol"
	if r.Protocol != nil {
		wrong = fmt.Sprintf("is set, but EC2 matches no ports for protocol %s", r.Protocol)
	}
	return append(ps, Problem{
		Kind: Conflict, Field: field, With: []string{"protocol"}, Wrong: wrong,
		Fix: `Write protocol = "tcp" or "udp", one rule for each, or leave the port range out.`,
	})
}

// PortRange is a closed range of TCP or UDP ports. A packet without ports, such
// as a later fragment, is in no range (assumption A0004).
type PortRange struct {
	From int `json:"from_port"`
	To   int `json:"to_port"`
}

// Contains reports whether port is in r.
func (r PortRange) Contains(port uint16) bool { return r.From <= int(port) && int(port) <= r.To }

// String returns "443" or "1024-65535".
func (r PortRange) String() string {
	if r.From == r.To {
		return fmt.Sprint(r.From)
	}
	return fmt.Sprintf("%d-%d", r.From, r.To)
}

// Validate checks both ends and their order.
func (r PortRange) Validate() Problems {
	ps := Ports.Check("from_port", int64(r.From))
	ps = append(ps, Ports.Check("to_port", int64(r.To))...)
	if ps == nil && r.From > r.To {
		ps = append(ps, Problem{
			Kind: Conflict, Field: "from_port", With: []string{"to_port"},
			Wrong: fmt.Sprintf("is %d, which is higher than to_port (%d)", r.From, r.To),
			Fix:   "Write the lower port as from_port.",
		})
	}
	return ps
}

// SameRule reports whether two rules are equal. It does not compare their IDs.
func SameRule(a, b Rule) bool { return a.Number == b.Number && SameContent(a, b) }

// SameContent is SameRule for rules whose numbers may differ.
func SameContent(a, b Rule) bool {
	return a.Direction == b.Direction && a.Action == b.Action && a.Description == b.Description &&
		a.SourceCIDR == b.SourceCIDR && a.DestinationCIDR == b.DestinationCIDR &&
		SameValue(a.Protocol, b.Protocol) && SameValue(a.SourcePorts, b.SourcePorts) && SameValue(a.DestinationPorts, b.DestinationPorts)
}

// SameValue reports whether two optional values are both unset or equal.
func SameValue[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }
