package account

import (
	"context"
	"fmt"
	"net/netip"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Rule returns one rule of a filter.
func (a *Account) Rule(ctx context.Context, id string) (Tagged[mirror.Rule], error) {
	out, err := a.ec2.describeRules(ctx, &ec2.DescribeTrafficMirrorFilterRulesInput{TrafficMirrorFilterRuleIds: []string{id}}, a.options...)
	if err != nil {
		out = &ec2.DescribeTrafficMirrorFilterRulesOutput{}
	}
	return one(a, mirror.KindFilterRule, id, out.TrafficMirrorFilterRules, err, func(r types.TrafficMirrorFilterRule) (mirror.Rule, string, []types.Tag, error) {
		noun, err := ruleOf(r)
		return noun, aws.ToString(r.TrafficMirrorFilterRuleId), r.Tags, err
	})
}

// TaggedRules lists the rules of all filters, in the order of their IDs.
func (a *Account) TaggedRules(ctx context.Context) ([]Tagged[mirror.Rule], error) {
	var rules []mirror.Rule
	tags := map[string][]types.Tag{}
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeRules(ctx, &ec2.DescribeTrafficMirrorFilterRulesInput{NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, r := range out.TrafficMirrorFilterRules {
			noun, err := ruleOf(r)
			if err != nil {
				return nil, err
			}
			rules = append(rules, noun)
			tags[noun.ID] = r.Tags
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	id := func(r mirror.Rule) string { return r.ID }
	rules = correctAll(a.written, mirror.KindFilterRule, rules, id, func(mirror.Rule) bool { return true })
	sort.Slice(rules, func(i, j int) bool { return rules[i].ID < rules[j].ID })
	return tagged(a, rules, tags, id), nil
}

// CorrectRules corrects the rules of a filter that were read, maybe a while ago, by
// what this run has written.
func (a *Account) CorrectRules(filterID string, read []mirror.Rule) []mirror.Rule {
	return correctAll(a.written, mirror.KindFilterRule, read,
		func(r mirror.Rule) string { return r.ID }, func(r mirror.Rule) bool { return r.FilterID == filterID })
}

// CreateRule creates a rule.
func (a *Account) CreateRule(ctx context.Context, rule mirror.Rule, tags map[string]string, token Token) (Tagged[mirror.Rule], error) {
	in := &ec2.CreateTrafficMirrorFilterRuleInput{
		ClientToken:           aws.String(string(token)),
		TrafficMirrorFilterId: aws.String(rule.FilterID),
		TrafficDirection:      types.TrafficDirection(rule.Direction),
		RuleNumber:            aws.Int32(int32(rule.Number)),
		RuleAction:            types.TrafficMirrorRuleAction(rule.Action),
		Protocol:              protocolRequest(rule.Protocol),
		SourceCidrBlock:       aws.String(rule.SourceCIDR.String()),
		DestinationCidrBlock:  aws.String(rule.DestinationCIDR.String()),
		SourcePortRange:       portsRequest(rule.SourcePorts),
		DestinationPortRange:  portsRequest(rule.DestinationPorts),
		Description:           textRequest(rule.Description),
		TagSpecifications:     tagRequest(mirror.KindFilterRule, tags),
	}
	var created Tagged[mirror.Rule]
	err := a.untilVisible(ctx, func() error {
		out, err := a.ec2.createRule(ctx, in, a.options...)
		if err != nil {
			return err
		}
		created.Tags = tagsOf(out.TrafficMirrorFilterRule.Tags)
		created.Noun, err = ruleOf(*out.TrafficMirrorFilterRule)
		return err
	}, rule.FilterID)
	if err != nil {
		return Tagged[mirror.Rule]{}, err
	}
	a.written.create(mirror.KindFilterRule, created.Noun.ID, created.Noun, created.Tags)
	return created, nil
}

// ModifyRule makes the rule that has the noun's ID like the noun, and returns what it
// has become. The request has every field: EC2 refuses a port range in a request that
// does not name the protocol too, and a field that is left out keeps its value.
func (a *Account) ModifyRule(ctx context.Context, rule mirror.Rule) (mirror.Rule, error) {
	in := &ec2.ModifyTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterRuleId: aws.String(rule.ID),
		TrafficDirection:          types.TrafficDirection(rule.Direction),
		RuleNumber:                aws.Int32(int32(rule.Number)),
		RuleAction:                types.TrafficMirrorRuleAction(rule.Action),
		Protocol:                  protocolRequest(rule.Protocol),
		SourceCidrBlock:           aws.String(rule.SourceCIDR.String()),
		DestinationCidrBlock:      aws.String(rule.DestinationCIDR.String()),
		SourcePortRange:           portsRequest(rule.SourcePorts),
		DestinationPortRange:      portsRequest(rule.DestinationPorts),
		Description:               textRequest(rule.Description),
	}
	remove := func(field types.TrafficMirrorFilterRuleField, isUnset bool) {
		if isUnset {
			in.RemoveFields = append(in.RemoveFields, field)
		}
	}
	remove(types.TrafficMirrorFilterRuleFieldProtocol, in.Protocol == nil)
	remove(types.TrafficMirrorFilterRuleFieldSourcePortRange, in.SourcePortRange == nil)
	remove(types.TrafficMirrorFilterRuleFieldDestinationPortRange, in.DestinationPortRange == nil)
	remove(types.TrafficMirrorFilterRuleFieldDescription, in.Description == nil)
	changed := rule
	err := a.modifyObject(ctx, mirror.KindFilterRule, rule.ID, func() (any, error) {
		out, err := a.ec2.modifyRule(ctx, in, a.options...)
		if err != nil {
			return nil, err
		}
		changed, err = ruleOf(*out.TrafficMirrorFilterRule)
		return changed, err
	}, rule.FilterID, rule.ID)
	return changed, err
}

// DeleteRule deletes a rule, which may be gone already. created is when it was
// created, or the zero time if that is not known.
func (a *Account) DeleteRule(ctx context.Context, id string, created time.Time) error {
	return a.deleteObject(ctx, mirror.KindFilterRule, id, created, func() error {
		_, err := a.ec2.deleteRule(ctx, &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &id}, a.options...)
		return err
	})
}

// ruleOf returns the noun of a rule. A rule whose CIDR blocks cannot be read is an
// error: it would be simulated and shown wrongly otherwise.
func ruleOf(r types.TrafficMirrorFilterRule) (mirror.Rule, error) {
	rule := mirror.Rule{
		ID:               aws.ToString(r.TrafficMirrorFilterRuleId),
		FilterID:         aws.ToString(r.TrafficMirrorFilterId),
		Direction:        mirror.Direction(r.TrafficDirection),
		Number:           int(aws.ToInt32(r.RuleNumber)),
		Action:           mirror.Action(r.RuleAction),
		SourcePorts:      portsOf(r.SourcePortRange),
		DestinationPorts: portsOf(r.DestinationPortRange),
		Description:      aws.ToString(r.Description),
	}
	if r.Protocol != nil {
		rule.Protocol = new(mirror.Protocol(*r.Protocol))
	}
	var err error
	if rule.SourceCIDR, err = netip.ParsePrefix(aws.ToString(r.SourceCidrBlock)); err != nil {
		return mirror.Rule{}, fmt.Errorf("source CIDR block of rule %s: %w", rule.ID, err)
	}
	if rule.DestinationCIDR, err = netip.ParsePrefix(aws.ToString(r.DestinationCidrBlock)); err != nil {
		return mirror.Rule{}, fmt.Errorf("destination CIDR block of rule %s: %w", rule.ID, err)
	}
	return rule, nil
}

func portsOf(r *types.TrafficMirrorPortRange) *mirror.PortRange {
	if r == nil {
		return nil
	}
	return &mirror.PortRange{From: int(aws.ToInt32(r.FromPort)), To: int(aws.ToInt32(r.ToPort))}
}

func portsRequest(ports *mirror.PortRange) *types.TrafficMirrorPortRangeRequest {
	if ports == nil {
		return nil
	}
	return &types.TrafficMirrorPortRangeRequest{FromPort: aws.Int32(int32(ports.From)), ToPort: aws.Int32(int32(ports.To))}
}

func protocolRequest(p *mirror.Protocol) *int32 {
	if p == nil {
		return nil
	}
	return aws.Int32(int32(*p))
}

// textRequest leaves out a text that is empty: EC2 stores none then.
func textRequest(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
