package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

type filterRuleModel struct {
	ruleModel
	ID               types.String   `tfsdk:"id"`
	ARN              types.String   `tfsdk:"arn"`
	FilterID         types.String   `tfsdk:"traffic_mirror_filter_id"`
	TrafficDirection types.String   `tfsdk:"traffic_direction"`
	RuleNumber       numberValue    `tfsdk:"rule_number"`
	Region           types.String   `tfsdk:"region"`
	Tags             types.Map      `tfsdk:"tags"`
	TagsAll          types.Map      `tfsdk:"tags_all"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

func (m *filterRuleModel) place() place { return place{&m.ID, &m.ARN, &m.Region} }

// readSeparate returns the rule as a noun.
func (m filterRuleModel) readSeparate(r *reader) mirror.Rule {
	rule := m.read(r)
	rule.ID = m.ID.ValueString()
	rule.FilterID = r.text("traffic_mirror_filter_id", m.FilterID)
	rule.Direction = mirror.Direction(r.text("traffic_direction", m.TrafficDirection))
	rule.Number = r.number("rule_number", m.RuleNumber, mirror.RuleNumbers)
	return rule
}

// expand returns the rule as a noun, and its problems.
func (m filterRuleModel) expand() (mirror.Rule, mirror.Problems) {
	var r reader
	rule := m.readSeparate(&r)
	problems := append(mirror.KindFilter.Check("traffic_mirror_filter_id", rule.FilterID), rule.Validate()...)
	return rule, append(r.check(problems), checkTags(m.Tags)...)
}

// checked returns the rule for package check.
func (m filterRuleModel) checked() check.Object[mirror.Rule] {
	var r reader
	rule := m.readSeparate(&r)
	return checked(rule, &r, m.TagsAll)
}

// displaced returns the state of a rule that differs from the plan.
func (m filterRuleModel) displaced(at mirror.Rule) filterRuleModel {
	m.ruleModel = flattenRule(at, m.ruleModel)
	m.TrafficDirection = types.StringValue(string(at.Direction))
	m.RuleNumber = knownNumber(at.Number)
	return m
}

func (r *filterRuleResource) flatten(rule account.Tagged[mirror.Rule], prior filterRuleModel) filterRuleModel {
	noun := rule.Noun
	tags, all := r.conn.tags.flatten(rule.Tags, prior.Tags, prior.TagsAll)
	return filterRuleModel{
		ruleModel:        flattenRule(noun, prior.ruleModel),
		ID:               types.StringValue(noun.ID),
		ARN:              types.StringValue(r.at(&prior).account.ARN(mirror.KindFilterRule, "", noun.ID)),
		FilterID:         types.StringValue(noun.FilterID),
		TrafficDirection: types.StringValue(string(noun.Direction)),
		RuleNumber:       knownNumber(noun.Number),
		Region:           prior.Region,
		Tags:             tags,
		TagsAll:          all,
		Timeouts:         prior.Timeouts,
	}
}
