package emulator_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A VPC has at most 200 network ACLs and 200 route tables, with those that it comes with.
func TestNetwork_limitsOfVPC(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		for n := range 198 {
			o.Topology.NetworkACLs = append(o.Topology.NetworkACLs, mirror.NetworkACL{ID: fmt.Sprintf("acl-%017x", n+1), VPCID: worldVPC})
			o.Topology.RouteTables = append(o.Topology.RouteTables, mirror.RouteTable{ID: fmt.Sprintf("rtb-%017x", n+1), VPCID: worldVPC})
		}
	})
	for action, code := range map[string]string{"CreateNetworkAcl": "NetworkAclLimitExceeded", "CreateRouteTable": "RouteTableLimitExceeded"} {
		refused(t, e, action, "VpcId="+worldVPC, "")
		refused(t, e, action, "VpcId="+worldVPC, code)
	}
}

// A route table has at most 500 routes without the local ones.
func TestRouteTable_limit(t *testing.T) {
	t.Parallel()
	const table = "rtb-00000000000000001"
	e := newEmulator(t, func(o *emulator.Options) {
		v := mirror.RouteTable{ID: table, VPCID: worldVPC}
		for n := range 499 {
			v.Routes = append(v.Routes, mirror.Route{Destination: netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 16, byte(n / 256), byte(n)}), 32), Target: eni(1)})
		}
		o.Topology.RouteTables = append(o.Topology.RouteTables, v)
	})
	route := func(to string) string {
		return "RouteTableId=" + table + "&NetworkInterfaceId=" + eni(1) + "&DestinationCidrBlock=" + to
	}
	refused(t, e, "CreateRoute", route("192.168.0.0/24"), "")
	refused(t, e, "CreateRoute", route("192.168.1.0/24"), "RouteLimitExceeded")
	refused(t, e, "ReplaceRoute", route("192.168.0.0/24"), "")
	refused(t, e, "DeleteRoute", "RouteTableId="+table+"&DestinationCidrBlock=192.168.0.0/24", "")
	refused(t, e, "CreateRoute", route("192.168.1.0/24"), "")
}

// A route leads to an instance only if it has one interface, and to no connection that has ended.
func TestRouteTable_targets(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	table := "RouteTableId=" + makeTable(t, e, worldVPC) + "&DestinationCidrBlock=192.168.0.0/24"
	refused(t, e, "CreateRoute", table+"&InstanceId="+instance(1), "InvalidInstanceID")
	ended, _ := requestPeering(t, e, worldVPC, "vpc-0123456789abcdef0", "&PeerOwnerId="+otherAccount)
	must(t, e, "DeleteVpcPeeringConnection", "VpcPeeringConnectionId="+ended)
	refused(t, e, "CreateRoute", table+"&VpcPeeringConnectionId="+ended, "InvalidVpcPeeringConnectionID.NotFound")
	refused(t, e, "CreateRoute", table+"&InstanceId="+instance(100), "")
}

// The options of a side are those of its owner, and there is no ClassicLink.
func TestPeering_options(t *testing.T) {
	t.Parallel()
	const id, away = "pcx-00000000000000001", "vpc-00000000000000099"
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology.PeeringConnections = append(o.Topology.PeeringConnections, mirror.PeeringConnection{
			ID: id, Requester: mirror.PeeredVPC{VPCID: worldVPC}, Accepter: mirror.PeeredVPC{VPCID: away, OwnerID: otherAccount},
		})
	})
	const change, dns = "VpcPeeringConnectionId=" + id + "&", "PeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true"
	refused(t, e, "ModifyVpcPeeringConnectionOptions", change+"Accepter"+dns, "OperationNotPermitted")
	refused(t, e, "ModifyVpcPeeringConnectionOptions", change+"Requester"+dns, "")
	for _, name := range []string{"AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalVpcToRemoteClassicLink"} {
		refused(t, e, "ModifyVpcPeeringConnectionOptions", change+"RequesterPeeringConnectionOptions."+name+"=true", "InvalidParameterValue")
	}
	if got := peeringByID(t, e, id).text("requesterVpcInfo/peeringOptions/allowDnsResolutionFromRemoteVpc"); got != "true" {
		t.Errorf("the option of the requester is %q, want true", got)
	}
}
