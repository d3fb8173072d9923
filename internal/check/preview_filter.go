package check

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// filterOf returns the filter of a session after the apply, and whether it is known.
func (l *overlay) filterOf(s plannedSession) (mirror.Filter, bool) {
	if !l.knows(s, "traffic_mirror_filter_id", "the filter") {
		return mirror.Filter{}, false
	}
	id, waits := s.Noun.FilterID, len(l.waits)
	present := presentFilter(l.now.filters, id)
	if present == nil {
		l.wait("%s, which EC2 does not list now", id)
		return mirror.Filter{}, false
	}
	own, isFound := existingFilter(&l.planned, id)
	filter := *present
	filter.Rules = nil
	var managed []mirror.Direction
	switch {
	case l.isPresent(id, isFound, own.updates):
		if isFound && !l.account.ChangedInThisRun(id) {
			managed = own.Managed
		}
		filter.Rules = append(filter.Rules, rulesIn(present.Rules, managed)...)
	case !isFound || own.Noun.ID == "":
		l.wait("what takes the place of the filter %s", id)
		return mirror.Filter{}, false
	default:
		managed = own.Managed
		if filter.NetworkServices = own.Noun.NetworkServices; !own.isKnown("network_services") {
			l.wait("the network services of %s", id)
		}
		for _, d := range managed {
			if !own.isKnown(RulesField(d)) {
				l.wait("the %s rules of %s", d, id)
			}
		}
		filter.Rules = append(filter.Rules, rulesIn(own.Noun.Rules, managed)...)
	}
	var separate []mirror.Direction
	for _, d := range mirror.Directions {
		if !slices.Contains(managed, d) {
			separate = append(separate, d)
		}
	}
	if separate != nil {
		filter.Rules = append(filter.Rules, rulesIn(l.separateRules(*present), separate)...)
	}
	return filter, len(l.waits) == waits
}

func rulesIn(rules []mirror.Rule, directions []mirror.Direction) []mirror.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool { return !slices.Contains(directions, r.Direction) })
}

// separateRules returns the rules of a filter after the apply, as far as no map owns them.
func (l *overlay) separateRules(filter mirror.Filter) []mirror.Rule {
	var rules []mirror.Rule
	listed := map[string]bool{}
	for _, r := range filter.Rules {
		listed[r.ID] = true
		own, isFound := existingRule(&l.planned, r.ID)
		if l.isPresent(r.ID, isFound, own.updates) {
			rules = append(rules, r)
		}
	}
	for _, r := range l.planned.rulesOf(filter.ID) {
		switch id := r.Noun.ID; {
		case id == "" && l.isCreatedRule(filter, r), id != "" && l.account.ChangedInThisRun(id), listed[id] && !r.updates:
		case id != "" && !listed[id]:
			l.wait("%s, which EC2 does not list now", id)
		case !isComplete(r.Object):
			l.wait("%s of %s", ruleNoun(r), filter.ID)
		default:
			rules = append(rules, r.Noun)
		}
	}
	if hasOpenRules(&l.planned) {
		for _, r := range l.planned.rulesOf(ofUnknown) {
			l.wait("the filter of %s", ruleNoun(r))
		}
	}
	numbers := map[string]bool{}
	for _, r := range rules {
		number := withNumber(string(r.Direction), r.Number)
		if numbers[number] {
			l.wait("which %s of %s has the number %d: the plan would give it to two", string(r.Direction)+" rule", filter.ID, r.Number)
		}
		numbers[number] = true
	}
	return rules
}

// isCreatedRule reports whether this run has created a rule that it has planned before.
func (l *overlay) isCreatedRule(filter mirror.Filter, planned plannedRule) bool {
	return slices.ContainsFunc(filter.Rules, func(r mirror.Rule) bool {
		return l.account.ChangedInThisRun(r.ID) && r.Number == planned.Noun.Number && r.Direction == planned.Noun.Direction
	})
}

// ruleNoun names a separate rule in a message.
func ruleNoun(r plannedRule) string {
	switch {
	case r.Noun.ID != "":
		return r.Noun.ID
	case mirror.KindFilterRule.Is(r.objectID):
		return "the rule that replaces " + r.objectID
	case r.isKnown("traffic_direction", "rule_number"):
		return fmt.Sprintf("the new %s rule %d", r.Noun.Direction, r.Noun.Number)
	}
	return "a new rule"
}
