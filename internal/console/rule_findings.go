package console

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

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
