package check

import (
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// judgeRules warns of rules that are probably a mistake. It skips a direction whose rules
// are managed elsewhere or not known yet.
func (f filterCheck) judgeRules(filter Filter) {
	accepting, known := 0, 0
	var lines []string
	field := ""
	for _, d := range filter.Managed {
		if !filter.isKnown(RulesField(d)) {
			continue
		}
		rules := filter.Noun.InDirection(d)
		known++
		if rulesMirror(f.findings, filter.Noun.ID, mirror.Filter{Rules: rules}) {
			accepting++
		}
		found := unreachable(f.findings, filter.Noun.ID, rules)
		if found != nil && field == "" {
			field = RulesField(d)
		}
		for _, c := range found {
			lines = append(lines, coveredText(c, ruleName))
		}
	}
	f.warnUnreachable(field, filter.Noun.ID, "", lines)
	hasNoServices := filter.isKnown("network_services") && len(filter.Noun.NetworkServices) == 0
	if known == len(mirror.Directions) && accepting == 0 && hasNoServices {
		f.add(Finding{
			Severity: Warning, Field: RulesField(mirror.Ingress), Silence: MirrorsNothing, About: []string{filter.Noun.ID}, Summary: "The filter mirrors nothing",
			Detail: "No rule of either direction accepts a packet that EC2 can mirror, and network_services is empty. Sessions with this filter copy nothing. Add a rule with rule_action = \"accept\".",
		})
	}
}

func isEveryIPv4(p netip.Prefix) bool { return p.Addr().Is4() && p.Bits() == 0 }

func ruleName(r mirror.Rule) string {
	return fmt.Sprintf("%s[\"%d\"]", RulesField(r.Direction), r.Number)
}
