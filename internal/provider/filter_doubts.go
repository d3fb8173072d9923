package provider

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// doubt warns of a filter that can hardly be meant. It says nothing of a direction
// whose rules are managed elsewhere or are not known yet.
func (p planPolicy) doubt(diags *diag.Diagnostics, config filterModel) {
	accepting, known := 0, 0
	for _, d := range config.managed() {
		rules, whole := wholeRules(d, *config.rules(d))
		if !whole {
			continue
		}
		known++
		if analysis.MayExist([][]mirror.Rule{rules}, nil) {
			accepting++
		}
		p.doubtRules(diags, d, rules)
	}
	servicesKnown := !config.NetworkServices.IsUnknown()
	if known == len(mirror.Directions) && accepting == 0 && servicesKnown && len(config.NetworkServices.Elements()) == 0 {
		p.warn(diags, findingMirrorsNone, path.Root(rulesAttribute(mirror.Ingress)), "A filter that mirrors nothing",
			"No rule of either direction accepts a packet, and network_services is empty: sessions with this filter copy nothing. Add a rule with rule_action = \"accept\".")
	}
}

// wholeRules returns the rules of a direction, if all of them are known.
func wholeRules(d mirror.Direction, rules types.Map) ([]mirror.Rule, bool) {
	for _, element := range rules.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() || hasUnknown(object) {
			return nil, false
		}
	}
	nouns, problems := expandRules(rulesAttribute(d), d, rules)
	return nouns, !rules.IsUnknown() && problems.Err() == nil
}

func hasUnknown(object types.Object) bool {
	for _, value := range object.Attributes() {
		nested, isObject := value.(types.Object)
		if value.IsUnknown() || isObject && hasUnknown(nested) {
			return true
		}
	}
	return false
}

func (p planPolicy) doubtRules(diags *diag.Diagnostics, d mirror.Direction, rules []mirror.Rule) {
	at := path.Root(rulesAttribute(d))
	for _, covered := range analysis.Unreachable(rules) {
		p.warn(diags, findingUnreachable, at, "A rule that never matches", fmt.Sprintf(
			"Every packet that %s matches is decided before, by %s. Give it a lower number, or remove it.",
			ruleName(covered.Rule), ruleNames(covered.By)))
	}
	every := slices.IndexFunc(rules, func(r mirror.Rule) bool {
		return r.Action == mirror.Accept && isEveryIPv4(r.SourceCIDR) && isEveryIPv4(r.DestinationCIDR)
	})
	if every >= 0 && !slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() }) {
		p.warn(diags, findingIPv6Forgotten, at, "IPv6 is not mirrored", fmt.Sprintf(
			"%s accepts packets from 0.0.0.0/0 to 0.0.0.0/0, which no IPv6 packet matches, and no rule of this direction is about IPv6. Add a rule with ::/0 as both CIDR blocks.",
			ruleName(rules[every])))
	}
}

func isEveryIPv4(p netip.Prefix) bool { return p.Addr().Is4() && p.Bits() == 0 }

func ruleName(r mirror.Rule) string {
	return fmt.Sprintf("%s[\"%d\"]", rulesAttribute(r.Direction), r.Number)
}

func ruleNames(rules []mirror.Rule) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = ruleName(r)
	}
	return strings.Join(names, ", ")
}
