package provider

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// createRuleInput asks EC2 for a rule.
func createRuleInput(rule mirror.Rule) *ec2.CreateTrafficMirrorFilterRuleInput {
	return &ec2.CreateTrafficMirrorFilterRuleInput{
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
	}
}

// modifyRuleInput asks EC2 to make the rule with the noun's ID like the noun. It
// says everything: EC2 refuses a port range in a request that does not name the
// protocol too, and a field that is merely left out would keep its value.
func modifyRuleInput(rule mirror.Rule) *ec2.ModifyTrafficMirrorFilterRuleInput {
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
	return in
}

func protocolRequest(p *mirror.Protocol) *int32 {
	if p == nil {
		return nil
	}
	return aws.Int32(int32(*p))
}

func portsRequest(ports *mirror.PortRange) *types.TrafficMirrorPortRangeRequest {
	if ports == nil {
		return nil
	}
	return &types.TrafficMirrorPortRangeRequest{FromPort: aws.Int32(int32(ports.From)), ToPort: aws.Int32(int32(ports.To))}
}

// textRequest leaves out a text that is empty: EC2 stores none then.
func textRequest(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func intRequest(n *int) *int32 {
	if n == nil {
		return nil
	}
	return aws.Int32(int32(*n))
}
