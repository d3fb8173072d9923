package emulator_test

import "testing"

// A route to a part of the VPC leads to an interface, a NAT gateway or an endpoint, and its destination is
// a whole subnet.
func TestRouteTable_insideVPC_A0240(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnets := newNetwork(t, e, 9, 2)
	peer, _ := newNetwork(t, e, 8, 0)
	at := "RouteTableId=" + makeTable(t, e, vpc) + "&DestinationCidrBlock="
	block := must(t, e, "DescribeSubnets", "SubnetId.1="+subnets[0]).text("subnetSet/item/cidrBlock")
	gateway := must(t, e, "CreateInternetGateway", "").text("internetGateway/internetGatewayId")
	must(t, e, "AttachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpc)
	pcx := must(t, e, "CreateVpcPeeringConnection", "VpcId="+vpc+"&PeerVpcId="+peer).text("vpcPeeringConnection/vpcPeeringConnectionId")
	own := must(t, e, "CreateNetworkInterface", "SubnetId="+subnets[0]).text("networkInterface/networkInterfaceId")
	const inside = "10.9.0.0/16"
	for _, target := range []string{
		"GatewayId=" + gateway, "VpcPeeringConnectionId=" + pcx, "TransitGatewayId=tgw-0123456789abcdef0", "GatewayId=vgw-0123456789abcdef0",
		"LocalGatewayId=lgw-0123456789abcdef0", "CarrierGatewayId=cagw-0123456789abcdef0",
	} {
		refused(t, e, "CreateRoute", at+block+"&"+target, assumed("A0240", "InvalidParameterValue"))
		refused(t, e, "ReplaceRoute", at+inside+"&"+target, assumed("A0240", "InvalidParameterValue"))
	}
	refused(t, e, "CreateRoute", at+"10.9.0.0/17&NetworkInterfaceId="+own, assumed("A0240", "InvalidParameterValue"))
	must(t, e, "CreateRoute", at+block+"&NetworkInterfaceId="+own)
	must(t, e, "ReplaceRoute", at+block+"&NatGatewayId=nat-0123456789abcdef0")
	must(t, e, "ReplaceRoute", at+inside+"&NetworkInterfaceId="+own)
	must(t, e, "CreateRoute", at+"10.0.0.0/8&TransitGatewayId=tgw-0123456789abcdef0") // with the VPC in it
}
