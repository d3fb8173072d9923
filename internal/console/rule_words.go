package console

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleWords says what a rule does, such as "accept TCP to port 443 from anywhere (IPv4)".
func ruleWords(r mirror.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s", r.Action, protocolWords(r.Protocol), portWords(" to", r.DestinationPorts))
	fmt.Fprintf(&b, " from %s%s", addressWords(r.SourceCIDR), portWords("", r.SourcePorts))
	if r.DestinationCIDR.Bits() != 0 {
		fmt.Fprintf(&b, " to %s", addressWords(r.DestinationCIDR))
	}
	if r.SourceCIDR.Bits() == 0 || r.DestinationCIDR.Bits() == 0 {
		fmt.Fprintf(&b, " (%s)", family(r.SourceCIDR.Addr().Is4()))
	}
	return b.String()
}

func protocolWords(p *mirror.Protocol) string {
	switch {
	case p == nil:
		return "every protocol"
	case p.String() == fmt.Sprint(int(*p)):
		return "protocol " + p.String()
	case *p == mirror.ICMPv6:
		return "ICMPv6"
	}
	return strings.ToUpper(p.String())
}

func portWords(before string, ports *mirror.PortRange) string {
	switch {
	case ports == nil:
		return ""
	case ports.From == ports.To:
		return fmt.Sprintf("%s port %s", before, ports)
	}
	return fmt.Sprintf("%s ports %s", before, ports)
}

func addressWords(p netip.Prefix) string {
	switch {
	case p.Bits() == 0:
		return "anywhere"
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}

func family(is4 bool) string {
	if is4 {
		return "IPv4"
	}
	return "IPv6"
}

// A ruleFindings has what is found about the rules of a filter.
type ruleFindings struct {
	byRule  map[analysis.RuleKey]string
	unknown string // why nothing is known; "": it is
}

// findingsOf looks for rules that have no effect.
func findingsOf(f mirror.Filter) ruleFindings {
	found := ruleFindings{byRule: map[analysis.RuleKey]string{}}
	for _, d := range mirror.Directions {
		covered, err := analysis.Unreachable(f.InDirection(d))
		if err != nil {
			found.unknown = sentence("Not known for the " + string(d) + " rules: " + err.Error())
			continue
		}
		for _, c := range covered {
			found.byRule[analysis.RuleKey{TrafficDirection: d, RuleNumber: c.Rule.Number}] = coveredWords(c)
		}
	}
	return found
}

// coveredWords says what decides about the packets of a rule instead of the rule.
func coveredWords(c analysis.Covered) string {
	by := make([]string, len(c.By))
	for i, r := range c.By {
		by[i] = fmt.Sprintf("rule %d", r.Number)
	}
	if c.Service {
		by = append(by, "the network service amazon-dns")
	}
	text := "It decides no packet."
	if len(by) > 0 {
		text += fmt.Sprintf(" Its packets are decided by %s.", strings.Join(by, ", "))
	}
	if c.Never {
		text += " EC2 never mirrors packets that it matches."
	}
	if c.DifferentAction {
		text += map[mirror.Action]string{
			mirror.Accept: " Packets that it accepts are not mirrored.", mirror.Reject: " Packets that it rejects are mirrored.",
		}[c.Rule.Action]
	}
	return text
}

// hasService reports whether a filter mirrors Amazon DNS.
func hasService(f mirror.Filter) bool { return slices.Contains(f.NetworkServices, mirror.AmazonDNS) }
