package analysis

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Report has the answers to the questions about a filter, in the form in which commands and
// data sources show them. A list is nil, and a pointer too, if nobody has asked or if the
// answer would take too long. TooComplex says which of the two it is.
type Report struct {
	UnreachableRules []UnreachableRule `json:"unreachable_rules" nullable:"true" doc:"Rules that decide no packet: rules with lower numbers decide every packet that they match, or no rule can decide about it."`
	RedundantRules   []RuleKey         `json:"redundant_rules" nullable:"true" doc:"Rules that can be removed together without a change of what is mirrored. Unreachable rules are among them."`
	Rules            []DecidingRule    `json:"rules" nullable:"true" doc:"Each rule of the filter, with a packet that it decides."`
	OneWayFlows      []OneWayFlow      `json:"one_way_flows" nullable:"true" doc:"Flows of which only one direction is mirrored: one for each pair of rules that decide it."`
	Mirrors          *SpaceReport      `json:"mirrors" doc:"What the filter does with the packets of the space. Null if no space is given."`
	Equal            *bool             `json:"equal" doc:"Whether both filters mirror the same packets. Null if no other filter is given."`
	Gained           *bool             `json:"gained" doc:"Whether the other filter mirrors a packet that this filter does not mirror. Null if no other filter is given."`
	Lost             *bool             `json:"lost" doc:"Whether this filter mirrors a packet that the other filter does not mirror. Null if no other filter is given."`
	Differences      []DifferenceShown `json:"differences" nullable:"true" doc:"Packets that only one of the filters mirrors: one for each pair of rules that decide it. Null if no other filter is given."`
	TooComplex       []string          `json:"too_complex" doc:"Names of attributes that are null because an exact answer would take too long."`
}

// A RuleKey names a rule.
type RuleKey struct {
	TrafficDirection mirror.Direction `json:"traffic_direction" doc:"Direction of the rule."`
	RuleNumber       int              `json:"rule_number" doc:"Number of the rule, 1 to 32766."`
}

// A DecidingRule is a rule with a packet that proves that it decides something.
type DecidingRule struct {
	TrafficDirection mirror.Direction `json:"traffic_direction" doc:"Direction of the rule."`
	RuleNumber       int              `json:"rule_number" doc:"Number of the rule, 1 to 32766."`
	Packet           *PacketShown     `json:"packet" doc:"A packet that the rule decides. Null if it decides none: it is one of the unreachable rules."`
}

// An UnreachableRule is a Covered with rules named by their numbers.
type UnreachableRule struct {
	TrafficDirection mirror.Direction `json:"traffic_direction" doc:"Direction of the rule."`
	RuleNumber       int              `json:"rule_number" doc:"Number of the rule, 1 to 32766."`
	CoveredBy        []int            `json:"covered_by" doc:"Numbers of the rules that together decide every packet that the rule matches and a rule can decide."`
	DifferentAction  bool             `json:"different_action" doc:"Whether one of these rules has another action than the rule. Then the rule does not do what it says."`
	NeverMirrored    bool             `json:"never_mirrored" doc:"Whether the rule matches packets that only EC2 decides about, because it never mirrors them, for example DHCP."`
	NetworkService   bool             `json:"network_service" doc:"Whether the rule matches packets that only a network service decides about: Amazon DNS."`
}

// A OneWayFlow is a OneWay as it is shown.
type OneWayFlow struct {
	Mirrored    WitnessShown `json:"mirrored" doc:"A packet that is mirrored."`
	NotMirrored WitnessShown `json:"not_mirrored" doc:"Its reply, which is not mirrored: the same addresses and ports, swapped, in the other direction."`
}

// A SpaceReport is a Share as it is shown, with the rules that make it.
type SpaceReport struct {
	Space       string        `json:"space" doc:"The space as a text, such as \"ingress tcp 10.0.0.0/8 > any:22\"."`
	Amount      Amount        `json:"amount" doc:"How many packets of the space are mirrored. Packets that EC2 never mirrors do not count, unless the space has no others. Nor does Amazon DNS at its link-local addresses, unless the space has packets between port 53 and the ports 49152-65535 from which clients send."`
	Mirrored    *WitnessShown `json:"mirrored" doc:"A packet of the space that is mirrored. Null if none is."`
	NotMirrored *WitnessShown `json:"not_mirrored" doc:"A packet of the space that is not mirrored. Null if all are mirrored."`
	Rules       []RuleKey     `json:"rules" nullable:"true" doc:"Rules that decide a packet of the space."`
	Outside     *OutsideShown `json:"outside" doc:"What the filter does with the packets that are not in the space. Null if an exact answer would take too long."`
}

// An OutsideShown is a Share of the packets outside of a space as it is shown.
type OutsideShown struct {
	Amount      Amount        `json:"amount" doc:"How many of these packets are mirrored."`
	Mirrored    *WitnessShown `json:"mirrored" doc:"A packet outside of the space that is mirrored. Null if none is."`
	NotMirrored *WitnessShown `json:"not_mirrored" doc:"A packet outside of the space that is not mirrored. Null if all are mirrored."`
}

// A DifferenceShown is a Difference as it is shown.
type DifferenceShown struct {
	TrafficDirection mirror.Direction `json:"traffic_direction" doc:"Direction of the packet."`
	Change           Change           `json:"change" doc:"What the other filter does with the packet: it mirrors the packet, and this filter does not, or the reverse."`
	A                DecisionShown    `json:"a" doc:"What this filter does with the packet."`
	B                DecisionShown    `json:"b" doc:"What the other filter does with the packet."`
	Packet           PacketShown      `json:"packet" doc:"The packet."`
}

// A WitnessShown is a Witness as it is shown.
type WitnessShown struct {
	Packet   PacketShown   `json:"packet" doc:"The packet."`
	Decision DecisionShown `json:"decision" doc:"What the filter does with the packet."`
}

// A PacketShown is a header as it is shown.
type PacketShown struct {
	TrafficDirection mirror.Direction `json:"traffic_direction" doc:"Whether the mirror source receives or sends the packet."`
	Protocol         string           `json:"protocol" doc:"Name of the protocol, or its number if it has no name."`
	Source           string           `json:"source" doc:"Source address."`
	SourcePort       *int             `json:"source_port" doc:"Source port, 0 to 65535. Null if the packet has no ports."`
	Destination      string           `json:"destination" doc:"Destination address."`
	DestinationPort  *int             `json:"destination_port" doc:"Destination port, 0 to 65535. Null if the packet has no ports."`
	Text             string           `json:"text" doc:"The packet as a text, such as \"tcp 10.1.2.3:50000 > 10.0.1.10:22\"."`
}

// A DecisionShown is a Decision as it is shown.
type DecisionShown struct {
	Mirrored   bool   `json:"mirrored" doc:"Whether the packet is mirrored."`
	RuleNumber *int   `json:"rule_number" doc:"Number of the rule that decides, 1 to 32766. Null if no rule decides."`
	Reason     Reason `json:"reason" doc:"Why the packet is mirrored or not."`
}

// Change is what another filter does with a packet.
type Change string

// The changes.
const (
	Gained Change = "gained"
	Lost   Change = "lost"
)

// Reason is why a packet is mirrored or not, in the words of a verdict.
type Reason string

// The reasons.
const (
	RuleAccepts    Reason = "rule_accepts"
	RuleRejects    Reason = "rule_rejects"
	NoRule         Reason = "no_rule"
	ServiceAccepts Reason = "network_service" // the filter has the service
	ServiceOff     Reason = "amazon_dns"      // the filter does not have the service
	NeverMirrored  Reason = "never_mirrored"
)

// Questions are what a Report answers in addition to the questions about the filter alone.
type Questions struct {
	Space   *mirror.Space  // nil: not asked
	Compare *mirror.Filter // with this filter; nil: not asked
}

// NewReport analyses a valid filter. It answers what it can: TooComplex has the rest.
func NewReport(f mirror.Filter, ask Questions) Report {
	r := Report{TooComplex: []string{}}
	r.addUnreachable(f)
	r.addRedundant(f)
	r.addRules(f)
	r.addOneWay(f)
	if ask.Space != nil {
		r.addSpace(f, *ask.Space)
	}
	if ask.Compare != nil {
		r.addDifferences(f, *ask.Compare)
	}
	return r
}

// isAnswered notes the fields that have no answer.
func (r *Report) isAnswered(err error, fields ...string) bool {
	if err != nil {
		r.TooComplex = append(r.TooComplex, fields...)
	}
	return err == nil
}

func (r *Report) addUnreachable(f mirror.Filter) {
	found := []UnreachableRule{}
	for _, d := range mirror.Directions {
		covered, err := Unreachable(f.InDirection(d))
		if !r.isAnswered(err, "unreachable_rules") {
			return
		}
		for _, c := range covered {
			u := UnreachableRule{d, c.Rule.Number, []int{}, c.DifferentAction, c.Never, c.Service}
			for _, by := range c.By {
				u.CoveredBy = append(u.CoveredBy, by.Number)
			}
			found = append(found, u)
		}
	}
	r.UnreachableRules = found
}

func (r *Report) addRedundant(f mirror.Filter) {
	found := []RuleKey{}
	for _, d := range mirror.Directions {
		rules, err := Redundant(f.InDirection(d))
		if !r.isAnswered(err, "redundant_rules") {
			return
		}
		found = append(found, keysOf(rules)...)
	}
	r.RedundantRules = found
}

func (r *Report) addRules(f mirror.Filter) {
	packets, err := DecidedPackets(f)
	if !r.isAnswered(err, "rules") {
		return
	}
	r.Rules = []DecidingRule{}
	for _, d := range mirror.Directions {
		for _, rule := range f.InDirection(d) {
			one := DecidingRule{TrafficDirection: d, RuleNumber: rule.Number}
			if h, decides := packets[RuleKey{d, rule.Number}]; decides {
				one.Packet = new(ShowPacket(h))
			}
			r.Rules = append(r.Rules, one)
		}
	}
}

func (r *Report) addOneWay(f mirror.Filter) {
	flows, err := OneWayFlows(f)
	if !r.isAnswered(err, "one_way_flows") {
		return
	}
	r.OneWayFlows = []OneWayFlow{}
	for _, flow := range flows {
		r.OneWayFlows = append(r.OneWayFlows, OneWayFlow{*showWitness(&flow.Packet), *showWitness(&flow.Reply)})
	}
}

func (r *Report) addSpace(f mirror.Filter, s mirror.Space) {
	share, err := Mirrors(f, s)
	if !r.isAnswered(err, "mirrors") {
		return
	}
	r.Mirrors = &SpaceReport{Space: s.String(), Amount: share.Amount, Mirrored: showWitness(share.Mirrored), NotMirrored: showWitness(share.NotMirrored)}
	if rules, err := Touching(f, s); r.isAnswered(err, "mirrors.rules") {
		r.Mirrors.Rules = keysOf(rules)
	}
	if outside, err := MirrorsOutside(f, s); r.isAnswered(err, "mirrors.outside") {
		r.Mirrors.Outside = &OutsideShown{outside.Amount, showWitness(outside.Mirrored), showWitness(outside.NotMirrored)}
	}
}

func (r *Report) addDifferences(a, b mirror.Filter) {
	differences, err := Compare(a, b)
	if !r.isAnswered(err, "equal", "gained", "lost", "differences") {
		return
	}
	r.Equal, r.Gained, r.Lost, r.Differences = new(len(differences) == 0), new(false), new(false), []DifferenceShown{}
	for _, d := range differences {
		shown := DifferenceShown{d.Packet.Direction, Lost, showDecision(d.A), showDecision(d.B), ShowPacket(d.Packet)}
		if d.B.Mirrored {
			shown.Change = Gained
		}
		*r.Gained, *r.Lost = *r.Gained || d.B.Mirrored, *r.Lost || d.A.Mirrored
		r.Differences = append(r.Differences, shown)
	}
}

func keysOf(rules []mirror.Rule) []RuleKey {
	keys := make([]RuleKey, len(rules))
	for i, rule := range rules {
		keys[i] = RuleKey{rule.Direction, rule.Number}
	}
	return keys
}

func showWitness(w *Witness) *WitnessShown {
	if w == nil {
		return nil
	}
	return &WitnessShown{ShowPacket(w.Packet), showDecision(w.Decision)}
}

// ShowPacket returns a header as it is shown.
func ShowPacket(h mirror.Header) PacketShown {
	p := PacketShown{
		TrafficDirection: h.Direction, Protocol: h.Protocol.String(), Source: h.Source.String(), Destination: h.Destination.String(), Text: h.String(),
	}
	if h.HasPorts {
		p.SourcePort, p.DestinationPort = new(int(h.SourcePort)), new(int(h.DestinationPort))
	}
	return p
}

func showDecision(d Decision) DecisionShown {
	shown := DecisionShown{Mirrored: d.Mirrored, Reason: d.reason()}
	if d.Rule != nil {
		shown.RuleNumber = &d.Rule.Number
	}
	return shown
}

func (d Decision) reason() Reason {
	switch {
	case d.Never:
		return NeverMirrored
	case d.Service != "" && d.Mirrored:
		return ServiceAccepts
	case d.Service != "":
		return ServiceOff
	case d.Rule == nil:
		return NoRule
	case d.Mirrored:
		return RuleAccepts
	}
	return RuleRejects
}
