package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// judgeRules warns of rules that are hardly meant. A direction whose rules are managed
// elsewhere or are not known yet is not judged.
func (f filterCheck) judgeRules(filter Filter) {
	accepting, known := 0, 0
	for _, d := range filter.Managed {
		if !filter.isKnown(RulesField(d)) {
			continue
		}
		rules := filter.Noun.InDirection(d)
		known++
		if analysis.MayExist([][]mirror.Rule{rules}, nil) {
			accepting++
		}
		f.judgeDirection(d, rules)
	}
	hasNoServices := filter.isKnown("network_services") && len(filter.Noun.NetworkServices) == 0
	if known == len(mirror.Directions) && accepting == 0 && hasNoServices {
		f.add(Finding{
			Severity: Warning, Field: RulesField(mirror.Ingress), Silence: MirrorsNothing, Summary: "A filter that mirrors nothing",
			Detail: "No rule of either direction accepts a packet, and network_services is empty: sessions with this filter copy nothing. Add a rule with rule_action = \"accept\".",
		})
	}
}

func (f filterCheck) judgeDirection(d mirror.Direction, rules []mirror.Rule) {
	for _, covered := range analysis.Unreachable(rules) {
		f.add(Finding{Severity: Warning, Field: RulesField(d), Silence: UnreachableRule, Summary: "A rule that never matches", Detail: fmt.Sprintf(
			"Every packet that %s matches is decided before, by %s. Give it a lower number, or remove it.",
			ruleName(covered.Rule), ruleNames(covered.By))})
	}
	every := slices.IndexFunc(rules, func(r mirror.Rule) bool {
		return r.Action == mirror.Accept && isEveryIPv4(r.SourceCIDR) && isEveryIPv4(r.DestinationCIDR)
	})
	if every >= 0 && !slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() }) {
		f.add(Finding{Severity: Warning, Field: RulesField(d), Silence: IPv6Forgotten, Summary: "IPv6 is not mirrored", Detail: fmt.Sprintf(
			"%s accepts packets from 0.0.0.0/0 to 0.0.0.0/0, which no IPv6 packet matches, and no rule of this direction is about IPv6. Add a rule with ::/0 as both CIDR blocks.",
			ruleName(rules[every]))})
	}
}

func isEveryIPv4(p netip.Prefix) bool { return p.Addr().Is4() && p.Bits() == 0 }

func ruleName(r mirror.Rule) string {
	return fmt.Sprintf("%s[\"%d\"]", RulesField(r.Direction), r.Number)
}

func ruleNames(rules []mirror.Rule) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = ruleName(r)
	}
	return strings.Join(names, ", ")
}
