package console

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ruleFindings has what is found about the rules of a filter.
type ruleFindings struct {
	byRule  map[analysis.RuleKey]string
	unknown string // why nothing is known; "": it is
}

// findingsOf looks for rules that have no effect on any session with the filter.
func findingsOf(s *snapshot, f mirror.Filter, users []account.Tagged[mirror.Session]) ruleFindings {
	networks := networksOf(s, users)
	found := findingsIn(f, networks[0])
	for _, n := range networks[1:] {
		other := findingsIn(f, n)
		found.unknown = cmp.Or(found.unknown, other.unknown)
		maps.DeleteFunc(found.byRule, func(key analysis.RuleKey, _ string) bool { return other.byRule[key] == "" })
	}
	return found
}

func findingsIn(f mirror.Filter, n network) ruleFindings {
	found := ruleFindings{byRule: map[analysis.RuleKey]string{}}
	for _, d := range mirror.Directions {
		covered, err := analysis.Unreachable(f.InDirection(d), n.resolvers...)
		if err != nil {
			found.unknown = sentence("Not known for the " + string(d) + " rules: " + err.Error())
			continue
		}
		for _, c := range covered {
			found.byRule[analysis.RuleKey{TrafficDirection: d, RuleNumber: c.Rule.Number}] = coveredWords(c) + serviceWords(c, hasService(f))
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
		text += map[bool]string{true: " EC2 never mirrors the packets that it matches.", false: " EC2 never mirrors the other packets that it matches."}[len(by) == 0]
	}
	if c.DifferentAction {
		text += map[mirror.Action]string{
			mirror.Accept: " Packets that it accepts are not mirrored.", mirror.Reject: " Packets that it rejects are mirrored.",
		}[c.Rule.Action]
	}
	return text
}

// serviceWords says how to do what a rule about Amazon DNS cannot do.
func serviceWords(c analysis.Covered, isMirrored bool) string {
	switch {
	case !c.Service || len(c.By) > 0 || isMirrored == (c.Rule.Action == mirror.Accept):
		return ""
	case isMirrored:
		return " To mirror no Amazon DNS, untick Mirror Amazon DNS in the form of the filter."
	}
	return " To mirror Amazon DNS, tick Mirror Amazon DNS in the form of the filter."
}

// hasService reports whether a filter mirrors Amazon DNS.
func hasService(f mirror.Filter) bool { return slices.Contains(f.NetworkServices, mirror.AmazonDNS) }
