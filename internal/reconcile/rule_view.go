package reconcile

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ruleView is what a run knows of the rules of one filter.
type ruleView struct {
	// correct corrects rules that were read by what this run has written.
	correct func([]mirror.Rule) []mirror.Rule

	rules    []mirror.Rule
	used     []ruleChange    // all numbers that rules have had in this run, as changes back to them
	deleting map[string]bool // rules, by ID
	final    map[string]bool // rules that this run does not change again, by ID
}

func newRuleView(correct func([]mirror.Rule) []mirror.Rule) ruleView {
	return ruleView{correct: correct, deleting: map[string]bool{}, final: map[string]bool{}}
}

// observe takes rules that were read.
func (v *ruleView) observe(rules []mirror.Rule) {
	v.rules = v.correct(rules)
	for _, r := range v.rules {
		if !isNumberUsed(finalRules(v.used), r) {
			v.used = append(v.used, ruleChange{to: &r})
		}
	}
}

// refresh takes what this run has just written.
func (v *ruleView) refresh() { v.rules = v.correct(v.rules) }

// observed returns a rule as it was last seen, or the same where it was not seen. The
// rule may be nil.
func (v *ruleView) observed(rule *mirror.Rule) *mirror.Rule {
	if rule == nil {
		return nil
	}
	i := slices.IndexFunc(v.rules, func(r mirror.Rule) bool { return r.ID == rule.ID })
	if i < 0 {
		return rule
	}
	seen := v.rules[i]
	return &seen
}
