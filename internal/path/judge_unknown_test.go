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
