package account

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// TargetOf returns the noun of a target.
func TargetOf(t types.TrafficMirrorTarget) mirror.Target {
	return mirror.Target{
		ID:                            aws.ToString(t.TrafficMirrorTargetId),
		OwnerID:                       aws.ToString(t.OwnerId),
		InterfaceID:                   aws.ToString(t.NetworkInterfaceId),
		LoadBalancerARN:               aws.ToString(t.NetworkLoadBalancerArn),
		GatewayLoadBalancerEndpointID: aws.ToString(t.GatewayLoadBalancerEndpointId),
		Description:                   aws.ToString(t.Description),
	}
}

// FilterOf returns the noun of a filter, with its rules.
func FilterOf(f types.TrafficMirrorFilter) (mirror.Filter, error) {
	filter := mirror.Filter{
		ID:          aws.ToString(f.TrafficMirrorFilterId),
		Description: aws.ToString(f.Description),
	}
	for _, s := range f.NetworkServices {
		filter.NetworkServices = append(filter.NetworkServices, mirror.NetworkService(s))
	}
	for _, rules := range [][]types.TrafficMirrorFilterRule{f.IngressFilterRules, f.EgressFilterRules} {
		nouns, err := rulesOf(rules)
		if err != nil {
			return mirror.Filter{}, err
		}
		filter.Rules = append(filter.Rules, nouns...)
	}
	return filter, nil
}

func rulesOf(rules []types.TrafficMirrorFilterRule) ([]mirror.Rule, error) {
	nouns := make([]mirror.Rule, len(rules))
	for i, r := range rules {
		noun, err := RuleOf(r)
		if err != nil {
			return nil, err
		}
		nouns[i] = noun
	}
	return nouns, nil
}

// RuleOf returns the noun of a rule. A rule whose prefixes cannot be read is an
// error: a rule that is half understood would be simulated and shown wrongly.
func RuleOf(r types.TrafficMirrorFilterRule) (mirror.Rule, error) {
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
		protocol := mirror.Protocol(*r.Protocol)
		rule.Protocol = &protocol
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

// SessionOf returns the noun of a session.
func SessionOf(s types.TrafficMirrorSession) mirror.Session {
	return mirror.Session{
		ID:               aws.ToString(s.TrafficMirrorSessionId),
		OwnerID:          aws.ToString(s.OwnerId),
		InterfaceID:      aws.ToString(s.NetworkInterfaceId),
		TargetID:         aws.ToString(s.TrafficMirrorTargetId),
		FilterID:         aws.ToString(s.TrafficMirrorFilterId),
		Number:           int(aws.ToInt32(s.SessionNumber)),
		PacketLength:     intOf(s.PacketLength),
		VirtualNetworkID: intOf(s.VirtualNetworkId),
		Description:      aws.ToString(s.Description),
	}
}

func intOf(n *int32) *int {
	if n == nil {
		return nil
	}
	m := int(*n)
	return &m
}

// TagsOf returns tags as a map, never nil.
func TagsOf(tags []types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
