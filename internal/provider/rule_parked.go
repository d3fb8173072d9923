package provider

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// parkedKey is the key of private state under which a rule that gave way remembers
// the number to which it went, so that it does not go on from there to another.
const parkedKey = "parked"

// standing returns the state of a rule that has become another than was planned.
func (m filterRuleModel) standing(at mirror.Rule) filterRuleModel {
	m.ruleModel = flattenRule(at, m.ruleModel)
	m.TrafficDirection = types.StringValue(string(at.Direction))
	m.RuleNumber = types.Int64Value(int64(at.Number))
	return m
}

// reportRule words why a rule did not become another.
func reportRule(diags *diag.Diagnostics, summary string, err error) {
	var crowded *crowdedError
	if errors.As(err, &crowded) {
		diags.AddAttributeError(path.Root("rule_number"), summary, crowded.Error())
		return
	}
	ruleFailures.report(diags, summary, err)
}
