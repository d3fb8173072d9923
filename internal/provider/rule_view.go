package provider

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ruleView is what a run knows of the rules of a filter: what it has read, put
// right by what it has done, because a reading may show for a while what was before.
type ruleView struct {
	rules   []mirror.Rule
	used    []ruleChange           // the numbers that rules have had, as if they came back
	made    map[string]mirror.Rule // what EC2 answered to creates and changes, by ID
	going   map[string]bool        // rules that are being deleted, by ID
	gone    map[string]bool        // rules that have been deleted
	settled map[string]bool        // rules that this run does not change again
}

func newRuleView() ruleView {
	return ruleView{made: map[string]mirror.Rule{}, going: map[string]bool{}, gone: map[string]bool{}, settled: map[string]bool{}}
}

// show takes what was read.
func (v *ruleView) show(rules []mirror.Rule) {
	v.rules = v.corrected(rules)
	for _, r := range v.rules {
		if !taken(finals(v.used), r, "") {
			v.used = append(v.used, ruleChange{to: &r})
		}
	}
}

// became notes what EC2 has made of a rule.
func (v *ruleView) became(rule mirror.Rule) {
	v.made[rule.ID] = rule
	v.rules = v.corrected(v.rules)
}

// deleted notes how the delete of a rule has ended.
func (v *ruleView) deleted(id string, gone bool) {
	delete(v.going, id)
	v.gone[id], v.settled[id] = gone, true
	v.rules = v.corrected(v.rules)
}

// doubt believes what will be read of a rule: a call has ended without an answer. The
// rule may be nil.
func (v *ruleView) doubt(rule *mirror.Rule) {
	if rule != nil {
		delete(v.made, rule.ID)
	}
}

// now returns a rule as it is seen, or the same where it is not. It may be nil.
func (v *ruleView) now(rule *mirror.Rule) *mirror.Rule {
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

func (v *ruleView) corrected(rules []mirror.Rule) []mirror.Rule {
	rules = slices.Clone(rules)
	for _, r := range v.made {
		rules = applyStep(rules, ruleStep{modifyCall, r})
	}
	return slices.DeleteFunc(rules, func(r mirror.Rule) bool { return v.gone[r.ID] })
}
