package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// parkedKey is the key of private state under which a rule that gave way remembers
// the number to which it went, so that it does not go on from there to another.
const parkedKey = "parked"

func readParked(ctx context.Context, private privateReader) (number int, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, parkedKey)
	if text == nil || diags.HasError() {
		return 0, diags
	}
	if err := json.Unmarshal(text, &number); err != nil {
		diags.AddError("Unreadable private state", fmt.Sprintf("The key %q: %s.", parkedKey, err))
	}
	return number, diags
}

// writeParked removes the key when number is 0.
func writeParked(ctx context.Context, private privateWriter, number int) diag.Diagnostics {
	if number == 0 {
		return private.SetKey(ctx, parkedKey, nil)
	}
	text, err := json.Marshal(number)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unwritable private state", err.Error())}
	}
	return private.SetKey(ctx, parkedKey, text)
}

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
