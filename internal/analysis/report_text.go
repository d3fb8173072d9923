package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The titles of findings, and what is not known if there is no answer.
const (
	UnreachableTitle = "Rules that decide no packet, because others decide about every packet that they match"
	RedundantTitle   = "Rules that can be removed together without a change of what is mirrored"
	OneWayTitle      = "Flows that are mirrored in one direction only, one packet for each pair of rules"

	UnreachableQuestion = "which rules decide no packet"
	RedundantQuestion   = "which rules can be removed without a change of what is mirrored"
	OneWayQuestion      = "which flows are mirrored in one direction only"
)

// reasonTexts word what decides a packet if no rule does.
var reasonTexts = map[Reason]string{
	NoRule:         "no rule",
	ServiceAccepts: "network service amazon-dns",
	ServiceOff:     "Amazon DNS, which no rule mirrors",
	NeverMirrored:  "never mirrored",
}

// DecidedBy names what decides about the packets that the rule matches: "rule 100, 200".
func (r UnreachableRule) DecidedBy() string {
	var all []string
	for i, n := range r.CoveredBy {
		text := strconv.Itoa(n)
		if i == 0 {
			text = "rule " + text
		}
		all = append(all, text)
	}
	if r.NetworkService {
		all = append(all, "Amazon DNS")
	}
	if r.NeverMirrored {
		all = append(all, "EC2, which never mirrors them")
	}
	return strings.Join(all, ", ")
}

// Describe writes the packet with its direction.
func (p PacketShown) Describe() string { return string(p.TrafficDirection) + " " + p.Text }

// Describe names what decides: "rule 100 accepts".
func (d DecisionShown) Describe() string {
	switch {
	case d.RuleNumber == nil:
		return reasonTexts[d.Reason]
	case d.Mirrored:
		return fmt.Sprintf("rule %d accepts", *d.RuleNumber)
	}
	return fmt.Sprintf("rule %d rejects", *d.RuleNumber)
}

// IsTooComplex reports whether there is no answer for an attribute of the report, because an exact
// answer would take too long.
func (r Report) IsTooComplex(attribute string) bool { return slices.Contains(r.TooComplex, attribute) }
