package account

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var groupSource = &source{
	kind: mirror.KindGroup, idField: ofGroup,
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeGroups(ctx, &ec2.DescribeSecurityGroupsInput{
			GroupIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, g := range out.SecurityGroups {
			noun, err := groupOf(g)
			page.add(g.GroupId, noun, nil, err)
		}
		return page, nil
	},
	value: noCondition,
}

// ofGroup is the name of a describe filter.
const ofGroup = "group-id"

var groupRuleSource = &source{
	kind: mirror.KindGroupRule, idField: "security-group-rule-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
			SecurityGroupRuleIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, r := range out.SecurityGroupRules {
			noun, err := groupRuleOf(r)
			page.add(r.SecurityGroupRuleId, noun, nil, err)
		}
		return page, nil
	},
	value: func(noun any, condition string) (string, bool) {
		r, _ := noun.(groupRule)
		return r.group, condition == ofGroup
	},
}

// A groupRule is a rule with the ID of its security group.
type groupRule struct {
	mirror.SecurityGroupRule
	group string
}

// SecurityGroups lists security groups with their rules, in the order of their IDs: those that
// EC2 shows of some IDs, or all. If the credentials may describe groups and not their rules, the
// rules have no IDs and no tags.
func (a *Account) SecurityGroups(ctx context.Context, ids ...string) ([]mirror.SecurityGroup, error) {
	var where []Where
	if len(ids) > 0 {
		where = []Where{{ofGroup, ids}}
	}
	groups, err := listAll[mirror.SecurityGroup](ctx, a, groupSource, where...)
	if err != nil {
		return nil, err
	}
	rules, err := listAll[groupRule](ctx, a, groupRuleSource, where...)
	switch {
	case IsDenied(err):
		return groups, nil
	case err != nil:
		return nil, err
	}
	of := map[string][]mirror.SecurityGroupRule{}
	for _, r := range rules {
		of[r.group] = append(of[r.group], r.SecurityGroupRule)
	}
	for i, g := range groups {
		groups[i].Rules = of[g.ID]
	}
	return groups, nil
}

func groupOf(g types.SecurityGroup) (mirror.SecurityGroup, error) {
	noun := mirror.SecurityGroup{
		ID: aws.ToString(g.GroupId), VPCID: aws.ToString(g.VpcId), OwnerID: aws.ToString(g.OwnerId), Name: aws.ToString(g.GroupName),
		Description: aws.ToString(g.Description), Tags: tagsOf(g.Tags),
	}
	for n, p := range slices.Concat(g.IpPermissions, g.IpPermissionsEgress) {
		direction := mirror.Ingress
		if n >= len(g.IpPermissions) {
			direction = mirror.Egress
		}
		rules, err := permittedBy(direction, p)
		if err != nil {
			return mirror.SecurityGroup{}, fmt.Errorf("security group %s: %w", noun.ID, err)
		}
		noun.Rules = append(noun.Rules, rules...)
	}
	return noun, nil
}

// permittedBy returns a rule for each source or destination of a permission.
func permittedBy(direction mirror.Direction, p types.IpPermission) ([]mirror.SecurityGroupRule, error) {
	protocol, err := protocolOf(p.IpProtocol)
	if err != nil {
		return nil, err
	}
	traffic := mirror.SecurityGroupRule{Direction: direction, Protocol: protocol, FromPort: portOf(p.FromPort), ToPort: portOf(p.ToPort)}
	var all []mirror.SecurityGroupRule
	add := func(cidr netip.Prefix, group, list, description *string) {
		r := traffic
		r.CIDR, r.GroupID, r.PrefixListID, r.Description = cidr, aws.ToString(group), aws.ToString(list), aws.ToString(description)
		all = append(all, r)
	}
	addBlock := func(text, description *string) {
		cidr, invalid := netip.ParsePrefix(aws.ToString(text))
		if invalid != nil {
			err = invalid
		}
		add(cidr, nil, nil, description)
	}
	for _, r := range p.IpRanges {
		addBlock(r.CidrIp, r.Description)
	}
	for _, r := range p.Ipv6Ranges {
		addBlock(r.CidrIpv6, r.Description)
	}
	for _, r := range p.UserIdGroupPairs {
		add(netip.Prefix{}, r.GroupId, nil, r.Description)
	}
	for _, r := range p.PrefixListIds {
		add(netip.Prefix{}, nil, r.PrefixListId, r.Description)
	}
	return all, err
}

func groupRuleOf(r types.SecurityGroupRule) (groupRule, error) {
	noun := groupRule{group: aws.ToString(r.GroupId), SecurityGroupRule: mirror.SecurityGroupRule{
		ID: aws.ToString(r.SecurityGroupRuleId), Direction: mirror.Ingress, FromPort: portOf(r.FromPort), ToPort: portOf(r.ToPort),
		PrefixListID: aws.ToString(r.PrefixListId), Description: aws.ToString(r.Description), Tags: tagsOf(r.Tags),
	}}
	if aws.ToBool(r.IsEgress) {
		noun.Direction = mirror.Egress
	}
	if r.ReferencedGroupInfo != nil {
		noun.GroupID = aws.ToString(r.ReferencedGroupInfo.GroupId)
	}
	protocol, err := protocolOf(r.IpProtocol)
	if err != nil {
		return groupRule{}, fmt.Errorf("security group rule %s: %w", noun.ID, err)
	}
	noun.Protocol = protocol
	blocks, err := prefixesOf(r.CidrIpv4, r.CidrIpv6)
	if err != nil {
		return groupRule{}, fmt.Errorf("security group rule %s: %w", noun.ID, err)
	}
	if len(blocks) > 0 {
		noun.CIDR = blocks[0]
	}
	return noun, nil
}

// portOf returns a port, or AnyPort for none.
func portOf(port *int32) int {
	if port == nil {
		return mirror.AnyPort
	}
	return int(*port)
}

// protocolOf reads a protocol as EC2 writes it: -1 for all, else a number or one of a few names.
func protocolOf(text *string) (int, error) {
	if number, err := strconv.Atoi(aws.ToString(text)); err == nil && number == mirror.AllProtocols {
		return mirror.AllProtocols, nil
	}
	protocol, problems := mirror.ParseProtocol("protocol", aws.ToString(text))
	return int(protocol), problems.Err()
}
