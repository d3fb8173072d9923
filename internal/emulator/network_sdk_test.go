package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The SDK reads everything of network ACLs, route tables, internet gateways and peering
// connections that it has written.
func TestSDK_network(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	client := newClient(newEmulator(t))
	vpc := func(block string) *string {
		made, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &block})
		fatal(t, err)
		return made.Vpc.VpcId
	}
	own, peer := vpc("10.9.0.0/16"), vpc("10.8.0.0/16")
	subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: own, CidrBlock: aws.String("10.9.1.0/24")})
	fatal(t, err)

	acl, err := client.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: own})
	fatal(t, err)
	_, err = client.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: acl.NetworkAcl.NetworkAclId, RuleNumber: aws.Int32(10), Egress: aws.Bool(false), Protocol: aws.String("17"), RuleAction: types.RuleActionAllow,
		CidrBlock: aws.String("10.0.0.0/8"), PortRange: &types.PortRange{From: aws.Int32(4789), To: aws.Int32(4789)},
	})
	fatal(t, err)
	acls, err := client.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{*acl.NetworkAcl.NetworkAclId}})
	fatal(t, err)
	if e := acls.NetworkAcls[0].Entries[1]; *e.RuleNumber != 10 || *e.PortRange.From != 4789 || e.RuleAction != types.RuleActionAllow || *e.Egress || *e.CidrBlock != "10.0.0.0/8" {
		t.Errorf("the entry is %+v", e)
	}

	gateway, err := client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	fatal(t, err)
	_, err = client.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId, VpcId: own})
	fatal(t, err)
	link, err := client.CreateVpcPeeringConnection(ctx, &ec2.CreateVpcPeeringConnectionInput{VpcId: own, PeerVpcId: peer})
	fatal(t, err)
	accepted, err := client.AcceptVpcPeeringConnection(ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: link.VpcPeeringConnection.VpcPeeringConnectionId})
	fatal(t, err)
	if c := accepted.VpcPeeringConnection; c.Status.Code != types.VpcPeeringConnectionStateReasonCodeActive || *c.AccepterVpcInfo.CidrBlockSet[0].CidrBlock != "10.8.0.0/16" {
		t.Errorf("the connection is %+v", c)
	}

	table, err := client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: own})
	fatal(t, err)
	id := table.RouteTable.RouteTableId
	for destination, target := range map[string]ec2.CreateRouteInput{
		"0.0.0.0/0": {GatewayId: gateway.InternetGateway.InternetGatewayId}, "10.8.0.0/16": {VpcPeeringConnectionId: link.VpcPeeringConnection.VpcPeeringConnectionId},
	} {
		target.RouteTableId, target.DestinationCidrBlock = id, &destination
		made, err := client.CreateRoute(ctx, &target)
		fatal(t, err)
		if !aws.ToBool(made.Return) {
			t.Errorf("CreateRoute to %s returns false", destination)
		}
	}
	associated, err := client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: id, SubnetId: subnet.Subnet.SubnetId})
	fatal(t, err)
	if associated.AssociationState.State != types.RouteTableAssociationStateCodeAssociated {
		t.Errorf("the association is %+v", associated)
	}
	tables, err := client.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*id}})
	fatal(t, err)
	read := tables.RouteTables[0]
	if a := read.Associations[0]; *a.RouteTableAssociationId != *associated.AssociationId || *a.Main || *a.SubnetId != *subnet.Subnet.SubnetId {
		t.Errorf("the association reads as %+v", a)
	}
	for _, r := range read.Routes {
		if r.State != types.RouteStateActive || r.Origin == "" {
			t.Errorf("the route %s is %s", aws.ToString(r.DestinationCidrBlock), r.State)
		}
	}
	if len(read.Routes) != 3 {
		t.Errorf("there are %d routes, want 3", len(read.Routes))
	}
}
