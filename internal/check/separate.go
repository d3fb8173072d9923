package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The plan has the separate rules of a filter one after another. What is true of the rules
// planned so far must stay true with any further rules. So a finding about a rule that
// earlier rules cover is made here, as soon as all these rules are planned. A finding about
// what no rule does is made at the sessions: see findings about sessions.

// judgeSeparate warns of separate rules that are probably a mistake.
func (f ruleCheck) judgeSeparate(own plannedRule) {
	if !isComplete(own.Object) {
		return
	}
	if forgetsPorts(own.Noun) && !f.policy.silencesRule(PortsForgotten, own.filter.key, own.Noun) && f.reservations.warnOnce("ports of "+own.filter.key) {
		warnPorts(f.findings, "destination_port_range", own.filter.key, "This rule "+rejectsAllPorts(own.Noun), " This is shown only once for the separate rules of a filter.")
	}
	if own.filter.key == "" || f.hasError() {
		return
	}
	var rules []mirror.Rule
	for _, r := range f.planned.rulesOf(own.filter.key) {
		if isComplete(r.Object) && r.Noun.Direction == own.Noun.Direction {
			rules = append(rules, r.Noun)
		}
	}
	var lines []string
	for _, c := range unreachable(f.findings, own.filter.key, rules) {
		if f.reservations.warnOnce(withNumber("cover "+ruleDirection(own.filter.key, c.Rule.Direction), c.Rule.Number)) {
			lines = append(lines, coveredText(c, separateName))
		}
	}
	f.warnUnreachable("rule_number", own.filter.key, fmt.Sprintf(" These are rules of %s.%s", filterName(own.filter), guessNote(own.filter, "rules")), lines)
}

// filterName names a filter in a text.
func filterName(r reference) string {
	if r.isGuess {
		return "the new filter"
	}
	return r.key
}

// guessNote says why the filter of objects is a guess.
func guessNote(r reference, objects string) string {
	if !r.isGuess {
		return ""
	}
	return fmt.Sprintf(" The traffic_mirror_filter_id of these %s is known only after apply. This plan has only one new filter, so it is taken as theirs.", objects)
}

// countNewRules warns of more rules of new filters than their quota allows. Each of these
// rules belongs to one of the new filters planned so far.
func (f ruleCheck) countNewRules() {
	keys, rules, quota := f.planned.newFilters(), f.planned.rulesOf(ofUnknown), f.policy.Quotas.RulesPerFilter
	if len(keys) == 0 {
		return // the IDs come from another provider
	}
	count := map[mirror.Direction]int{}
	for _, r := range rules {
		if r.isKnown("traffic_direction") {
			count[r.Noun.Direction]++
		}
	}
	inline := 0
	for _, key := range keys {
		filter, _ := f.planned.filter(key)
		for d, n := range filter.Count {
			inline += n
			count[d] += n
		}
	}
	total := len(rules) + inline
	if f.policy.Variants.RulesPerDirection {
		total = max(count[mirror.Ingress], count[mirror.Egress])
	}
	if total <= quota*len(keys) || !f.reservations.warnOnce("rules of new filters") {
		return
	}
	text := fmt.Sprintf("In this plan, one filter is new, and the traffic_mirror_filter_id of %s is known only after apply. If they are rules of this filter, it has at least %d rules%s. The assumed quota is %d.",
		atLeastRules(len(rules)), total, f.policy.ruleNote(), quota)
	if len(keys) > 1 {
		text = fmt.Sprintf("In this plan, %d filters are new, and the traffic_mirror_filter_id of %s is known only after apply. If they are rules of these filters, at least one filter has more rules than the assumed quota of %d%s.",
			len(keys), atLeastRules(len(rules)), quota, f.policy.ruleNote())
	}
	f.warnQuota("traffic_mirror_filter_id", "rules", "rules_per_filter", "", text)
}

func atLeastRules(n int) string {
	if n == 1 {
		return "at least one rule"
	}
	return fmt.Sprintf("at least %d rules", n)
}

// ruleNote says which rules the quota counts together.
func (p Policy) ruleNote() string {
	if p.Variants.RulesPerDirection {
		return " in one direction"
	}
	return ", ingress and egress together"
}

// forgetsPorts reports whether a rule rejects every port of TCP or UDP. That may be intended,
// but it is also what is left of a rule whose port range has a misspelt name: Terraform
// ignores an unknown name inside an object without a message.
func forgetsPorts(r mirror.Rule) bool {
	return r.Action == mirror.Reject && r.Protocol != nil && r.Protocol.HasPorts() && r.SourcePorts == nil && r.DestinationPorts == nil
}

func rejectsAllPorts(r mirror.Rule) string {
	return fmt.Sprintf("rejects %s packets of every port, because it has no port range.", r.Protocol)
}

func warnPorts(f *findings, field, filterID, text, note string) {
	f.add(Finding{
		Severity: Warning, Field: field, Silence: PortsForgotten, About: []string{filterID}, Summary: "A rule rejects every port",
		Detail: text + " If only some ports are meant, set source_port_range or destination_port_range." + note,
	})
}

// findForgottenPorts warns once of the rules of the filter that reject every port.
func (f filterCheck) findForgottenPorts(filter Filter) {
	var rules []mirror.Rule
	for _, d := range filter.Managed {
		if filter.isKnown(RulesField(d)) {
			rules = append(rules, filter.Noun.InDirection(d)...)
		}
	}
	rules = slices.DeleteFunc(rules, func(r mirror.Rule) bool {
		return !forgetsPorts(r) || f.policy.silencesRule(PortsForgotten, filter.Noun.ID, r)
	})
	if len(rules) == 0 {
		return
	}
	texts := make([]string, len(rules))
	for i, r := range rules {
		texts[i] = ruleName(r) + " " + rejectsAllPorts(r)
	}
	warnPorts(f.findings, RulesField(rules[0].Direction), filter.Noun.ID, strings.Join(texts, " "),
		" Check the spelling of these names: inside a rule, Terraform ignores an unknown name without a message.")
}
