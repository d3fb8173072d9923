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

// A rule map holds the rules of one direction by their numbers, so that a plan
// shows the rule that changes instead of a shifted list, and no number can stand
// twice.

var ruleMapType = types.MapType{ElemType: types.ObjectType{AttrTypes: ruleTypes}}

// expandRules returns the rules of a map as nouns, in the order of their
// numbers, and what is wrong with them as far as they are known. The fields of
// the problems are below name, the map's attribute. A rule of which nothing is
// known is left out.
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

// besides returns problems without those of a field about which others say
// enough.
func besides(others mirror.Problems, field string, problems mirror.Problems) mirror.Problems {
	if others == nil {
		return problems
	}
	return slices.DeleteFunc(problems, func(p mirror.Problem) bool { return p.DependsOn(field) })
}

// sortedRuleKeys sorts keys as numbers, in which order rules are tried: as texts,
// 1000 would come before 200. What is no number comes first.
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
