package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var networkACLSource = &source{
	kind: mirror.KindNetworkACL, idField: "network-acl-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeNetworkACLs(ctx, &ec2.DescribeNetworkAclsInput{
			NetworkAclIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, n := range out.NetworkAcls {
			noun, err := networkACLOf(n)
			page.add(n.NetworkAclId, noun, nil, err)
		}
		return page, nil
	},
	value: noCondition,
}

// NetworkACLs lists all network ACLs, in the order of their IDs.
func (a *Account) NetworkACLs(ctx context.Context) ([]mirror.NetworkACL, error) {
	return listAll[mirror.NetworkACL](ctx, a, networkACLSource)
}

func networkACLOf(n types.NetworkAcl) (mirror.NetworkACL, error) {
	noun := mirror.NetworkACL{ID: aws.ToString(n.NetworkAclId), VPCID: aws.ToString(n.VpcId), Default: aws.ToBool(n.IsDefault), Tags: tagsOf(n.Tags)}
	for _, s := range n.Associations {
		noun.Subnets = append(noun.Subnets, aws.ToString(s.SubnetId))
		noun.Associations = withAssociation(noun.Associations, s.SubnetId, s.NetworkAclAssociationId)
	}
	slices.Sort(noun.Subnets)
	for _, e := range n.Entries {
		entry, err := networkACLEntryOf(e)
		if err != nil {
			return mirror.NetworkACL{}, fmt.Errorf("network ACL %s: %w", noun.ID, err)
		}
		noun.Entries = append(noun.Entries, entry)
	}
	rank := func(e mirror.NetworkACLEntry) int {
		if e.Egress {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(noun.Entries, func(x, y mirror.NetworkACLEntry) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.Number, y.Number))
	})
	return noun, nil
}

func networkACLEntryOf(e types.NetworkAclEntry) (mirror.NetworkACLEntry, error) {
	noun := mirror.NetworkACLEntry{
		Number: int(aws.ToInt32(e.RuleNumber)), Egress: aws.ToBool(e.Egress), Allow: e.RuleAction == types.RuleActionAllow,
		FromPort: mirror.AnyPort, ToPort: mirror.AnyPort,
	}
	if e.PortRange != nil {
		noun.FromPort, noun.ToPort = portOf(e.PortRange.From), portOf(e.PortRange.To)
	}
	if e.IcmpTypeCode != nil {
		noun.ICMPType, noun.ICMPCode = numberOf(e.IcmpTypeCode.Type), numberOf(e.IcmpTypeCode.Code)
	}
	var err error
	if noun.Protocol, err = protocolOf(e.Protocol); err != nil {
		return noun, fmt.Errorf("rule %d: %w", noun.Number, err)
	}
	blocks, err := prefixesOf(e.CidrBlock, e.Ipv6CidrBlock)
	if err != nil || len(blocks) != 1 {
		return noun, cmp.Or(err, fmt.Errorf("rule %d has %d CIDR blocks, not 1", noun.Number, len(blocks)))
	}
	noun.CIDR = blocks[0]
	return noun, nil
}

func numberOf(number *int32) *int {
	if number == nil {
		return nil
	}
	n := int(*number)
	return &n
}

var routeTableSource = &source{
	kind: mirror.KindRouteTable, idField: "route-table-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
			RouteTableIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.sizeUpTo(maxRouteTables),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, t := range out.RouteTables {
			noun, err := routeTableOf(t)
			page.add(t.RouteTableId, noun, nil, err)
		}
		return page, nil
	},
	value: noCondition,
}

// maxRouteTables is the largest size of a page
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html).
const maxRouteTables = 100

// RouteTables lists all route tables, in the order of their IDs.
func (a *Account) RouteTables(ctx context.Context) ([]mirror.RouteTable, error) {
	return listAll[mirror.RouteTable](ctx, a, routeTableSource)
}

func routeTableOf(t types.RouteTable) (mirror.RouteTable, error) {
	noun := mirror.RouteTable{ID: aws.ToString(t.RouteTableId), VPCID: aws.ToString(t.VpcId), Tags: tagsOf(t.Tags)}
	for _, s := range t.Associations {
		of := s.SubnetId
		switch {
		case s.AssociationState != nil && !slices.Contains(associatedStates, s.AssociationState.State):
			continue
		case aws.ToBool(s.Main):
			noun.Main, of = true, t.VpcId
		case s.SubnetId != nil:
			noun.Subnets = append(noun.Subnets, *s.SubnetId)
		case s.GatewayId != nil:
			noun.Gateways, of = append(noun.Gateways, *s.GatewayId), s.GatewayId
		}
		noun.Associations = withAssociation(noun.Associations, of, s.RouteTableAssociationId)
	}
	slices.Sort(noun.Subnets)
	slices.Sort(noun.Gateways)
	for _, r := range t.Routes {
		route := mirror.Route{PrefixListID: aws.ToString(r.DestinationPrefixListId), Target: routeTarget(r), State: string(r.State), Origin: string(r.Origin)}
		blocks, err := prefixesOf(r.DestinationCidrBlock, r.DestinationIpv6CidrBlock)
		if err != nil {
			return mirror.RouteTable{}, fmt.Errorf("route table %s: %w", noun.ID, err)
		}
		if len(blocks) > 0 {
			route.Destination = blocks[0]
		}
		noun.Routes = append(noun.Routes, route)
	}
	return noun, nil
}

// associatedStates are those of an association that decides
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTableAssociationState.html).
var associatedStates = []types.RouteTableAssociationStateCode{
	"", types.RouteTableAssociationStateCodeAssociating, types.RouteTableAssociationStateCodeAssociated,
}

// withAssociation adds the ID of an association to those by what is associated.
func withAssociation(all map[string]string, of, id *string) map[string]string {
	if aws.ToString(of) == "" || aws.ToString(id) == "" {
		return all
	}
	if all == nil {
		all = map[string]string{}
	}
	all[*of] = *id
	return all
}

// routeTarget returns where a route leads. A route to an instance has the ID of its interface
// too, which is what packets go to.
func routeTarget(r types.Route) string {
	for _, id := range []*string{
		r.NetworkInterfaceId, r.InstanceId, r.GatewayId, r.NatGatewayId, r.TransitGatewayId, r.VpcPeeringConnectionId,
		r.EgressOnlyInternetGatewayId, r.LocalGatewayId, r.CarrierGatewayId, r.CoreNetworkArn, r.OdbNetworkArn,
	} {
		if aws.ToString(id) != "" {
			return *id
		}
	}
	return ""
}

var peeringSource = &source{
	kind: mirror.KindPeering, idField: "vpc-peering-connection-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describePeerings(ctx, &ec2.DescribeVpcPeeringConnectionsInput{
			VpcPeeringConnectionIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, c := range out.VpcPeeringConnections {
			noun, err := peeringOf(c)
			page.add(c.VpcPeeringConnectionId, noun, nil, err)
		}
		return page, nil
	},
	value: noCondition,
}

// PeeringConnections lists all VPC peering connections, in the order of their IDs.
func (a *Account) PeeringConnections(ctx context.Context) ([]mirror.PeeringConnection, error) {
	return listAll[mirror.PeeringConnection](ctx, a, peeringSource)
}

func peeringOf(c types.VpcPeeringConnection) (mirror.PeeringConnection, error) {
	noun := mirror.PeeringConnection{ID: aws.ToString(c.VpcPeeringConnectionId), Tags: tagsOf(c.Tags)}
	if c.Status != nil {
		noun.State = string(c.Status.Code)
	}
	noun.RequesterDNS, noun.AccepterDNS = peeringDNS(c.RequesterVpcInfo), peeringDNS(c.AccepterVpcInfo)
	var err error
	if noun.Requester, err = peeredOf(c.RequesterVpcInfo); err == nil {
		noun.Accepter, err = peeredOf(c.AccepterVpcInfo)
	}
	if err != nil {
		return mirror.PeeringConnection{}, fmt.Errorf("VPC peering connection %s: %w", noun.ID, err)
	}
	return noun, nil
}

func peeringDNS(v *types.VpcPeeringConnectionVpcInfo) *bool {
	if v == nil || v.PeeringOptions == nil {
		return nil
	}
	return v.PeeringOptions.AllowDnsResolutionFromRemoteVpc
}

// peeredOf returns a VPC of a connection. EC2 leaves out the blocks of one that has not accepted.
func peeredOf(v *types.VpcPeeringConnectionVpcInfo) (mirror.PeeredVPC, error) {
	if v == nil {
		return mirror.PeeredVPC{}, nil
	}
	noun := mirror.PeeredVPC{VPCID: aws.ToString(v.VpcId), OwnerID: aws.ToString(v.OwnerId), Region: aws.ToString(v.Region)}
	var blocks []*string
	for _, b := range v.CidrBlockSet {
		blocks = append(blocks, b.CidrBlock)
	}
	if len(blocks) == 0 {
		blocks = append(blocks, v.CidrBlock)
	}
	for _, b := range v.Ipv6CidrBlockSet {
		blocks = append(blocks, b.Ipv6CidrBlock)
	}
	var err error
	noun.CIDRs, err = prefixesOf(blocks...)
	return noun, err
}
