package analysis

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Covered is a rule that decides about no packet, because every packet that it
// matches is decided by rules before it.
type Covered struct {
	Rule mirror.Rule
	By   []mirror.Rule // the rules that suffice to cover it, in the order in which they are tried
}

// Unreachable returns the rules of one direction that decide about no packet, in
// the order in which they would be tried.
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

// covers reports whether every packet that a rule matches is matched by others,
// whatever they do with it.
func covers(others []mirror.Rule, rule mirror.Rule) bool {
	return !MayExist([][]mirror.Rule{matching(rule)}, [][]mirror.Rule{matching(others...)})
}

// matching returns rules that accept what the given ones match.
func matching(rules ...mirror.Rule) []mirror.Rule {
	accepting := slices.Clone(rules)
	for i := range accepting {
		accepting[i].Action = mirror.Accept
	}
	return accepting
}

// fewest leaves out of covering rules, the last first, what is not needed.
func fewest(covering []mirror.Rule, rule mirror.Rule) []mirror.Rule {
	needed := slices.Clone(covering)
	for i := len(needed) - 1; i >= 0; i-- {
		if without := slices.Delete(slices.Clone(needed), i, i+1); covers(without, rule) {
			needed = without
		}
	}
	return needed
}
