package path_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// toIPv6 is a world whose target has no IPv4 address.
func toIPv6() path.Facts {
	f := toInterface()
	f.Source.IPv6Addresses = append(f.Source.IPv6Addresses, addr("2001:db8::10"))
	f.Receivers[0].PrivateIPAddress, f.Receivers[0].IPv6Addresses, f.Backing.Address = path.Node{}.PrivateIPAddress, append(f.Receivers[0].IPv6Addresses, addr("2001:db8:0:2::10")), addr("2001:db8:0:2::10")
	f.Network.Tables[0].Routes = append(f.Network.Tables[0].Routes, mirror.Route{Destination: prefix("2001:db8::/56"), Target: mirror.LocalRoute, State: mirror.ActiveRoute})
	f.Network.Groups[1].Rules[1].CIDR = prefix("2001:db8::/32")
	for i := range f.Network.ACLs {
		f.Network.ACLs[i].Entries = append(f.Network.ACLs[i].Entries, entry(101, false, true, mirror.AllProtocols, "::/0"), entry(101, true, true, mirror.AllProtocols, "::/0"))
	}
	return f
}

// Worlds that are unusual, with the verdict that follows from the documentation of AWS.
func TestJudge_oddWorlds(t *testing.T) {
	t.Parallel()
	const another = "vpc-00000000000000002"
	ofGroup := func(id string) mirror.SecurityGroupRule {
		return mirror.SecurityGroupRule{ID: targetRule, Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, GroupID: id}
	}
	targetRules := func(rules ...mirror.SecurityGroupRule) func(*path.Facts) {
		return func(f *path.Facts) { f.Network.Groups[1].Rules = rules }
	}
	inbound := func(entries ...mirror.NetworkACLEntry) func(*path.Facts) {
		return func(f *path.Facts) { f.Network.ACLs[1].Entries = entries }
	}
	all := entry(100, false, true, mirror.AllProtocols, "0.0.0.0/0")
	for _, w := range []struct {
		name    string
		world   func() path.Facts
		change  func(*path.Facts)
		outcome path.Outcome
		what    path.Stage // of the hop that decides; "": none
		says    string
	}{
		// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html: "not supported for IPv6-only subnets"
		{"target without IPv4", toIPv6, func(*path.Facts) {}, path.Unknown, path.TargetReceiver, "does not support IPv6-only subnets"},
		{"target without IPv4, and its group allows IPv4 only", toIPv6, targetRules(ingress(targetRule, "0.0.0.0/0", 17, 4789)), path.Blocked, path.GroupIngress, "only from 0.0.0.0/0, not from 2001:db8::10"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html: the explicit association decides, not the main table
		{"main route table without a route, and an explicit one with it", peered, func(f *path.Facts) {
			own := f.Network.Tables[0]
			own.ID, own.Main, own.Subnets = "rtb-00000000000000002", false, []string{sourceSubnet}
			f.Network.Tables[0].Routes = f.Network.Tables[0].Routes[:1]
			f.Network.Tables = append(f.Network.Tables, own)
		}, path.Passes, "", ""},
		{"main route table with a route, and an explicit one without it", peered, func(f *path.Facts) {
			own := f.Network.Tables[0]
			own.ID, own.Main, own.Subnets, own.Routes = "rtb-00000000000000002", false, []string{sourceSubnet}, own.Routes[:1]
			f.Network.Tables = append(f.Network.Tables, own)
		}, path.Blocked, path.Route, "rtb-00000000000000002, the route table of " + sourceSubnet + ", has no route"},
		{"main route table of another VPC", peered, func(f *path.Facts) {
			other := f.Network.Tables[0]
			other.ID, other.VPCID, f.Network.Tables[0].Routes = "rtb-00000000000000000", another, f.Network.Tables[0].Routes[:1]
			f.Network.Tables = append([]mirror.RouteTable{other}, f.Network.Tables...)
		}, path.Blocked, path.Route, table + ", the route table"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html: the lowest number that matches decides
		{"deny before allow", toInterface, inbound(all, entry(99, false, false, 17, "10.0.1.0/24", 4789)), path.Blocked, path.ACLIngress, "Inbound entry 99"},
		{"allow before deny", toInterface, inbound(all, entry(101, false, false, 17, "10.0.1.0/24", 4789)), path.Passes, "", ""},
		{"deny of ephemeral ports, among them that of copies", toInterface, inbound(all, entry(90, false, false, 17, "0.0.0.0/0", 1024, 65535)), path.Blocked, path.ACLIngress, "Inbound entry 90"},
		{"allow of ephemeral ports only from 32768", toInterface, inbound(entry(100, false, true, 17, "0.0.0.0/0", 32768, 65535)), path.Blocked, path.ACLIngress, "allows UDP port 4789"},
		{"deny of TCP and ICMP", toInterface, inbound(all, entry(80, false, false, 6, "0.0.0.0/0", 0, 65535), entry(81, false, false, 1, "0.0.0.0/0")), path.Passes, "", ""},
		{"deny of answers", toInterface, func(f *path.Facts) {
			f.Network.ACLs[1].Entries = append(f.Network.ACLs[1].Entries, entry(1, true, false, mirror.AllProtocols, "0.0.0.0/0")) // copies have none
		}, path.Passes, "", ""},

		// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html: it allows its members
		{"default security group of both", toInterface, func(f *path.Facts) {
			f.Source.GroupIDs = []string{targetGroup}
			f.Network.Groups[1].Rules = []mirror.SecurityGroupRule{{ID: targetRule, Direction: mirror.Ingress, Protocol: mirror.AllProtocols, FromPort: -1, ToPort: -1, GroupID: targetGroup}}
		}, path.Passes, "", ""},
		{"default security group of the target only", toInterface, targetRules(ofGroup(targetGroup)), path.Blocked, path.GroupIngress, "only from members of " + targetGroup},
		{"group of the source", toInterface, targetRules(ofGroup(sourceGroup)), path.Passes, "", ""},
		{"group of an appliance, not of the source", toInterface, targetRules(ofGroup(applianceGroup)), path.Blocked, path.GroupIngress, "only from members of " + applianceGroup},
		{"all of ICMP", toInterface, targetRules(ingress(targetRule, "0.0.0.0/0", 1)), path.Blocked, path.GroupIngress, "has no inbound rule for UDP port 4789"},
		{"one port beside", toInterface, targetRules(ingress(targetRule, "0.0.0.0/0", 17, 4788), ingress("sgr-00000000000000004", "0.0.0.0/0", 17, 4790, 65535)), path.Blocked, path.GroupIngress, "has no inbound rule for UDP port 4789"},
		{"second group allows", toInterface, func(f *path.Facts) {
			f.Receivers[0].GroupIDs = []string{sourceGroup, targetGroup} // any rule of any group is enough
		}, path.Passes, "", ""},
		{"outbound rule of the target", toInterface, targetRules(mirror.SecurityGroupRule{ID: targetRule, Direction: mirror.Egress, Protocol: -1, FromPort: -1, ToPort: -1, CIDR: prefix("0.0.0.0/0")}), path.Blocked, path.GroupIngress, "has no inbound rule"},

		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
		{"peered, by the group of the source", peered, targetRules(ofGroup(sourceGroup)), path.Passes, "", ""},
		{"peered, and the peering connection was made by the other side", peered, func(f *path.Facts) {
			p := &f.Network.Peerings[0]
			p.Requester, p.Accepter = p.Accepter, p.Requester
		}, path.Passes, "", ""},

		// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html: the port is that of the target
		{"target group on another port", toBalancer, func(f *path.Facts) {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets[0].Port, g.Targets[1].Port = 5000, 5000 })(f)
			f.Network.Groups[2].Rules[0].FromPort = 4789
		}, path.Passes, "", ""},
		{"target group on another port that the group does not allow", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets[0].Port, g.Targets[1].Port = 7000, 7000 }), path.Blocked, path.GroupIngress, "UDP port 7000"},
		{"targets by address", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.TargetType = "ip"
			for i := range g.Targets {
				g.Targets[i].ID = g.Targets[i].Address.String()
			}
		}), path.Passes, "", ""},
		{"target by an address outside of the VPC", toBalancer, func(f *path.Facts) {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.TargetType, g.Targets = "ip", g.Targets[:1]
				g.Targets[0].ID, g.Targets[0].Address, g.Targets[0].Zone = "192.168.0.1", addr("192.168.0.1"), "all"
			})(f)
			f.Appliances[0].Node = path.Node{}
		}, path.Unknown, path.ApplianceReceiver, "no network interface of the appliance 192.168.0.1"},
		{"IPv6 appliance", toBalancer, func(f *path.Facts) {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:1] })(f)
			f.Appliances[0].Address = addr("2001:db8::3")
		}, path.Unknown, path.GroupIngress, "From which address"},

		// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#target-group-cross-zone: it can differ from the load balancer
		{"cross-zone on for the target group only", toBalancer, changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.CrossZone, g.CrossZone, g.Targets = ptr(false), "true", g.Targets[1:]
		}), path.Passes, "", ""},
		{"cross-zone off for the target group only", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.CrossZone, g.Targets = "false", g.Targets[1:] }), path.Unknown, path.ZoneHop, "no healthy appliance in eu-west-1a"},
		{"cross-zone off, and only the zone of the source has appliances (A0219)", toBalancer, changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.CrossZone, g.Targets = ptr(false), g.Targets[:1]
		}), path.Unknown, path.ZoneHop, "does not document which node gets the copies from eu-west-1a"},
		{"behind an endpoint, cross-zone off, and only its zone has appliances (A0219)", toGateway, func(f *path.Facts) {
			lb, group := *f.Backing.LoadBalancer, f.Backing.TargetGroups[0]
			lb.CrossZone, group.Targets = ptr(false), group.Targets[:1]
			fleet(f, lb, group)
		}, path.Unknown, path.ZoneHop, "does not document which node gets the copies from eu-west-1a"},
		{"zones of the load balancer not shown, and a node without an appliance", toBalancer, changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
			lb.Zones, lb.CrossZone, g.Targets = nil, ptr(false), g.Targets[:1]
		}), path.Unknown, "", ""},
		{"VPC of an interface not shown", toInterface, func(f *path.Facts) { f.Receivers[0].VPCID = "" }, path.Unknown, path.Route, "it is not known whether"},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			f := w.world()
			w.change(&f)
			r := path.Judge(f)
			if r.Outcome != w.outcome {
				t.Fatalf("%s, want %s\n%s", r.Outcome, w.outcome, r.Text())
			}
			if r.Reason == "" {
				t.Error("it does not say why")
			}
			isNamed := w.what == ""
			for _, h := range r.Hops {
				isNamed = isNamed || h.What == w.what && h.Outcome == w.outcome && strings.Contains(h.Reason, w.says)
			}
			if !isNamed {
				t.Error(r.Text())
			}
		})
	}
}
