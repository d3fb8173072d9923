package account

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var ruleSource = &source{
	kind: mirror.KindFilterRule, idField: "traffic-mirror-filter-rule-id", isOwn: true,
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeRules(ctx, &ec2.DescribeTrafficMirrorFilterRulesInput{
			TrafficMirrorFilterRuleIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, r := range out.TrafficMirrorFilterRules {
			noun, err := ruleOf(r)
			page.add(r.TrafficMirrorFilterRuleId, noun, r.Tags, err)
		}
		return page, nil
	},
	value: func(noun any, condition string) (string, bool) {
		r, _ := noun.(mirror.Rule)
		return r.FilterID, condition == ofFilter
	},
}

// Rule returns one rule of a filter.
func (a *Account) Rule(ctx context.Context, id string) (Tagged[mirror.Rule], error) {
	found, err := a.ruleInFilter(ctx, id)
	if found == nil && err == nil {
		found, err = a.find(ctx, ruleSource, id)
		if a.cache != nil && (err == nil || IsNotFound(err)) {
			a.cache.snapshots[filterSource].setPart(id, found)
		}
	}
	return oneOf[mirror.Rule](a, mirror.KindFilterRule, id, found, err)
}

// ruleInFilter returns a rule that has come with its filter, or nil if EC2 has to be asked. AWS
// does not document whether the rules of a filter come with their tags. So they are believed to
// as soon as one rule does.
func (a *Account) ruleInFilter(ctx context.Context, id string) (*item, error) {
	if a.cache == nil || !isPlain(id) {
		return nil, nil
	}
	filters := a.cache.snapshots[filterSource]
	found, err := a.findIn(ctx, filters, func() (item, bool) { return filters.part(id) })
	if err != nil {
		return nil, err
	}
	if isBelieved := found != nil && found.err == nil && found.hasTags; !isBelieved {
		found = nil
	}
	return found, nil
}

// part returns a rule of a filter. The caller holds mu.
func (s *snapshot) part(id string) (item, bool) {
	at, found := s.parts[id]
	if !found {
		return item{}, false
	}
	filter := s.items[at.item]
	if filter.err != nil {
		return item{err: filter.err}, true
	}
	return item{id: id, noun: filter.noun.(mirror.Filter).Rules[at.n], tags: filter.parts[at.n].tags, hasTags: s.hasTags}, true
}

// setPart replaces a rule in its filter, which was read before, or removes one that is gone.
// Otherwise a plan would see the rule as it was after it has seen what it is.
func (s *snapshot) setPart(id string, now *item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, found := s.parts[id]
	if !found || s.items[at.item].err != nil || now != nil && now.err != nil {
		return
	}
	filter := s.items[at.item]
	noun := filter.noun.(mirror.Filter)
	noun.Rules, filter.parts = slices.Clone(noun.Rules), slices.Clone(filter.parts)
	if now == nil {
		noun.Rules, filter.parts = slices.Delete(noun.Rules, at.n, at.n+1), slices.Delete(filter.parts, at.n, at.n+1)
	} else {
		noun.Rules[at.n] = now.noun.(mirror.Rule)
	}
	filter.noun = noun
	s.add([]item{filter})
}

// TaggedRules lists the rules of all filters, in the order of their IDs.
func (a *Account) TaggedRules(ctx context.Context) ([]Tagged[mirror.Rule], error) {
	all, err := readAll(ctx, a, ruleSource, nil)
	return taggedOf[mirror.Rule](a, all), err
}

// CorrectRules corrects the rules of a filter that were read, maybe a while ago, by
// what this run has written.
func (a *Account) CorrectRules(filterID string, read []mirror.Rule) []mirror.Rule {
	if !a.HasChanged() {
		return read
	}
	items := make([]item, len(read))
	for i, r := range read {
		items[i] = item{id: r.ID, noun: r}
	}
	var rules []mirror.Rule
	for _, i := range a.written.correctAll(mirror.KindFilterRule, items, func(i item) bool { return i.noun.(mirror.Rule).FilterID == filterID }) {
		rules = append(rules, i.noun.(mirror.Rule))
	}
	return rules
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
	a.beginWrite()
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
