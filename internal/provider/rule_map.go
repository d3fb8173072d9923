package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A rule map has the rules of one direction by their numbers. So a plan shows only the
// rules that change, which a list would not, and no number can be used twice.

var ruleMapType = types.MapType{ElemType: types.ObjectType{AttrTypes: ruleTypes}}

// expandRules returns the rules of a map as nouns, in the order of their numbers, and the
// problems of the values that are known. The fields of the problems are below name, the
// map's attribute. It leaves out a rule that is unknown.
func expandRules(name string, direction mirror.Direction, rules types.Map) ([]mirror.Rule, mirror.Problems) {
	var nouns []mirror.Rule
	var problems mirror.Problems
	elements := rules.Elements()
	for _, key := range sortedRuleKeys(elements) {
		at := fmt.Sprintf("%s[%q]", name, key)
		number, keyProblems := mirror.ParseRuleNumber(key)
		problems = append(problems, keyProblems.Below(at)...)
		element := elements[key].(types.Object)
		switch {
		case element.IsNull():
			problems = append(problems, mirror.Problem{
				Kind: mirror.Missing, Field: at, Wrong: "is null", Fix: "Write a rule, or leave the number out.",
			})
		case !element.IsUnknown():
			rule, ruleProblems := ruleOf(element).expand(direction, number)
			nouns = append(nouns, rule)
			problems = append(problems, besides(keyProblems, "rule_number", ruleProblems).Below(at)...)
		}
	}
	return nouns, problems
}

// besides returns problems without those of field, if others already report that field.
func besides(others mirror.Problems, field string, problems mirror.Problems) mirror.Problems {
	if others == nil {
		return problems
	}
	return slices.DeleteFunc(problems, func(p mirror.Problem) bool { return p.DependsOn(field) })
}

// sortedRuleKeys sorts keys as numbers, the order in which rules are tried. Sorted as
// text, 1000 would come before 200. A key that is not a number comes first.
func sortedRuleKeys[V any](rules map[string]V) []string {
	number := func(key string) int {
		n, _ := strconv.Atoi(key)
		return n
	}
	return slices.SortedFunc(maps.Keys(rules), func(a, b string) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b))
	})
}

// flattenRules returns rules of one direction as a map.
func flattenRules(rules []mirror.Rule, prior types.Map) types.Map {
	elements := make(map[string]attr.Value, len(rules))
	for _, rule := range rules {
		key := strconv.Itoa(rule.Number)
		elements[key] = flattenRule(rule, priorRule(prior, key)).object()
	}
	return types.MapValueMust(ruleMapType.ElemType, elements)
}

func priorRule(rules types.Map, key string) ruleModel {
	object, _ := rules.Elements()[key].(types.Object)
	if object.IsNull() || object.IsUnknown() {
		return ruleModel{}
	}
	return ruleOf(object)
}
