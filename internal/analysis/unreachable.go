package analysis

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Covered is a rule that decides no packet: earlier rules decide every packet
// that it matches.
type Covered struct {
	Rule mirror.Rule
	By   []mirror.Rule // the rules that cover it, in the order in which they are tried
}

// Unreachable returns those rules that decide no packet, in the order in which
// rules are tried. All rules are of one direction.
func Unreachable(rules []mirror.Rule) []Covered {
	sorted := slices.SortedFunc(slices.Values(rules), func(a, b mirror.Rule) int { return cmp.Compare(a.Number, b.Number) })
	var found []Covered
	for i, rule := range sorted {
		earlier := sorted[:i]
		if !covers(earlier, rule) {
			continue
		}
		found = append(found, Covered{rule, fewest(earlier, rule)})
	}
	return found
}

// covers reports whether the others match every packet that a rule matches. Their
// actions do not matter.
func covers(others []mirror.Rule, rule mirror.Rule) bool {
	return !MayExist([][]mirror.Rule{matching(rule)}, [][]mirror.Rule{matching(others...)})
}

// matching returns the rules with the action accept.
func matching(rules ...mirror.Rule) []mirror.Rule {
	accepting := slices.Clone(rules)
	for i := range accepting {
		accepting[i].Action = mirror.Accept
	}
	return accepting
}

// fewest removes rules that are not needed to cover the rule. It tries the last
// ones first.
func fewest(covering []mirror.Rule, rule mirror.Rule) []mirror.Rule {
	needed := slices.Clone(covering)
	for i := len(needed) - 1; i >= 0; i-- {
		if without := slices.Delete(slices.Clone(needed), i, i+1); covers(without, rule) {
			needed = without
		}
	}
	return needed
}
