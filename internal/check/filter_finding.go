package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// judgeRules warns of rules that are probably a mistake. It skips a direction whose rules
// are managed elsewhere or not known yet.
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
			Severity: Warning, Field: RulesField(mirror.Ingress), Silence: MirrorsNothing, Summary: "The filter mirrors nothing",
			Detail: "No rule of either direction accepts a packet, and network_services is empty. Sessions with this filter copy nothing. Add a rule with rule_action = \"accept\".",
		})
	}
}

func (f filterCheck) judgeDirection(d mirror.Direction, rules []mirror.Rule) {
	for _, covered := range analysis.Unreachable(rules) {
		f.add(Finding{Severity: Warning, Field: RulesField(d), Silence: UnreachableRule, Summary: "The rule has no effect", Detail: fmt.Sprintf(
			"Earlier rules decide every packet that %s matches: %s. Give the rule a lower number, or remove it.",
			ruleName(covered.Rule), ruleNames(covered.By))})
	}
	every := slices.IndexFunc(rules, func(r mirror.Rule) bool {
		return r.Action == mirror.Accept && isEveryIPv4(r.SourceCIDR) && isEveryIPv4(r.DestinationCIDR)
	})
	if every >= 0 && !slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() }) {
		f.add(Finding{Severity: Warning, Field: RulesField(d), Silence: IPv6Forgotten, Summary: "IPv6 is not mirrored", Detail: fmt.Sprintf(
			"%s accepts packets from 0.0.0.0/0 to 0.0.0.0/0, which matches no IPv6 packet, and no rule of this direction has IPv6 CIDR blocks. To mirror IPv6 too, add a rule with ::/0 as source_cidr_block and destination_cidr_block.",
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
