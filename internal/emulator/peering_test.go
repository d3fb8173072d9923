package emulator_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

func requestPeering(t *testing.T, e http.Handler, vpc, peer, more string) (id, state string) {
	t.Helper()
	made := must(t, e, "CreateVpcPeeringConnection", "VpcId="+vpc+"&PeerVpcId="+peer+more)
	return made.text("vpcPeeringConnection/vpcPeeringConnectionId"), made.text("vpcPeeringConnection/status/code")
}

func peeringByID(t *testing.T, e http.Handler, id string) node {
	t.Helper()
	return must(t, e, "DescribeVpcPeeringConnections", "VpcPeeringConnectionId.1="+id).all("vpcPeeringConnectionSet/item")[0]
}

// A connection is requested, accepted, given options, and deleted. Each VPC has its
// blocks and its owner in it.
func TestPeering(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, _ := newNetwork(t, e, 9, 0)
	peer, _ := newNetwork(t, e, 8, 0)
	must(t, e, "AssociateVpcCidrBlock", "AmazonProvidedIpv6CidrBlock=true&VpcId="+peer)
	id, state := requestPeering(t, e, vpc, peer, "&TagSpecification.1.ResourceType=vpc-peering-connection&TagSpecification.1.Tag.1.Key=k")
	if state != "pending-acceptance" {
		t.Errorf("a new connection is %s", state)
	}
	to := "VpcPeeringConnectionId=" + id
	refused(t, e, "ModifyVpcPeeringConnectionOptions", to+"&AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true", "OperationNotPermitted")
	refused(t, e, "CreateVpcPeeringConnection", "VpcId="+peer+"&PeerVpcId="+vpc, "VpcPeeringConnectionAlreadyExists")
	if got := must(t, e, "AcceptVpcPeeringConnection", to).text("vpcPeeringConnection/status/code"); got != "active" {
		t.Errorf("an accepted connection is %s", got)
	}
	changed := must(t, e, "ModifyVpcPeeringConnectionOptions", to+"&AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true")
	if got := changed.text("accepterPeeringConnectionOptions/allowDnsResolutionFromRemoteVpc"); got != "true" {
		t.Errorf("the changed option is %q", got)
	}
	v := peeringByID(t, e, id)
	for path, want := range map[string]string{
		"requesterVpcInfo/vpcId": vpc, "requesterVpcInfo/cidrBlock": "10.9.0.0/16", "requesterVpcInfo/cidrBlockSet/item/cidrBlock": "10.9.0.0/16",
		"requesterVpcInfo/ownerId": "123456789012", "requesterVpcInfo/region": "us-east-1", "requesterVpcInfo/peeringOptions/allowDnsResolutionFromRemoteVpc": "false",
		"accepterVpcInfo/vpcId": peer, "accepterVpcInfo/peeringOptions/allowDnsResolutionFromRemoteVpc": "true", "status/message": "Active", "tagSet/item/key": "k",
		"accepterVpcInfo/ipv6CidrBlockSet/item/ipv6CidrBlock": must(t, e, "DescribeVpcs", "VpcId.1="+peer).text("vpcSet/item/ipv6CidrBlockAssociationSet/item/ipv6CidrBlock"),
	} {
		if got := v.text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	wantFilters(t, e, "DescribeVpcPeeringConnections", "vpcPeeringConnectionSet/item/vpcPeeringConnectionId", id, map[string]string{
		"requester-vpc-info.vpc-id": vpc, "requester-vpc-info.cidr-block": "10.9.0.0/16", "requester-vpc-info.owner-id": "123456789012", "accepter-vpc-info.vpc-id": peer,
		"accepter-vpc-info.cidr-block": "10.8.0.0/16", "accepter-vpc-info.owner-id": "123456789012", "status-code": "active", "status-message": "Active", "tag-key": "k",
	}, "expiration-time")
	own, far := makeGroup(t, e, vpc, "own"), makeGroup(t, e, peer, "far")
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+own+fromGroup(far))
	must(t, e, "RevokeSecurityGroupIngress", "GroupId="+own+fromGroup(far))
	must(t, e, "DeleteSecurityGroup", "GroupId="+far)
	refused(t, e, "DeleteVpc", "VpcId="+peer, assumed("A0214", "DependencyViolation"))
	must(t, e, "DeleteVpcPeeringConnection", to)
	if got := peeringByID(t, e, id).text("status/code"); got != "deleted" {
		t.Errorf("a deleted connection is %s", got)
	}
	for _, action := range []string{"AcceptVpcPeeringConnection", "RejectVpcPeeringConnection", "DeleteVpcPeeringConnection"} {
		refused(t, e, action, to, "InvalidStateTransition")
	}
	must(t, e, "DeleteVpc", "VpcId="+peer)
}

// A request that cannot succeed has failed, and one to another account or Region waits
// there. Nobody here can accept it.
func TestPeering_requests(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, _ := newNetwork(t, e, 9, 0)
	same, _ := newNetwork(t, e, 9, 0)
	const away = "vpc-0123456789abcdef0"
	for _, test := range []struct{ peer, more, want string }{
		{same, "", "failed"}, {vpc, "", "failed"}, {away, "", "failed"},
		{away, "&PeerOwnerId=" + otherAccount, "pending-acceptance"}, {"vpc-0123456789abcdef1", "&PeerRegion=eu-west-1", "pending-acceptance"},
	} {
		id, state := requestPeering(t, e, vpc, test.peer, test.more)
		if state != test.want {
			t.Errorf("to %s%s: %s, want %s (%s)", test.peer, test.more, state, test.want, "A0213")
		}
		want := "OperationNotPermitted"
		if test.want == "failed" {
			want = "InvalidStateTransition"
		}
		refused(t, e, "AcceptVpcPeeringConnection", "VpcPeeringConnectionId="+id, want)
		refused(t, e, "RejectVpcPeeringConnection", "VpcPeeringConnectionId="+id, want)
	}
	refused(t, e, "CreateVpcPeeringConnection", "VpcId="+away+"&PeerVpcId="+vpc, "InvalidVpcID.NotFound")
	refused(t, e, "CreateVpcPeeringConnection", "VpcId="+vpc+"&PeerVpcId="+same+"&PeerOwnerId=1", "InvalidParameterValue")
	refused(t, e, "AcceptVpcPeeringConnection", "VpcPeeringConnectionId=pcx-0123456789abcdef0", "InvalidVpcPeeringConnectionID.NotFound")
	refused(t, e, "ModifyVpcPeeringConnectionOptions", "VpcPeeringConnectionId=pcx-0123456789abcdef0", "InvalidVpcPeeringConnectionID.NotFound")
}

// A request expires after a week, and what has ended is visible for hours. A route to it is
// a blackhole all the time (A0213).
func TestPeering_ends(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	e := newEmulator(t, func(o *emulator.Options) { o.Now = func() time.Time { return now } })
	vpc, _ := newNetwork(t, e, 9, 0)
	peer, _ := newNetwork(t, e, 8, 0)
	third, _ := newNetwork(t, e, 7, 0)
	waiting, _ := requestPeering(t, e, vpc, peer, "")
	table := makeTable(t, e, vpc)
	must(t, e, "CreateRoute", "RouteTableId="+table+"&DestinationCidrBlock=10.8.0.0/16&VpcPeeringConnectionId="+waiting)
	rejected, _ := requestPeering(t, e, vpc, third, "")
	must(t, e, "RejectVpcPeeringConnection", "VpcPeeringConnectionId="+rejected)
	states := func() []string {
		return must(t, e, "DescribeVpcPeeringConnections", "").texts("vpcPeeringConnectionSet/item/status/code")
	}
	for _, step := range []struct {
		after time.Duration
		want  []string
	}{{0, []string{"pending-acceptance", "rejected"}}, {3 * time.Hour, []string{"pending-acceptance"}}, {7 * 24 * time.Hour, nil}} {
		now = now.Add(step.after)
		got := states()
		if slices.Sort(got); !slices.Equal(got, step.want) {
			t.Errorf("%s later there are %q, want %q", step.after, got, step.want)
		}
		wantRoutes(t, tableByID(t, e, table), "10.9.0.0/16 gatewayId=local active", "10.8.0.0/16 vpcPeeringConnectionId="+waiting+" blackhole")
	}
	must(t, e, "DeleteRouteTable", "RouteTableId="+table)
	must(t, e, "DeleteVpc", "VpcId="+vpc)
}
