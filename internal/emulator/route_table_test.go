package emulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func makeTable(t *testing.T, e http.Handler, vpc string) string {
	t.Helper()
	return must(t, e, "CreateRouteTable", "VpcId="+vpc).text("routeTable/routeTableId")
}

func tableByID(t *testing.T, e http.Handler, id string) node {
	t.Helper()
	return must(t, e, "DescribeRouteTables", "RouteTableId.1="+id).all("routeTableSet/item")[0]
}

// routeTargets are the elements of the targets of routes.
var routeTargets = []string{
	"gatewayId", "networkInterfaceId", "instanceId", "vpcPeeringConnectionId", "natGatewayId", "transitGatewayId", "egressOnlyInternetGatewayId",
}

// wantRoutes wants the routes of a table, each as destination, targets by the first letter
// of their elements, and state.
func wantRoutes(t *testing.T, table node, want ...string) {
	t.Helper()
	var got []string
	for _, r := range table.all("routeSet/item") {
		words := []string{r.text("destinationCidrBlock") + r.text("destinationIpv6CidrBlock") + r.text("destinationPrefixListId")}
		for _, element := range routeTargets {
			if id := r.text(element); id != "" {
				words = append(words, element+"="+id)
			}
		}
		got = append(got, strings.Join(append(words, r.text("state")), " "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the routes are\n%q, want\n%q", got, want)
	}
}

// A subnet, a gateway and the VPC itself each have one route table, which can be replaced.
func TestRouteTable_associations(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnets := newNetwork(t, e, 9, 2)
	other, _ := newNetwork(t, e, 8, 0)
	main := describeRoutes(t, e, vpc)
	first, second := makeTable(t, e, vpc), makeTable(t, e, vpc)
	association := must(t, e, "AssociateRouteTable", "RouteTableId="+first+"&SubnetId="+subnets[0]).text("associationId")
	if again := must(t, e, "AssociateRouteTable", "RouteTableId="+first+"&SubnetId="+subnets[0]).text("associationId"); again != association {
		t.Errorf("the same association again is %s, want %s", again, association)
	}
	refused(t, e, "AssociateRouteTable", "RouteTableId="+second+"&SubnetId="+subnets[0], "Resource.AlreadyAssociated")
	wantFilters(t, e, "DescribeRouteTables", "routeTableSet/item/routeTableId", first, map[string]string{
		"association.subnet-id": subnets[0], "association.route-table-association-id": association, "association.main": "false", "association.route-table-id": first,
	})
	moved := must(t, e, "ReplaceRouteTableAssociation", "AssociationId="+association+"&RouteTableId="+second)
	if id := moved.text("newAssociationId"); id == association || moved.text("associationState/state") != "associated" {
		t.Errorf("the new association is %q", id)
	}
	if got := tableByID(t, e, second).texts("associationSet/item/subnetId"); !slices.Equal(got, subnets[:1]) {
		t.Errorf("the second table has %q", got)
	}
	refused(t, e, "DeleteRouteTable", "RouteTableId="+second, "DependencyViolation")
	must(t, e, "DisassociateRouteTable", "AssociationId="+moved.text("newAssociationId"))
	must(t, e, "DeleteRouteTable", "RouteTableId="+second)

	mainAssociation := main.text("associationSet/item/routeTableAssociationId")
	refused(t, e, "DisassociateRouteTable", "AssociationId="+mainAssociation, "InvalidParameterValue")
	refused(t, e, "ReplaceRouteTableAssociation", "AssociationId="+mainAssociation+"&RouteTableId="+makeTable(t, e, other), "InvalidParameterValue")
	now := must(t, e, "ReplaceRouteTableAssociation", "AssociationId="+mainAssociation+"&RouteTableId="+first).text("newAssociationId")
	found := must(t, e, "DescribeRouteTables", filterBy("vpc-id", vpc)+"&Filter.2.Name=association.main&Filter.2.Value.1=true").all("routeTableSet/item")
	if len(found) != 1 || found[0].text("routeTableId") != first || found[0].text("associationSet/item/routeTableAssociationId") != now {
		t.Errorf("the main table is not %s by %s", first, now)
	}
	must(t, e, "DeleteRouteTable", "RouteTableId="+main.text("routeTableId"))
	refused(t, e, "DeleteRouteTable", "RouteTableId="+first, "DependencyViolation")

	gateway := must(t, e, "CreateInternetGateway", "").text("internetGateway/internetGatewayId")
	edge := makeTable(t, e, vpc)
	refused(t, e, "AssociateRouteTable", "RouteTableId="+edge+"&GatewayId="+gateway, "InvalidParameterValue")
	must(t, e, "AttachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpc)
	must(t, e, "AssociateRouteTable", "RouteTableId="+edge+"&GatewayId="+gateway)
	wantFilters(t, e, "DescribeRouteTables", "routeTableSet/item/routeTableId", edge, map[string]string{"association.gateway-id": gateway})
	refused(t, e, "DeleteVpc", "VpcId="+vpc, "DependencyViolation")
	must(t, e, "DetachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpc)
	must(t, e, "DeleteRouteTable", "RouteTableId="+edge)
	must(t, e, "DeleteInternetGateway", "InternetGatewayId="+gateway)
	for _, subnet := range subnets {
		must(t, e, "DeleteSubnet", "SubnetId="+subnet)
	}
	must(t, e, "DeleteVpc", "VpcId="+vpc)
	refused(t, e, "DescribeRouteTables", "RouteTableId.1="+first, "InvalidRouteTableID.NotFound")
}

// A route leads to each kind of target. It is a blackhole as soon as its target is gone or
// does nothing.
func TestRouteTable_routes_A0211_A0212(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnets := newNetwork(t, e, 9, 1)
	peer, _ := newNetwork(t, e, 8, 0)
	id := makeTable(t, e, vpc)
	gateway := must(t, e, "CreateInternetGateway", "").text("internetGateway/internetGatewayId")
	must(t, e, "AttachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpc)
	pcx := must(t, e, "CreateVpcPeeringConnection", "VpcId="+vpc+"&PeerVpcId="+peer).text("vpcPeeringConnection/vpcPeeringConnectionId")
	run := must(t, e, "RunInstances", "ImageId=ami-00000000000000001&InstanceType=m5.large&MinCount=1&MaxCount=1&SubnetId="+subnets[0]).all("instancesSet/item")[0]
	machine, own := run.text("instanceId"), run.text("networkInterfaceSet/item/networkInterfaceId")
	loose := must(t, e, "CreateNetworkInterface", "SubnetId="+subnets[0]).text("networkInterface/networkInterfaceId")
	endpoint := must(t, e, "CreateVpcEndpoint", "VpcId="+vpc+"&SubnetId.1="+subnets[0]+"&VpcEndpointType=GatewayLoadBalancer&ServiceName="+
		"com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0").text("vpcEndpoint/vpcEndpointId")
	add := func(destination, target string) {
		t.Helper()
		must(t, e, "CreateRoute", "RouteTableId="+id+"&"+destination+"&"+target)
	}
	add("DestinationCidrBlock=0.0.0.0/0", "GatewayId="+gateway)
	add("DestinationCidrBlock=10.8.1.2/16", "VpcPeeringConnectionId="+pcx)
	add("DestinationCidrBlock=10.1.0.0/16", "InstanceId="+machine)
	add("DestinationCidrBlock=10.2.0.0/16", "NetworkInterfaceId="+loose)
	add("DestinationCidrBlock=10.3.0.0/16", "VpcEndpointId="+endpoint)
	add("DestinationCidrBlock=10.4.0.0/16", "NatGatewayId=nat-0123456789abcdef0")
	add("DestinationCidrBlock=10.5.0.0/16", "TransitGatewayId=tgw-0123456789abcdef0")
	add("DestinationCidrBlock=10.6.0.0/16", "GatewayId=vgw-0123456789abcdef0")
	add("DestinationIpv6CidrBlock=::/0", "EgressOnlyInternetGatewayId=eigw-0123456789abcdef0")
	all := func(states string) []string {
		is := map[byte]string{'a': "active", 'b': "blackhole"}
		return []string{
			"10.9.0.0/16 gatewayId=local active",
			"0.0.0.0/0 gatewayId=" + gateway + " " + is[states[0]],
			"10.8.0.0/16 vpcPeeringConnectionId=" + pcx + " " + is[states[1]],
			"10.1.0.0/16 networkInterfaceId=" + own + " instanceId=" + machine + " " + is[states[2]],
			"10.2.0.0/16 networkInterfaceId=" + loose + " " + is[states[3]],
			"10.3.0.0/16 gatewayId=" + endpoint + " " + is[states[4]],
			"10.4.0.0/16 natGatewayId=nat-0123456789abcdef0 active",
			"10.5.0.0/16 transitGatewayId=tgw-0123456789abcdef0 active",
			"10.6.0.0/16 gatewayId=vgw-0123456789abcdef0 active",
			"::/0 egressOnlyInternetGatewayId=eigw-0123456789abcdef0 active",
		}
	}
	wantRoutes(t, tableByID(t, e, id), all("ababa")...)
	must(t, e, "AcceptVpcPeeringConnection", "VpcPeeringConnectionId="+pcx)
	wantRoutes(t, tableByID(t, e, id), all("aaaba")...)
	for name, value := range map[string]string{
		"route.gateway-id": gateway, "route.instance-id": machine, "route.nat-gateway-id": "nat-0123456789abcdef0", "route.transit-gateway-id": "tgw-0123456789abcdef0",
		"route.egress-only-internet-gateway-id": "eigw-0123456789abcdef0", "route.vpc-peering-connection-id": pcx, "route.state": "blackhole", "route.origin": "CreateRoute",
		"route.destination-cidr-block": "10.8.0.0/16",
	} {
		wantFilters(t, e, "DescribeRouteTables", "routeTableSet/item/routeTableId", id, map[string]string{name: value})
	}
	must(t, e, "StopInstances", "InstanceId.1="+machine)
	must(t, e, "DetachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpc)
	must(t, e, "DeleteVpcPeeringConnection", "VpcPeeringConnectionId="+pcx)
	must(t, e, "DeleteVpcEndpoints", "VpcEndpointId.1="+endpoint)
	wantRoutes(t, tableByID(t, e, id), all("bbbbb")...)
	must(t, e, "TerminateInstances", "InstanceId.1="+machine)
	must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+loose)
	gone := all("bbbbb")
	gone[3] = "10.1.0.0/16 networkInterfaceId=" + own + " blackhole"
	wantRoutes(t, tableByID(t, e, id), gone...)
}

// Routes are replaced and deleted. A local route can lead to another target and back.
func TestRouteTable_changes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnets := newNetwork(t, e, 9, 1)
	id := makeTable(t, e, vpc)
	loose := must(t, e, "CreateNetworkInterface", "SubnetId="+subnets[0]).text("networkInterface/networkInterfaceId")
	at := "RouteTableId=" + id + "&DestinationCidrBlock="
	must(t, e, "CreateRoute", at+"0.0.0.0/0&NatGatewayId=nat-0123456789abcdef0")
	must(t, e, "ReplaceRoute", at+"0.0.0.0/0&NetworkInterfaceId="+loose)
	must(t, e, "ReplaceRoute", at+"10.9.0.0/16&NetworkInterfaceId="+loose)
	wantRoutes(t, tableByID(t, e, id), "0.0.0.0/0 networkInterfaceId="+loose+" blackhole", "10.9.0.0/16 networkInterfaceId="+loose+" blackhole")
	must(t, e, "ReplaceRoute", at+"10.9.0.0/16&LocalTarget=true")
	must(t, e, "DeleteRoute", at+"0.0.0.0/0")
	wantRoutes(t, tableByID(t, e, id), "10.9.0.0/16 gatewayId=local active")
}

// What EC2 refuses of route tables is refused with its codes.
func TestRouteTable_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnets := newNetwork(t, e, 9, 1)
	other, others := newNetwork(t, e, 8, 1)
	third, _ := newNetwork(t, e, 7, 0)
	id := makeTable(t, e, vpc)
	foreign := must(t, e, "CreateNetworkInterface", "SubnetId="+others[0]).text("networkInterface/networkInterfaceId")
	gateway := must(t, e, "CreateInternetGateway", "").text("internetGateway/internetGatewayId")
	pcx := must(t, e, "CreateVpcPeeringConnection", "VpcId="+other+"&PeerVpcId="+third).text("vpcPeeringConnection/vpcPeeringConnectionId")
	at := "RouteTableId=" + id + "&DestinationCidrBlock="
	must(t, e, "CreateRoute", at+"10.1.0.0/16&NatGatewayId=nat-0123456789abcdef0")
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateRouteTable", "VpcId=vpc-0123456789abcdef0", "InvalidVpcID.NotFound"},
		{"DeleteRouteTable", "RouteTableId=rtb-0123456789abcdef0", "InvalidRouteTableID.NotFound"},
		{"DeleteRouteTable", "RouteTableId=" + describeRoutes(t, e, other).text("routeTableId"), "DependencyViolation"},
		{"AssociateRouteTable", "RouteTableId=" + id, "MissingParameter"},
		{"AssociateRouteTable", "RouteTableId=" + id + "&SubnetId=" + subnets[0] + "&GatewayId=" + gateway, "InvalidParameterCombination"},
		{"AssociateRouteTable", "RouteTableId=" + id + "&SubnetId=" + others[0], "InvalidParameterValue"},
		{"AssociateRouteTable", "RouteTableId=" + id + "&SubnetId=subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"},
		{"DisassociateRouteTable", "AssociationId=rtbassoc-0123456789abcdef0", "InvalidAssociationID.NotFound"},
		{"ReplaceRouteTableAssociation", "AssociationId=rtbassoc-0123456789abcdef0&RouteTableId=" + id, "InvalidAssociationID.NotFound"},
		{"CreateRoute", at + "10.1.0.0/16&NatGatewayId=nat-0123456789abcdef0", "RouteAlreadyExists"},
		{"CreateRoute", at + "10.9.0.0/16&NatGatewayId=nat-0123456789abcdef0", "RouteAlreadyExists"},
		{"CreateRoute", at + "10.2.0.0/16", "MissingParameter"},
		{"CreateRoute", "RouteTableId=" + id + "&NatGatewayId=nat-0123456789abcdef0", "MissingParameter"},
		{"CreateRoute", at + "10.2.0.0/16&NatGatewayId=nat-0123456789abcdef0&TransitGatewayId=tgw-0123456789abcdef0", "InvalidParameterCombination"},
		{"CreateRoute", at + "10.2.0.0/16&DestinationIpv6CidrBlock=::/0&NatGatewayId=nat-0123456789abcdef0", "InvalidParameterCombination"},
		{"CreateRoute", at + "::/0&NatGatewayId=nat-0123456789abcdef0", "InvalidParameterValue"},
		{"CreateRoute", at + "10.2.0.0/16&NatGatewayId=tgw-0123456789abcdef0", "InvalidParameterValue"},
		{"CreateRoute", at + "10.2.0.0/16&GatewayId=local", "InvalidParameterValue"},
		{"CreateRoute", at + "10.2.0.0/16&GatewayId=igw-0123456789abcdef0", "InvalidInternetGatewayID.NotFound"},
		{"CreateRoute", at + "10.2.0.0/16&GatewayId=" + gateway, "InvalidParameterValue"},
		{"CreateRoute", at + "10.2.0.0/16&NetworkInterfaceId=eni-0123456789abcdef0", "InvalidNetworkInterfaceID.NotFound"},
		{"CreateRoute", at + "10.2.0.0/16&NetworkInterfaceId=" + foreign, "InvalidParameterValue"},
		{"CreateRoute", at + "10.2.0.0/16&InstanceId=i-0123456789abcdef0", "InvalidInstanceID.NotFound"},
		{"CreateRoute", at + "10.2.0.0/16&VpcPeeringConnectionId=pcx-0123456789abcdef0", "InvalidVpcPeeringConnectionID.NotFound"},
		{"CreateRoute", at + "10.2.0.0/16&VpcPeeringConnectionId=" + pcx, "InvalidParameterValue"},
		{"CreateRoute", at + "10.2.0.0/16&VpcEndpointId=vpce-0123456789abcdef0", "InvalidVpcEndpointId.NotFound"},
		{"CreateRoute", "RouteTableId=" + id + "&DestinationPrefixListId=pl-0123456789abcdef0&NatGatewayId=nat-0123456789abcdef0", "InvalidPrefixListId.NotFound"},
		{"ReplaceRoute", at + "10.2.0.0/16&NatGatewayId=nat-0123456789abcdef0", "InvalidRoute.NotFound"},
		{"ReplaceRoute", at + "10.1.0.0/16&LocalTarget=true", "InvalidParameterValue"},
		{"ReplaceRoute", at + "10.9.0.0/16&LocalTarget=true&NatGatewayId=nat-0123456789abcdef0", "InvalidParameterCombination"},
		{"ReplaceRoute", at + "10.1.0.0/16", "MissingParameter"},
		{"DeleteRoute", at + "10.2.0.0/16", "InvalidRoute.NotFound"},
		{"DeleteRoute", at + "10.9.0.0/16", "InvalidParameterValue"},
		{"AttachInternetGateway", "InternetGatewayId=" + gateway + "&VpcId=vpc-0123456789abcdef0", "InvalidVpcID.NotFound"},
		{"DetachInternetGateway", "InternetGatewayId=" + gateway + "&VpcId=" + vpc, "Gateway.NotAttached"},
		{"DeleteInternetGateway", "InternetGatewayId=igw-0123456789abcdef0", "InvalidInternetGatewayID.NotFound"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
}

// An internet gateway is attached to one VPC, and a VPC has one.
func TestInternetGateway(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, _ := newNetwork(t, e, 9, 0)
	other, _ := newNetwork(t, e, 8, 0)
	var gateways []string
	for range 2 {
		gateways = append(gateways, must(t, e, "CreateInternetGateway", "TagSpecification.1.ResourceType=internet-gateway&TagSpecification.1.Tag.1.Key=k").text("internetGateway/internetGatewayId"))
	}
	must(t, e, "AttachInternetGateway", "InternetGatewayId="+gateways[0]+"&VpcId="+vpc)
	refused(t, e, "AttachInternetGateway", "InternetGatewayId="+gateways[0]+"&VpcId="+other, "Resource.AlreadyAssociated")
	refused(t, e, "AttachInternetGateway", "InternetGatewayId="+gateways[1]+"&VpcId="+vpc, "InvalidParameterValue")
	wantFilters(t, e, "DescribeInternetGateways", "internetGatewaySet/item/internetGatewayId", gateways[0], map[string]string{
		"attachment.state": "available", "attachment.vpc-id": vpc, "internet-gateway-id": gateways[0], "owner-id": "123456789012", "tag-key": "k",
	})
	refused(t, e, "DeleteInternetGateway", "InternetGatewayId="+gateways[0], "DependencyViolation")
	must(t, e, "DetachInternetGateway", "InternetGatewayId="+gateways[0]+"&VpcId="+vpc)
	for _, id := range gateways {
		must(t, e, "DeleteInternetGateway", "InternetGatewayId="+id)
	}
	if left := must(t, e, "DescribeInternetGateways", "").all("internetGatewaySet/item"); len(left) > 0 {
		t.Errorf("%d are left", len(left))
	}
}
