package topology

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Mirror is the content of a mirror.json: an interface and its sessions.
type Mirror struct {
	Interface mirror.Interface
	Direction mirror.Direction // of every packet; "": each packet shows its own
	Sessions  []MirrorSession

	// Warnings are values that are allowed but probably wrong.
	Warnings mirror.Problems
}

// MirrorSession is a session with its target and its filter.
type MirrorSession struct {
	mirror.Session
	Target mirror.Endpoint
	Filter mirror.Filter
}

// directionAuto is the direction in a mirror.json if each packet shows its own.
const directionAuto = "auto"

// mirrorFile and the types below are a mirror.json as it is written. The keys are
// only in their tags. MirrorSchema describes them.
type mirrorFile struct {
	Schema    string        `json:"$schema"`
	Interface interfaceFile `json:"interface" required:"true"`
	Direction string        `json:"direction"`
	Sessions  []sessionFile `json:"sessions" required:"true"`
}

type interfaceFile struct {
	ID                   string         `json:"id"`
	MACAddress           mirror.MAC     `json:"mac_address"`
	PrivateIPAddress     netip.Addr     `json:"private_ip_address"`
	PrivateIPAddresses   []netip.Addr   `json:"private_ip_addresses"`
	IPv6Addresses        []netip.Addr   `json:"ipv6_addresses"`
	IPv4Prefixes         []netip.Prefix `json:"ipv4_prefixes"`
	IPv6Prefixes         []netip.Prefix `json:"ipv6_prefixes"`
	SourceDestCheck      *bool          `json:"source_dest_check"`
	DNSResolverAddresses []netip.Addr   `json:"dns_resolver_addresses"`
	MTU                  int            `json:"mtu"`
}

type sessionFile struct {
	Number           int        `json:"session_number" required:"true"`
	PacketLength     *int       `json:"packet_length"`
	VirtualNetworkID *int       `json:"virtual_network_id"`
	Target           targetFile `json:"target" required:"true"`
	Filter           filterFile `json:"filter" required:"true"`
}

type targetFile struct {
	Type         mirror.TargetType `json:"type" required:"true"`
	Address      netip.Addr        `json:"ip_address"`
	MTU          int               `json:"mtu"`
	Available    *bool             `json:"available"`
	UDPListeners []int             `json:"udp_listeners"`
	Appliances   []Appliance       `json:"appliances"`
}

type filterFile struct {
	NetworkServices []mirror.NetworkService `json:"network_services"`
	IngressRules    map[string]ruleFile     `json:"ingress_rules"`
	EgressRules     map[string]ruleFile     `json:"egress_rules"`
}

type ruleFile struct {
	Action           mirror.Action `json:"rule_action" required:"true"`
	Protocol         *protocolFile `json:"protocol"`
	SourceCIDR       string        `json:"source_cidr_block" required:"true"`
	DestinationCIDR  string        `json:"destination_cidr_block" required:"true"`
	SourcePorts      *portsFile    `json:"source_port_range"`
	DestinationPorts *portsFile    `json:"destination_port_range"`
	Description      string        `json:"description"`
}

type portsFile struct {
	From int `json:"from_port" required:"true"`
	To   int `json:"to_port" required:"true"`
}

// protocolFile is the name or the number of a protocol. The number may be a JSON
// number or a string.
type protocolFile string

// UnmarshalJSON implements json.Unmarshaler.
func (p *protocolFile) UnmarshalJSON(text []byte) error {
	name, err := nameOrNumber(text, `write the name or the number of a protocol, such as "tcp" or 6`)
	*p = protocolFile(name)
	return err
}

// nameOrNumber reads a JSON string or a JSON number. If the text is neither, the error says
// what to write.
func nameOrNumber(text []byte, fix string) (string, error) {
	var name string
	var number json.Number
	switch {
	case json.Unmarshal(text, &name) == nil:
		return name, nil
	case json.Unmarshal(text, &number) == nil:
		return number.String(), nil
	}
	return "", errors.New(fix)
}

// ParseMirror reads a mirror.json. dataplane.New checks the rest, with the same
// paths: the session numbers, and the type and the MTU of each target.
func ParseMirror(text []byte) (*Mirror, error) {
	var f mirrorFile
	if err := decode(text, &f); err != nil {
		return nil, err
	}
	m := &Mirror{Interface: f.Interface.noun()}
	problems := f.Interface.check().Below("interface")
	if f.Direction != "" && f.Direction != directionAuto {
		m.Direction = mirror.Direction(f.Direction)
		problems = append(problems, checkDirection(m.Direction)...)
	}
	for i, s := range f.Sessions {
		session, sessionProblems := s.noun()
		m.Sessions = append(m.Sessions, session)
		if sessionProblems != nil {
			problems = append(problems, sessionProblems.Below(fmt.Sprintf("sessions[%d]", i))...)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	m.Warnings = problems // none of them is an error
	return m, nil
}

func checkDirection(d mirror.Direction) mirror.Problems {
	if slices.Contains(mirror.Directions, d) {
		return nil
	}
	return mirror.Problems{{
		Kind: mirror.Invalid, Field: "direction", Wrong: fmt.Sprintf("is %q", d), Fix: `Write "auto", "ingress" or "egress".`,
	}}
}

func (f interfaceFile) noun() mirror.Interface {
	return mirror.Interface{
		ID: f.ID, MACAddress: f.MACAddress, PrivateIPAddress: f.PrivateIPAddress, PrivateIPAddresses: f.PrivateIPAddresses,
		IPv6Addresses: f.IPv6Addresses, IPv4Prefixes: f.IPv4Prefixes, IPv6Prefixes: f.IPv6Prefixes, SourceDestCheck: f.SourceDestCheck,
		DNSResolverAddresses: f.DNSResolverAddresses, MTU: f.MTU,
	}
}

func (f interfaceFile) check() mirror.Problems {
	var ps mirror.Problems
	if f.ID != "" {
		ps = mirror.KindInterface.Check("id", f.ID)
	}
	ps = append(ps, checkPrefixes("ipv4_prefixes", f.IPv4Prefixes, true)...)
	return append(ps, checkPrefixes("ipv6_prefixes", f.IPv6Prefixes, false)...)
}

// noun returns the session and its problems.
func (f sessionFile) noun() (MirrorSession, mirror.Problems) {
	s := MirrorSession{Session: mirror.Session{Number: f.Number, PacketLength: f.PacketLength, VirtualNetworkID: f.VirtualNetworkID}}
	problems := s.ValidateSettings()
	s.Target = f.Target.noun()
	problems = append(problems, f.Target.check().Below("target")...)
	filter, filterProblems := f.Filter.noun()
	s.Filter = filter
	return s, append(problems, filterProblems.Below("filter")...)
}

func (f targetFile) noun() mirror.Endpoint {
	return mirror.Endpoint{
		Type: f.Type, Address: f.Address, MTU: cmp.Or(f.MTU, mirror.DefaultMTU), Gone: f.Available != nil && !*f.Available,
		UDPListeners: f.UDPListeners, Appliances: Addresses(f.Appliances),
	}
}

func (f targetFile) check() mirror.Problems {
	var ps mirror.Problems
	for i, port := range f.UDPListeners {
		if !mirror.Ports.Contains(int64(port)) {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Invalid, Field: fmt.Sprintf("udp_listeners[%d]", i), Wrong: fmt.Sprintf("is %d", port),
				Fix: fmt.Sprintf("Write a port from %s.", mirror.Ports),
			})
		}
	}
	return ps
}

func (f filterFile) noun() (mirror.Filter, mirror.Problems) {
	filter := mirror.Filter{NetworkServices: f.NetworkServices}
	problems := filter.Validate()
	for _, direction := range mirror.Directions {
		name, rules := "ingress_rules", f.IngressRules
		if direction == mirror.Egress {
			name, rules = "egress_rules", f.EgressRules
		}
		nouns, ruleProblems := rulesOf(name, direction, rules)
		filter.Rules = append(filter.Rules, nouns...)
		problems = append(problems, ruleProblems...)
	}
	return filter, problems
}

// rulesOf returns the rules of a direction, ordered by key.
func rulesOf(name string, direction mirror.Direction, rules map[string]ruleFile) ([]mirror.Rule, mirror.Problems) {
	var nouns []mirror.Rule
	var problems mirror.Problems
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		rule, ps := rules[key].noun(direction, key)
		nouns = append(nouns, rule)
		if ps != nil { // building the path costs time
			problems = append(problems, ps.Below(atKey(name, key))...)
		}
	}
	return nouns, problems
}

func (f ruleFile) noun(direction mirror.Direction, key string) (mirror.Rule, mirror.Problems) {
	r := mirror.Rule{
		Direction: direction, Action: f.Action, Description: f.Description,
		SourcePorts: (*mirror.PortRange)(f.SourcePorts), DestinationPorts: (*mirror.PortRange)(f.DestinationPorts),
	}
	var ps [4]mirror.Problems
	r.Number, ps[0] = mirror.ParseRuleNumber(key)
	if f.Protocol != nil {
		protocol, problems := mirror.ParseProtocol("protocol", string(*f.Protocol))
		r.Protocol, ps[1] = &protocol, problems
	}
	r.SourceCIDR, ps[2] = mirror.ParseCIDR("source_cidr_block", f.SourceCIDR)
	r.DestinationCIDR, ps[3] = mirror.ParseCIDR("destination_cidr_block", f.DestinationCIDR)
	// A rule that cannot be read cannot be checked.
	if unread := slices.Concat(ps[:]...); unread != nil {
		return r, unread
	}
	problems := r.Validate()
	if f.Protocol != nil && string(*f.Protocol) == "0" {
		problems = append(problems, mirror.Problem{
			Kind: mirror.Warning, Field: "protocol", Wrong: "is 0, which means only HOPOPT", Fix: `Write "hopopt" if that is meant, or leave it out to match every protocol.`,
		})
	}
	return r, problems
}
