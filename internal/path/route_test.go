package path_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// Everything that a route can lead to is decided by what AWS documents, or it is unknown. The text names
// the route table, the destination and the gateway.
func TestJudge_routeTargets(t *testing.T) {
	t.Parallel()
	const id = "00000000000000001"
	for _, test := range []struct {
		name    string
		target  string
		state   string
		outcome path.Outcome
		says    string
	}{
		{"peering connection", pcx, mirror.ActiveRoute, path.Passes, "leads to " + pcx + "."},
		{"network interface of the target", targetID, mirror.ActiveRoute, path.Passes, "leads to " + targetID + " itself."},
		{"local, in the peered VPC", mirror.LocalRoute, mirror.ActiveRoute, path.Blocked, "keeps 10.9.2.10 in " + vpc},
		{"internet gateway", "igw-" + id, mirror.ActiveRoute, path.Blocked, "leads to internet gateway igw-" + id + ". An internet gateway drops packets to the private address 10.9.2.10."},
		{"transit gateway", "tgw-" + id, mirror.ActiveRoute, path.Unknown, "leads to transit gateway tgw-" + id},
		{"virtual private gateway", "vgw-" + id, mirror.ActiveRoute, path.Unknown, "leads to virtual private gateway vgw-" + id},
		{"NAT gateway", "nat-" + id, mirror.ActiveRoute, path.Unknown, "leads to NAT gateway nat-" + id},
		{"Gateway Load Balancer endpoint", "vpce-" + id, mirror.ActiveRoute, path.Unknown, "leads to endpoint vpce-" + id},
		{"instance as router", "eni-000000000000000aa", mirror.ActiveRoute, path.Unknown, "leads to network interface eni-000000000000000aa"},
		{"instance without an interface", "i-" + id, mirror.ActiveRoute, path.Unknown, "leads to instance i-" + id},
		{"carrier gateway", "cagw-" + id, mirror.ActiveRoute, path.Unknown, "leads to carrier gateway cagw-" + id},
		{"local gateway", "lgw-" + id, mirror.ActiveRoute, path.Unknown, "leads to local gateway lgw-" + id},
		{"egress-only internet gateway", "eigw-" + id, mirror.ActiveRoute, path.Unknown, "leads to egress-only internet gateway eigw-" + id},
		{"core network", "arn:aws:networkmanager::123456789012:core-network/core-network-0", mirror.ActiveRoute, path.Unknown, "leads to network arn:aws:networkmanager:"},
		{"not known to this program", "xyz-" + id, mirror.ActiveRoute, path.Unknown, "leads to xyz-" + id},
		{"not shown", "", mirror.ActiveRoute, path.Unknown, "leads to a target that EC2 does not show"},
		{"blackhole", "tgw-" + id, mirror.BlackholeRoute, path.Blocked, "is a blackhole: transit gateway tgw-" + id + " does not exist any more"},
		{"filtered", pcx, "filtered", path.Unknown, `has the state "filtered", and leads to pcx-`},
		{"state not shown", pcx, "", path.Passes, "leads to " + pcx + "."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := peered()
			route := &f.Network.Tables[0].Routes[2]
			route.Target, route.State = test.target, test.state
			h := routeHop(t, f)
			if h.Outcome != test.outcome || h.By != table || h.Rule != "10.9.0.0/16" || !strings.HasPrefix(h.Reason, "The route to 10.9.0.0/16 in "+table+" ") || !strings.Contains(h.Reason, test.says) {
				t.Errorf("%+v", h)
			}
			if r := path.Judge(f); r.Outcome != test.outcome {
				t.Error(r.Text())
			}
		})
	}
}

func routeHop(t *testing.T, f path.Facts) path.Hop {
	t.Helper()
	for _, h := range path.Judge(f).Hops {
		if h.What == path.Route {
			return h
		}
	}
	t.Fatal("there is no hop of a route")
	return path.Hop{}
}

// The route that decides has the longest prefix. Of routes with the same prefix, a static one decides,
// then one with a prefix list, then a propagated one. The local route is before propagated ones.
func TestJudge_routePriority(t *testing.T) {
	t.Parallel()
	static := func(to, target string) mirror.Route {
		return mirror.Route{Destination: prefix(to), Target: target, State: mirror.ActiveRoute, Origin: "CreateRoute"}
	}
	propagated := func(to, target string) mirror.Route {
		return mirror.Route{Destination: prefix(to), Target: target, State: mirror.ActiveRoute, Origin: mirror.PropagatedRoute}
	}
	byList := func(id, target string) mirror.Route {
		return mirror.Route{PrefixListID: id, Target: target, State: mirror.ActiveRoute, Origin: "CreateRoute"}
	}
	local := mirror.Route{Destination: prefix("10.0.0.0/16"), Target: mirror.LocalRoute, State: mirror.ActiveRoute, Origin: "CreateRouteTable"}
	lists := []path.PrefixList{
		{ID: "pl-a", Blocks: []netip.Prefix{prefix("10.9.0.0/16"), prefix("10.9.2.0/24")}},
		{ID: "pl-b", Blocks: []netip.Prefix{prefix("10.9.2.0/24")}},
		{ID: "pl-other", Blocks: []netip.Prefix{prefix("10.8.0.0/16")}},
		{ID: "pl-empty"},
		{ID: "pl-denied", Unread: &path.Missing{Reason: "EC2 refused it.", Permission: "ec2:GetManagedPrefixListEntries"}},
	}
	for _, test := range []struct {
		name    string
		routes  []mirror.Route
		outcome path.Outcome
		rule    string
	}{
		{"longest prefix", []mirror.Route{static("10.0.0.0/8", "tgw-1"), static("10.9.0.0/16", pcx), static("10.9.3.0/24", "tgw-1")}, path.Passes, "10.9.0.0/16"},
		{"static before propagated", []mirror.Route{propagated("10.9.0.0/16", "vgw-1"), static("10.9.0.0/16", pcx)}, path.Passes, "10.9.0.0/16"},
		{"propagated with a longer prefix", []mirror.Route{static("10.9.0.0/16", pcx), propagated("10.9.2.0/24", "vgw-1")}, path.Unknown, "10.9.2.0/24"},
		{"static before prefix list", []mirror.Route{byList("pl-b", "tgw-1"), static("10.9.2.0/24", pcx)}, path.Passes, "10.9.2.0/24"},
		{"prefix list before propagated", []mirror.Route{propagated("10.9.2.0/24", "vgw-1"), byList("pl-b", pcx)}, path.Passes, "pl-b (10.9.2.0/24)"},
		{"longest block of a prefix list", []mirror.Route{static("10.9.0.0/16", "tgw-1"), byList("pl-a", pcx)}, path.Passes, "pl-a (10.9.2.0/24)"},
		{"prefix list without the address", []mirror.Route{byList("pl-other", pcx), byList("pl-empty", pcx)}, path.Blocked, ""},
		{"two prefix lists", []mirror.Route{byList("pl-a", "tgw-1"), byList("pl-b", pcx)}, path.Unknown, "pl-a (10.9.2.0/24)"},
		{"two prefix lists with one target", []mirror.Route{byList("pl-a", pcx), byList("pl-b", pcx)}, path.Passes, "pl-a (10.9.2.0/24)"},
		{"two propagated routes", []mirror.Route{propagated("10.9.2.0/24", "vgw-1"), propagated("10.9.2.0/24", "vgw-2")}, path.Unknown, "10.9.2.0/24"},
		{"prefix list that is not known", []mirror.Route{static("10.9.0.0/16", pcx), byList("pl-denied", "tgw-1")}, path.Unknown, "pl-denied"},
		{"static route to the address, and a prefix list that is not known", []mirror.Route{static("10.9.2.10/32", pcx), byList("pl-denied", "tgw-1")}, path.Passes, "10.9.2.10/32"},
		{"propagated route to the address, and a prefix list that is not known", []mirror.Route{propagated("10.9.2.10/32", pcx), byList("pl-denied", "tgw-1")}, path.Unknown, "pl-denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := peered()
			f.Network.Tables[0].Routes, f.Network.Lists = append([]mirror.Route{local}, test.routes...), lists
			h := routeHop(t, f)
			if h.Outcome != test.outcome || h.Rule != test.rule || h.By != table {
				t.Errorf("%+v", h)
			}
			if strings.Contains(test.rule, "pl-denied") && h.Fix != "Allow ec2:GetManagedPrefixListEntries." {
				t.Errorf("the fix is %q", h.Fix)
			}
		})
	}
	t.Run("local before a longer propagated route", func(t *testing.T) {
		t.Parallel()
		f := toInterface()
		f.Network.Tables[0].Routes = []mirror.Route{local, propagated("10.0.2.0/24", "vgw-1")}
		if h := routeHop(t, f); h.Outcome != path.Passes || h.Rule != "10.0.0.0/16" {
			t.Errorf("%+v", h)
		}
	})
}

// A rule with a prefix list decides as its blocks do. One whose blocks are not known is unknown, unless
// another rule allows the packets, and names the permission.
func TestJudge_prefixListRules(t *testing.T) {
	t.Parallel()
	const list = "pl-00000000000000001"
	for _, test := range []struct {
		name    string
		lists   []path.PrefixList
		another string // CIDR block of a second rule
		outcome path.Outcome
		rule    string
		says    string
	}{
		{"has the source", []path.PrefixList{{ID: list, Blocks: []netip.Prefix{prefix("192.168.0.0/16"), prefix("10.0.1.0/24")}}}, "", path.Passes, targetRule, "allows UDP port 4789 from 10.0.1.10"},
		{"has others", []path.PrefixList{{ID: list, Blocks: []netip.Prefix{prefix("10.0.7.0/24")}}}, "", path.Blocked, targetRule, "only from the addresses of prefix list " + list + ", not from 10.0.1.10"},
		{"is empty", []path.PrefixList{{ID: list, Blocks: []netip.Prefix{}}}, "", path.Blocked, targetRule, "only from the addresses of prefix list " + list},
		{"has IPv6", []path.PrefixList{{ID: list, Blocks: []netip.Prefix{prefix("::/0")}}}, "", path.Blocked, targetRule, "only from the addresses of prefix list"},
		{"may not be read", []path.PrefixList{{ID: list, Unread: &path.Missing{Reason: "EC2 refused it.", Permission: "ec2:GetManagedPrefixListEntries"}}}, "", path.Unknown, targetRule, "whose addresses are not known. EC2 refused it."},
		{"may not be read, and another rule allows", []path.PrefixList{{ID: list, Unread: &path.Missing{Reason: "EC2 refused it."}}}, "10.0.1.0/24", path.Passes, "sgr-00000000000000005", "allows UDP port 4789"},
		{"is not shown", nil, "", path.Unknown, targetRule, "EC2 shows no prefix list " + list},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := toInterface()
			group := &f.Network.Groups[1]
			group.Rules[1].CIDR, group.Rules[1].PrefixListID = netip.Prefix{}, list
			if test.another != "" {
				group.Rules = append(group.Rules, ingress("sgr-00000000000000005", test.another, 17, 4789))
			}
			f.Network.Lists = test.lists
			r := path.Judge(f)
			for _, h := range r.Hops {
				if h.What != path.GroupIngress {
					continue
				}
				if h.Outcome != test.outcome || h.Rule != test.rule || !strings.Contains(h.Reason, test.says) || r.Outcome != test.outcome {
					t.Errorf("%+v", h)
				}
				if strings.Contains(test.says, "refused") && h.Fix != "Allow ec2:GetManagedPrefixListEntries." {
					t.Errorf("the fix is %q", h.Fix)
				}
			}
		})
	}
}
