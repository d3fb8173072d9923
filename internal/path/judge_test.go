package path_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

func TestJudge_clean(t *testing.T) {
	t.Parallel()
	sameSubnet := toInterface()
	sameSubnet.Receivers[0].SubnetID = sourceSubnet
	sameSubnet.Network.ACLs = []mirror.NetworkACL{{ID: sourceACL, Subnets: []string{sourceSubnet}}} // denies everything
	sameSubnet.Network.Tables = nil
	byGroup := toInterface()
	byGroup.Network.Groups[1].Rules = []mirror.SecurityGroupRule{{ID: targetRule, Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, GroupID: sourceGroup}}
	peeredByGroup := peered()
	peeredByGroup.Network.Groups[1].Rules = byGroup.Network.Groups[1].Rules
	balancerGroup := toBalancer()
	balancerGroup.Backing.LoadBalancer.SecurityGroups = []string{targetGroup}
	balancerGroup.Network.Groups[1].Rules = append(balancerGroup.Network.Groups[1].Rules, mirror.SecurityGroupRule{ID: "sgr-00000000000000008", Direction: mirror.Egress, Protocol: -1, FromPort: -1, ToPort: -1, CIDR: prefix("0.0.0.0/0")})
	balancerGroup.Network.Groups[2].Rules = []mirror.SecurityGroupRule{{ID: applianceRule, Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, GroupID: targetGroup}}
	unhealthy := toBalancer()
	lb, group := balancer()
	group.Targets[1].Health = mirror.TargetUnhealthy
	fleet(&unhealthy, lb, group)
	unhealthy.Appliances[1].Node.GroupIDs = []string{sourceGroup} // it gets nothing
	serviceRoute := toInterface()
	serviceRoute.Network.Tables[0].Routes = append(serviceRoute.Network.Tables[0].Routes, mirror.Route{PrefixListID: "pl-63a5400a", Target: "vpce-00000000000000009"})
	for name, f := range map[string]path.Facts{
		"interface": toInterface(), "load balancer": toBalancer(), "gateway": toGateway(), "peered": peered(), "same subnet": sameSubnet,
		"rule with the group of the source": byGroup, "rule with the group of the source, peered": peeredByGroup, "load balancer with security groups": balancerGroup,
		"one of two appliances unhealthy": unhealthy, "gateway endpoint for S3": serviceRoute,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := path.Judge(f)
			if r.Outcome != path.Passes {
				t.Errorf("%s: %s", r.Outcome, r.Reason)
			}
			for _, h := range r.Hops {
				if isSkipped := h.Outcome == path.Skipped && strings.Contains(name, "unhealthy"); !isSkipped && (h.Outcome != path.Passes || h.Fix != "") {
					t.Errorf("%+v", h)
				}
			}
		})
	}
}

// An obstacle is one change of a clean world, and the hop that it blocks.
type obstacle struct {
	name    string
	world   func() path.Facts
	plant   func(*path.Facts)
	outcome path.Outcome
	what    path.Stage
	by      string
	rule    string
	says    string
}

// changed returns a plant that changes the load balancer and the target group.
func changed(change func(*mirror.LoadBalancer, *mirror.TargetGroup)) func(*path.Facts) {
	return func(f *path.Facts) {
		lb, group := balancer()
		change(&lb, &group)
		fleet(f, lb, group)
	}
}

// obstacles are those that people meet: each is named, and nothing else is.
var obstacles = []obstacle{
	{"security group without UDP 4789", toInterface, func(f *path.Facts) { f.Network.Groups[1].Rules = f.Network.Groups[1].Rules[:1] }, path.Blocked, path.GroupIngress, targetGroup, "", "has no inbound rule for UDP port 4789"},
	{"security group with TCP 4789", toInterface, func(f *path.Facts) { f.Network.Groups[1].Rules[1].Protocol = 6 }, path.Blocked, path.GroupIngress, targetGroup, "", "has no inbound rule for UDP port 4789"},
	{"security group from the wrong source", toInterface, func(f *path.Facts) { f.Network.Groups[1].Rules[1].CIDR = prefix("10.1.0.0/16") }, path.Blocked, path.GroupIngress, targetGroup, targetRule, "only from 10.1.0.0/16, not from 10.0.1.10"},
	{"network ACL at the source, outbound (A0223)", toInterface, func(f *path.Facts) {
		f.Network.ACLs[0].Entries = append(f.Network.ACLs[0].Entries, entry(90, true, false, 17, "10.0.2.0/24"))
	}, path.Blocked, path.ACLEgress, sourceACL, "90", "denies UDP port 4789 to 10.0.2.10"},
	{"network ACL at the target, inbound", toInterface, func(f *path.Facts) {
		f.Network.ACLs[1].Entries = append(f.Network.ACLs[1].Entries, entry(50, false, false, 17, "10.0.0.0/8", 4000, 5000))
	}, path.Blocked, path.ACLIngress, otherACL, "50", "denies UDP port 4789 from 10.0.1.10"},
	{"network ACL without an entry that allows", toInterface, func(f *path.Facts) { f.Network.ACLs[1].Entries = f.Network.ACLs[1].Entries[1:] }, path.Blocked, path.ACLIngress, otherACL, "*", "its last entry denies it"},
	{"no route", toInterface, func(f *path.Facts) { f.Network.Tables[0].Routes = nil }, path.Blocked, path.Route, table, "", "has no route to 10.0.2.10"},
	{"internet gateway", peered, func(f *path.Facts) { f.Network.Tables[0].Routes = f.Network.Tables[0].Routes[:2] }, path.Blocked, path.Route, table, "0.0.0.0/0", "drops packets to the private address"},
	{"blackhole route", peered, func(f *path.Facts) { f.Network.Tables[0].Routes[2].State = mirror.BlackholeRoute }, path.Blocked, path.Route, table, "10.9.0.0/16", "is a blackhole"},
	{"no listener", toBalancer, changed(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners = []mirror.Listener{} }), path.Blocked, path.ListenerHop, balancerARN, "", "does not listen on UDP port 4789"},
	{"listener on another port", toBalancer, changed(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners[0].Port = 4790 }), path.Blocked, path.ListenerHop, listenerARN, "UDP 4790", "only on UDP 4790"},
	{"listener with TCP", toBalancer, changed(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners[0].Protocol = "TCP" }), path.Blocked, path.ListenerHop, listenerARN, "TCP 4789", "only on TCP 4789"},
	{"no target", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = []mirror.RegisteredTarget{} }), path.Blocked, path.TargetGroupHop, groupARN, "", "has no registered target"},
	{"unhealthy targets", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
		g.Targets[0].Health, g.Targets[1].Health = mirror.TargetUnhealthy, mirror.TargetUnhealthy
	}), path.Unknown, path.TargetGroupHop, groupARN, "", "has no healthy target"},
	{"targets out of service", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
		g.Targets[0].Health, g.Targets[1].Health = mirror.TargetUnused, mirror.TargetDraining
	}), path.Blocked, path.TargetGroupHop, groupARN, "", "has no target that gets new flows"},
	{"cross-zone off, nothing in the zone of the source (A0219)", toBalancer, changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
		lb.CrossZone, g.Targets = ptr(false), g.Targets[1:]
	}), path.Unknown, path.ZoneHop, balancerARN, "cross-zone load balancing off", "no healthy appliance in eu-west-1a"},
	{"target stopped", toInterface, func(f *path.Facts) { f.Receivers[0].InstanceState = "stopped" }, path.Blocked, path.TargetReceiver, "i-00000000000000002", "stopped", "is attached to i-00000000000000002, which is stopped"},
	{"target unattached", toInterface, func(f *path.Facts) { f.Receivers[0].InstanceID = "" }, path.Blocked, path.TargetReceiver, targetID, "", "is attached to no instance"},
	{"target deleted", toInterface, func(f *path.Facts) { f.Backing.Gone = true }, path.Blocked, path.TargetReceiver, targetID, "", "does not exist any more"},
	{"peering not shown", peered, func(f *path.Facts) { f.Network.Peerings = nil }, path.Unknown, path.Peering, pcx, "", "EC2 does not show " + pcx},
	{"peering not accepted", peered, func(f *path.Facts) { f.Network.Peerings[0].State = "pending-acceptance" }, path.Blocked, path.Peering, pcx, "pending-acceptance", "not active"},
	{"peering with a third VPC", peered, func(f *path.Facts) { f.Network.Peerings[0].Accepter.VPCID = "vpc-00000000000000003" }, path.Blocked, path.Peering, pcx, "vpc-00000000000000003", "not transitive"},
	{"MTU of the target", toInterface, func(f *path.Facts) { f.Backing.MTU = 1500 }, path.Passes, path.MTUHop, targetID, "1500", "longer than 1446 bytes arrive cut"},
	{"MTU of the source", toInterface, func(f *path.Facts) { f.Source.MTU = 9001 }, path.Passes, path.MTUHop, targetID, "9001", "longer than 8947 bytes arrive cut"},
	{"MTU of the source of a gateway", toGateway, func(f *path.Facts) { f.Source.MTU = 9001 }, path.Passes, path.MTUHop, vpce, "8500", "longer than 8446 bytes arrive cut"},
	{"endpoint not accepted", toGateway, func(f *path.Facts) { f.Backing.State = "pendingAcceptance" }, path.Blocked, path.TargetReceiver, vpce, "pendingAcceptance", "pendingAcceptance"},

	{"transit gateway", peered, func(f *path.Facts) { f.Network.Tables[0].Routes[2].Target = "tgw-00000000000000001" }, path.Unknown, path.Route, table, "10.9.0.0/16", "leads to transit gateway tgw-00000000000000001"},
	{"overlapping VPCs", toInterface, func(f *path.Facts) { f.Receivers[0].VPCID = "vpc-00000000000000002" }, path.Blocked, path.Route, table, "10.0.0.0/16", "overlap"},
	{"prefix list in a rule", toInterface, func(f *path.Facts) {
		f.Network.Groups[1].Rules[1].CIDR, f.Network.Groups[1].Rules[1].PrefixListID = netip.Prefix{}, "pl-00000000000000001"
	}, path.Unknown, path.GroupIngress, targetGroup, targetRule, "prefix list pl-00000000000000001, whose addresses are not known"},
	{"prefix list in a route", toInterface, func(f *path.Facts) {
		f.Network.Tables[0].Routes = append(f.Network.Tables[0].Routes, mirror.Route{PrefixListID: "pl-00000000000000001", Target: "tgw-00000000000000001"})
	}, path.Unknown, path.Route, table, "pl-00000000000000001", "a route to prefix list pl-00000000000000001, which may have 10.0.2.10"},
	{"security groups not readable", toInterface, func(f *path.Facts) {
		f.Network.Unread = map[mirror.Kind]path.Missing{mirror.KindGroup: {Reason: "EC2 refused it.", Permission: "ec2:DescribeSecurityGroups"}}
	}, path.Unknown, path.GroupIngress, "", "", "EC2 refused it"},
	{"source stopped", toInterface, func(f *path.Facts) { f.Source.InstanceState = "stopped" }, path.Blocked, path.SourceInterface, "i-00000000000000001", "stopped", "has no packets"},
	{"source of another type", toInterface, func(f *path.Facts) { f.Source.Type = "lambda" }, path.Blocked, path.SourceInterface, sourceID, "", "of type lambda"},
	{"source is the target", toInterface, func(f *path.Facts) { f.Target.InterfaceID = sourceID }, path.Blocked, path.TargetReceiver, tmt, "", "is the source and the target"},
	{"target is not shown", toInterface, func(f *path.Facts) { f.Missing = true }, path.Blocked, path.TargetReceiver, tmt, "", "There is no target"},
	{"IPv6 target, IPv4 source", toInterface, func(f *path.Facts) {
		f.Receivers[0].PrivateIPAddress, f.Receivers[0].IPv6Addresses = path.Node{}.PrivateIPAddress, append(f.Receivers[0].IPv6Addresses, addr("2001:db8::1"))
	}, path.Blocked, path.SourceInterface, sourceID, "", "has no IPv6 address"},
	{"appliance names the source's group", toBalancer, func(f *path.Facts) {
		f.Network.Groups[2].Rules = []mirror.SecurityGroupRule{{ID: applianceRule, Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, GroupID: sourceGroup}}
	}, path.Blocked, path.GroupIngress, applianceGroup, applianceRule, "although the source is a member"},
	{"appliance allows only the load balancer's subnets", toBalancer, func(f *path.Facts) { f.Network.Groups[2].Rules[0].CIDR = prefix("10.0.3.0/24") }, path.Blocked, path.GroupIngress, applianceGroup, applianceRule, "not from 10.0.1.10"},
	{"appliance behind a gateway allows VXLAN only", toGateway, func(f *path.Facts) { f.Network.Groups[2].Rules[0].ToPort = 4789 }, path.Blocked, path.GroupIngress, applianceGroup, "", "UDP port 6081"},
	{"load balancer does not send to appliances", toBalancer, func(f *path.Facts) {
		f.Backing.LoadBalancer.SecurityGroups = []string{targetGroup}
	}, path.Blocked, path.GroupEgress, targetGroup, "", "has no outbound rule for UDP port 4789"},
	{"one zone of the load balancer, and the source in a third", toBalancer, func(f *path.Facts) {
		f.Source.Zone, f.Receivers[0].SubnetID, f.Receivers[1].SubnetID = "eu-west-1c", "subnet-00000000000000005", "subnet-00000000000000006"
		closed := openACL("acl-00000000000000003", "subnet-00000000000000005")
		closed.Entries[0].Allow = false
		f.Network.ACLs = append(f.Network.ACLs, closed, openACL("acl-00000000000000004", "subnet-00000000000000006"))
	}, path.Unknown, path.ACLIngress, "acl-00000000000000003", "100", "through the node in eu-west-1a only"},
	{"zone of the source at the load balancer", toBalancer, func(f *path.Facts) {
		f.Receivers[0].SubnetID, f.Receivers[1].SubnetID = "subnet-00000000000000005", "subnet-00000000000000006"
		closed := openACL("acl-00000000000000003", "subnet-00000000000000005")
		closed.Entries[0].Allow = false
		f.Network.ACLs = append(f.Network.ACLs, closed, openACL("acl-00000000000000004", "subnet-00000000000000006"))
	}, path.Unknown, path.ACLIngress, "acl-00000000000000003", "100", "AWS does not document which node gets them"},
	{"load balancer is made", toBalancer, changed(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.State = "provisioning" }), path.Blocked, path.TargetReceiver, balancerARN, "provisioning", "provisioning"},
	{"listeners not readable", toBalancer, changed(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners = nil }), path.Unknown, path.ListenerHop, "", "", "is not known"},
	{"targets not readable", toBalancer, changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = nil }), path.Unknown, path.TargetGroupHop, groupARN, "", "is not known"},
	{"appliance stopped", toBalancer, func(f *path.Facts) { f.Appliances[0].Node.InstanceState = "stopped" }, path.Partly, path.ApplianceReceiver, "i-00000000000000003", "stopped", "which is stopped"},
	{"appliance elsewhere", toBalancer, func(f *path.Facts) { f.Appliances[1].Node = path.Node{} }, path.Unknown, path.ApplianceReceiver, groupARN, "", "no network interface of the appliance"},
	{"gateway load balancer of another account", toGateway, func(f *path.Facts) {
		f.Service, f.Backing.LoadBalancer, f.Backing.TargetGroups, f.Backing.Appliances, f.Appliances = nil, nil, nil, nil, nil
	}, path.Unknown, path.ServiceHop, "", "", "is not known"},
	{"gateway load balancer without a listener", toGateway, func(f *path.Facts) { f.Backing.LoadBalancer.Listeners = []mirror.Listener{} }, path.Blocked, path.ListenerHop, gatewayARN, "", "has no listener"},
	{"the source is the only appliance", toBalancer, func(f *path.Facts) {
		changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:1] })(f)
		f.Source.InstanceID = "i-00000000000000003"
	}, path.Blocked, path.ApplianceReceiver, "i-00000000000000003", "", "is the source of the copies"},
	{"the source is one of two appliances", toBalancer, func(f *path.Facts) { f.Source.ID = "eni-00000000000000003" }, path.Partly, path.ApplianceReceiver, "i-00000000000000003", "", "sends back to the source is lost"},
	{"IPv6 target group with instances", toBalancer, func(f *path.Facts) {
		changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.Targets, g.IPAddressType = g.Targets[:1], "ipv6"
		})(f)
		f.Appliances[0].Address, f.Appliances[0].Node.IPv6Addresses = netip.Addr{}, []netip.Addr{addr("2001:db8:0:3::3")}
	}, path.Unknown, path.GroupIngress, "", "", "From which address the appliance eni-00000000000000003 gets copies is not known"},
	{"IPv6 target group with the source", toBalancer, func(f *path.Facts) {
		changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.Targets, g.IPAddressType = g.Targets[:1], "ipv6"
		})(f)
		f.Appliances[0].Address, f.Source.InstanceID = netip.Addr{}, "i-00000000000000003"
	}, path.Unknown, path.GroupIngress, "", "", "From which address the appliance eni-00000000000000003 gets copies is not known"},
	{"target of another type", toInterface, func(f *path.Facts) { f.Receivers[0].Type = "network_load_balancer" }, path.Blocked, path.TargetReceiver, targetID, "", "is of type network_load_balancer"},
	{"target that is a source", toInterface, func(f *path.Facts) { f.Mirrored.ID = "tms-00000000000000001" }, path.Blocked, path.TargetReceiver, "tms-00000000000000001", "", "is the source of session"},
	{"source that backs a target", toInterface, func(f *path.Facts) { f.Backs.ID = "tmt-00000000000000009" }, path.Blocked, path.SourceInterface, "tmt-00000000000000009", "", "backs target"},
	{"appliance in another VPC", toBalancer, func(f *path.Facts) {
		changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.Targets, g.Targets[0].ID = g.Targets[:1], "10.0.3.10"
		})(f)
		f.Appliances[0].Others, f.Appliances[0].Node = []path.Node{f.Appliances[0].Node}, path.Node{}
	}, path.Unknown, path.ApplianceReceiver, "eni-00000000000000003", "", "which has the address 10.0.3.10, is in " + vpc},
	{"small MTU behind a gateway", toGateway, func(f *path.Facts) { f.Appliances[0].Node.MTU = 8500 }, path.Unknown, path.MTUHop, "eni-00000000000000003", "8500", "8568"},
}

func TestJudge_obstacles(t *testing.T) {
	t.Parallel()
	for _, o := range obstacles {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			f := o.world()
			o.plant(&f)
			r := path.Judge(f)
			if r.Outcome != o.outcome {
				t.Errorf("%s: %s, want %s", r.Outcome, r.Reason, o.outcome)
			}
			found := distinct(r.Hops)
			if len(found) != 1 {
				t.Fatalf("%d hops do not pass: %+v", len(found), found)
			}
			h := found[0]
			if h.What != o.what || h.By != o.by || h.Rule != o.rule || !strings.Contains(h.Reason, o.says) {
				t.Errorf("%s by %q rule %q: %s\nwant %s by %q rule %q: %s", h.What, h.By, h.Rule, h.Reason, o.what, o.by, o.rule, o.says)
			}
			if o.outcome != path.Unknown && h.Fix == "" {
				t.Error("it does not say what to change")
			}
			if words := len(strings.Fields(h.Reason)); words > 45 {
				t.Errorf("%d words: %s", words, h.Reason)
			}
		})
	}
}

// distinct returns the hops that do not pass, or say what to change, once for each object and rule. Hops
// of appliances that only say again what their target group has are left out: see TestJudge_appliances.
func distinct(hops []path.Hop) (found []path.Hop) {
	for _, h := range hops {
		if h.Outcome == path.Skipped || h.What == path.ApplianceReceiver && slices.Contains(mirror.Healths, h.Rule) {
			continue
		}
		same := slices.ContainsFunc(found, func(f path.Hop) bool { return f.What == h.What && f.By == h.By && f.Rule == h.Rule })
		if (h.Outcome != path.Passes || h.Fix != "") && !same {
			found = append(found, h)
		}
	}
	return found
}

// Unhealthy appliances whose security group does not allow the health check: the hop says so.
func TestJudge_healthCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		port     string
		protocol int
		cidr     string
		hint     string
	}{
		"no rule":            {"80", 17, "10.0.0.0/16", "allows TCP port 80 from 10.0.3.5"},
		"port of the copies": {"traffic-port", 17, "10.0.0.0/16", "allows TCP port 4789 from 10.0.3.5"},
		"allowed":            {"80", 6, "10.0.0.0/16", ""},
		"from one node only": {"80", 6, "10.0.3.0/24", "allows TCP port 80 from 10.0.4.5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := toBalancer()
			lb, group := balancer()
			group.Targets[0].Health, group.Targets[1].Health, group.HealthCheck.Port = mirror.TargetUnhealthy, mirror.TargetUnhealthy, test.port
			fleet(&f, lb, group)
			f.Network.Groups[2].Rules = append(f.Network.Groups[2].Rules, ingress("sgr-00000000000000007", test.cidr, test.protocol, 80))
			r := path.Judge(f)
			at := slices.IndexFunc(r.Hops, func(h path.Hop) bool { return h.What == path.TargetGroupHop })
			if fix := r.Hops[at].Fix; strings.Contains(fix, "Allow the health check") != (test.hint != "") || !strings.Contains(fix, test.hint) {
				t.Error(fix)
			}
		})
	}
}

// The Availability Zones of a load balancer are in order. Elastic Load Balancing shows them in that of
// its subnets.
func TestJudge_zones(t *testing.T) {
	t.Parallel()
	f := toBalancer()
	changed(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { slices.Reverse(lb.Zones) })(&f)
	if text := path.Judge(f).Text(); !strings.Contains(text, "nodes in eu-west-1a and eu-west-1b.") {
		t.Error(text)
	}
}
