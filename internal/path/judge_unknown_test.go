package path_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// What EC2 does not show of a way is unknown, and never passes. What it shows to be gone is blocked.
func TestJudge_notShown(t *testing.T) {
	t.Parallel()
	const refused = "EC2 refused it."
	for _, test := range []obstacle{
		{"source not readable", toInterface, func(f *path.Facts) { f.Source.Unread = refused }, path.Unknown, path.SourceInterface, "", "", refused},
		{"source gone", toInterface, func(f *path.Facts) { f.Source.Gone = true }, path.Blocked, path.SourceInterface, "", "", "There is no network interface"},
		{"source unattached", toInterface, func(f *path.Facts) { f.Source.InstanceID = "" }, path.Blocked, path.SourceInterface, "", "", "is attached to no instance"},
		{"type of the source's instance", toInterface, func(f *path.Facts) { f.Source.InstanceType = "" }, path.Unknown, path.SourceInterface, "", "", "does not show the state and the type"},
		{"way from a source that is not readable", toInterface, func(f *path.Facts) { f.Source.Unread = refused }, path.Unknown, path.Route, "", "", "The source is not known"},
		{"interface behind the target", toInterface, func(f *path.Facts) { f.Receivers = nil }, path.Unknown, path.Route, "", "", "the way to it is not known"},
		{"interface behind the target not readable", toInterface, func(f *path.Facts) { f.Receivers[0].Unread = refused }, path.Unknown, path.TargetReceiver, "", "", "EC2 does not show"},
		{"address of the target", toInterface, func(f *path.Facts) { f.Receivers[0].PrivateIPAddress = netip.Addr{} }, path.Unknown, path.Route, "", "", "EC2 shows no address"},
		{"state of the load balancer", toBalancer, func(f *path.Facts) { f.Backing.LoadBalancer.State = "" }, path.Unknown, path.TargetReceiver, "", "", "The state of " + balancerARN + " is not known"},
		{"state of the endpoint", toGateway, func(f *path.Facts) { f.Backing.State = "" }, path.Unknown, path.TargetReceiver, "", "", "EC2 does not show the state"},
		{"network ACLs", toInterface, func(f *path.Facts) { f.Network.ACLs = nil }, path.Unknown, path.ACLEgress, "", "", "EC2 shows no network ACL"},
		{"state of the peering connection", peered, func(f *path.Facts) { f.Network.Peerings[0].State = "" }, path.Unknown, path.Peering, "", "", "EC2 does not show the state"},
		{"VPC of the target", peered, func(f *path.Facts) { f.Receivers[0].VPCID = "" }, path.Unknown, path.Peering, "", "", "is there is not known"},
		{"listeners of the gateway", toGateway, func(f *path.Facts) { f.Backing.LoadBalancer.Listeners = nil }, path.Unknown, path.ListenerHop, "", "", "has a listener is not known"},
		{"appliance not readable", toBalancer, func(f *path.Facts) { f.Appliances[0].Node.Unread = refused }, path.Unknown, path.ApplianceReceiver, "", "", refused},
		{"appliance without an interface", toBalancer, func(f *path.Facts) { f.Appliances[0].Node = path.Node{} }, path.Unknown, path.ApplianceReceiver, "", "", "EC2 shows no network interface of the appliance"},
		{"appliance of the gateway without an interface", toGateway, func(f *path.Facts) { f.Appliances[0].Node = path.Node{} }, path.Unknown, path.ApplianceReceiver, "", "", "EC2 shows no network interface of the appliance"},
		{"appliance with IPv6", toBalancer, func(f *path.Facts) { f.Appliances[0].Address = addr("2001:db8::3") }, path.Unknown, path.GroupIngress, "", "", "From which address"},
		{"groups of the target", toInterface, func(f *path.Facts) { f.Receivers[0].GroupIDs = nil }, path.Unknown, path.GroupIngress, "", "", "EC2 shows no security group"},
		{"rules of the group of the target", toInterface, func(f *path.Facts) { f.Network.Groups = f.Network.Groups[:1] }, path.Unknown, path.GroupIngress, "", "", "EC2 does not show the rules"},
		{"groups of the source that a rule names", toInterface, func(f *path.Facts) {
			f.Network.Groups[1].Rules[1].CIDR, f.Network.Groups[1].Rules[1].GroupID, f.Source.GroupIDs = netip.Prefix{}, sourceGroup, nil
		}, path.Unknown, path.GroupIngress, "", "", "whether the other end has that group is not known"},
		{"addresses of the gateway that a rule names", toGateway, func(f *path.Facts) { f.Nodes = nil }, path.Unknown, path.GroupIngress, "", "", "the addresses of the load balancer are not known"},
		{"addresses of the gateway for the network ACL", toGateway, func(f *path.Facts) { f.Nodes = nil }, path.Unknown, path.ACLIngress, "", "", "The addresses of the load balancer are not known"},
		{"cross-zone load balancing", toBalancer, func(f *path.Facts) {
			f.Backing.LoadBalancer.CrossZone, f.Backing.TargetGroups[0].Targets = nil, f.Backing.TargetGroups[0].Targets[1:]
		}, path.Unknown, path.ZoneHop, "", "", "not known to be on or off"},
		{"route table", toInterface, func(f *path.Facts) { f.Network.Tables = nil }, path.Unknown, path.Route, "", "", "EC2 shows no route table"},
		{"default network ACL of another VPC", toInterface, func(f *path.Facts) {
			f.Network.ACLs[1].Subnets, f.Network.ACLs[1].Default, f.Network.ACLs[1].VPCID = nil, true, "vpc-00000000000000009"
		}, path.Unknown, path.ACLIngress, "", "", "EC2 shows no network ACL"},
		{"another network ACL that is not the default one", toInterface, func(f *path.Facts) { f.Network.ACLs[1].Subnets = nil }, path.Unknown, path.ACLIngress, "", "", "EC2 shows no network ACL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := test.world()
			test.plant(&f)
			r := path.Judge(f)
			isSaid := slices.ContainsFunc(r.Hops, func(h path.Hop) bool {
				return h.What == test.what && h.Outcome == test.outcome && strings.Contains(h.Reason, test.says)
			})
			if !isSaid || r.Outcome == path.Passes {
				t.Errorf("%s: %s; no hop %s that is %s and says %q in\n%+v", r.Outcome, r.Reason, test.what, test.outcome, test.says, r.Hops)
			}
		})
	}
}

// It is the same which VPC has requested a peering connection.
func TestJudge_peeredByOther(t *testing.T) {
	t.Parallel()
	f := peered()
	p := &f.Network.Peerings[0]
	p.Requester, p.Accepter = p.Accepter, p.Requester
	if r := path.Judge(f); r.Outcome != path.Passes {
		t.Errorf("%s: %s", r.Outcome, r.Reason)
	}
	p.Requester = mirror.PeeredVPC{VPCID: "vpc-00000000000000003"}
	if r := path.Judge(f); r.Outcome != path.Blocked {
		t.Errorf("with a third VPC: %s: %s", r.Outcome, r.Reason)
	}
}

// What decides for objects that do not say it themselves, and what goes before it, lets copies pass.
func TestJudge_decides(t *testing.T) {
	t.Parallel()
	crossZone := func(ofBalancer bool, ofGroup string) func(*path.Facts) {
		return changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.CrossZone, g.CrossZone, g.Targets = ptr(ofBalancer), ofGroup, g.Targets[1:] // the source is in the other zone
		})
	}
	for _, test := range []struct {
		name  string
		world func() path.Facts
		plant func(*path.Facts)
		want  path.Outcome
	}{
		{"default network ACL", toInterface, func(f *path.Facts) { f.Network.ACLs[1].Subnets, f.Network.ACLs[1].Default = nil, true }, path.Passes},
		{"default network ACL that denies", toInterface, func(f *path.Facts) {
			f.Network.ACLs[1].Subnets, f.Network.ACLs[1].Default, f.Network.ACLs[1].Entries = nil, true, f.Network.ACLs[1].Entries[1:]
		}, path.Blocked},
		{"cross-zone on for the target group alone", toBalancer, crossZone(false, "true"), path.Passes},
		{"cross-zone off for the target group alone", toBalancer, crossZone(true, "false"), path.Unknown},
		{"appliance in all zones", toBalancer, changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.CrossZone, g.Targets = ptr(false), g.Targets[1:]
			g.Targets[0].Zone = "all"
		}), path.Passes},
		{"route to the interface itself", toInterface, func(f *path.Facts) {
			f.Network.Tables[0].Routes[0].Target = targetID
		}, path.Passes},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := test.world()
			test.plant(&f)
			if r := path.Judge(f); r.Outcome != test.want {
				t.Errorf("%s, want %s: %s\n%+v", r.Outcome, test.want, r.Reason, r.Hops)
			}
		})
	}
}
