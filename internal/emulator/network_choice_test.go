package emulator_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A route to a prefix list that a topology has can be changed and removed by the list, and no other route with it.
func TestRouteTable_prefixLists(t *testing.T) {
	t.Parallel()
	const table, first, second = "rtb-00000000000000001", "pl-00000000000000001", "pl-00000000000000002"
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology.RouteTables = append(o.Topology.RouteTables, mirror.RouteTable{ID: table, VPCID: worldVPC, Routes: []mirror.Route{
			{PrefixListID: first, Target: eni(1)}, {PrefixListID: second, Target: eni(1)}, {Destination: netip.MustParsePrefix("172.16.0.0/12"), Target: instance(100)},
		}})
	})
	of := "RouteTableId=" + table + "&DestinationPrefixListId="
	refused(t, e, "DeleteRoute", of+"pl-00000000000000003", "InvalidPrefixListId.NotFound")
	refused(t, e, "ReplaceRoute", of+second+"&NetworkInterfaceId="+eni(2), "")
	refused(t, e, "DeleteRoute", of+second, "")
	routes := must(t, e, "DescribeRouteTables", "RouteTableId.1="+table)
	if got := routes.texts("routeTableSet/item/routeSet/item/destinationPrefixListId"); !slices.Equal(got, []string{first}) {
		t.Errorf("left are the routes to %q, want %s", got, first)
	}
	if got := routes.texts("routeTableSet/item/routeSet/item/networkInterfaceId"); !slices.Contains(got, eniLargeTarget) {
		t.Errorf("the routes lead to %q, want the interface of the instance %s too", got, eniLargeTarget)
	}
}

// The association of a gateway is not the main one.
func TestRouteTable_gatewayAssociation(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	gateway := must(t, e, "CreateInternetGateway", "").text("internetGateway/internetGatewayId")
	must(t, e, "AttachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+worldVPC)
	table := makeTable(t, e, worldVPC)
	id := must(t, e, "AssociateRouteTable", "RouteTableId="+table+"&GatewayId="+gateway).text("associationId")
	if got := tableByID(t, e, table).text("associationSet/item/main"); got != "false" {
		t.Errorf("main is %q, want false", got)
	}
	if again := must(t, e, "AssociateRouteTable", "RouteTableId="+table+"&GatewayId="+gateway).text("associationId"); again != id {
		t.Errorf("the same request makes %s beside %s", again, id)
	}
	refused(t, e, "AssociateRouteTable", "RouteTableId="+makeTable(t, e, worldVPC)+"&GatewayId="+gateway, "Resource.AlreadyAssociated")
	must(t, e, "DisassociateRouteTable", "AssociationId="+id)
	must(t, e, "DeleteRouteTable", "RouteTableId="+table)
}

// The highest number, the first entry, and the highest type of ICMP can be used.
func TestNetworkACL_ends(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	acl := "NetworkAclId=" + must(t, e, "CreateNetworkAcl", "VpcId="+worldVPC).text("networkAcl/networkAclId")
	entry := func(number, protocol string) string {
		return acl + "&Egress=false&RuleAction=allow&CidrBlock=10.0.0.0/8&RuleNumber=" + number + "&Protocol=" + protocol
	}
	refused(t, e, "CreateNetworkAclEntry", entry("32767", "-1"), "InvalidParameterValue")
	refused(t, e, "CreateNetworkAclEntry", entry("32766", "-1"), "")
	refused(t, e, "CreateNetworkAclEntry", entry("1", "icmp")+"&Icmp.Type=255&Icmp.Code=-1", "")
	refused(t, e, "CreateNetworkAclEntry", entry("2", "icmp")+"&Icmp.Type=256&Icmp.Code=-1", "InvalidParameterValue")
	refused(t, e, "ReplaceNetworkAclEntry", entry("1", "6")+"&PortRange.From=0&PortRange.To=65535", "")
	refused(t, e, "DeleteNetworkAclEntry", acl+"&Egress=false&RuleNumber=1", "")
	refused(t, e, "DeleteNetworkAclEntry", acl+"&Egress=false&RuleNumber=1", "InvalidNetworkAclEntry.NotFound")
}
