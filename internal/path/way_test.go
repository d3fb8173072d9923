package path_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// What Judge says about copies through a load balancer is what a slow reading finds that sends a copy
// through each node to each appliance, with each answer to what is not known.
func TestJudge_balancerOracle(t *testing.T) {
	t.Parallel()
	seen := map[path.Outcome]int{}
	for seed := range uint64(2000) {
		f := randomFleet(rand.New(rand.NewPCG(seed, 17)))
		r, want := path.Judge(f), slowOutcome(f)
		if r.Outcome != want {
			t.Fatalf("seed %d: %s, want %s\n%s", seed, r.Outcome, want, r.Text())
		}
		isNamed := slices.ContainsFunc(r.Hops, func(h path.Hop) bool { return h.Outcome == path.Blocked }) || strings.Contains(r.Reason, "Each node")
		if isNamed != (want == path.Partly || want == path.Blocked) {
			t.Fatalf("seed %d: %s, and something is named that loses copies: %t\n%s", seed, want, isNamed, r.Text())
		}
		seen[want]++
	}
	for _, o := range []path.Outcome{path.Passes, path.Blocked, path.Partly, path.Unknown} {
		if seen[o] < 100 {
			t.Errorf("the worlds are one-sided: %v", seen)
		}
	}
}

// randomFleet is a world with up to three nodes and appliances, whose network ACLs and security groups
// differ.
func randomFleet(r *rand.Rand) path.Facts {
	f := toBalancer()
	lb, group := balancer()
	lb.CrossZone, lb.Zones, group.Targets = ptr(r.IntN(3) > 0), nil, nil
	f.Receivers, f.Network.ACLs = nil, []mirror.NetworkACL{openACL(sourceACL, sourceSubnet)}
	zones := 1 + r.IntN(3)
	for z := range zones {
		name, subnet := fmt.Sprintf("eu-west-1%c", 'a'+z), fmt.Sprintf("subnet-0000000000000001%d", z)
		lb.Zones = append(lb.Zones, mirror.LoadBalancerZone{Zone: name, SubnetID: subnet})
		f.Receivers = append(f.Receivers, node(fmt.Sprintf("eni-0000000000000001%d", z), subnet, name, fmt.Sprintf("10.0.1%d.5", z), ""))
		acl := openACL(fmt.Sprintf("acl-0000000000000001%d", z), subnet)
		acl.Entries[0].Allow, acl.Entries[1].Allow = r.IntN(4) > 0, r.IntN(5) > 0
		f.Network.ACLs = append(f.Network.ACLs, acl)
	}
	var nodes []path.Node
	for a := range 1 + r.IntN(3) {
		z := r.IntN(zones)
		id, address := fmt.Sprintf("i-0000000000000002%d", a), fmt.Sprintf("10.0.1%d.2%d", z, a)
		group.Targets = append(group.Targets, mirror.RegisteredTarget{ID: id, Address: addr(address), Zone: lb.Zones[z].Zone, Port: 4789, Health: mirror.TargetHealthy})
		rule := ingress(fmt.Sprintf("sgr-0000000000000002%d", a), []string{"10.0.0.0/16", "10.0.0.0/16", "10.9.0.0/16"}[r.IntN(3)], 17, 4789)
		if r.IntN(6) == 0 {
			rule.CIDR, rule.PrefixListID = prefix("0.0.0.0/0"), listID
		}
		own := securityGroup(fmt.Sprintf("sg-0000000000000002%d", a), rule)
		f.Network.Groups = append(f.Network.Groups, own)
		nodes = append(nodes, node(fmt.Sprintf("eni-0000000000000002%d", a), lb.Zones[z].SubnetID, lb.Zones[z].Zone, address, id, own.ID))
	}
	fleet(&f, lb, group)
	for i := range f.Appliances {
		f.Appliances[i].Node = nodes[i]
	}
	return f
}

// slowOutcome sends a copy through each node to each appliance. What is not known is a prefix list.
func slowOutcome(f path.Facts) path.Outcome {
	lost, arrives := 0, 0 // worlds in which a copy is lost, and those in which one arrives
	worlds := 0
	for list := range 1 << len(f.Appliances) {
		for _, n := range f.Receivers {
			got, all := 0, 0
			for i, a := range f.Appliances {
				if !*f.Backing.LoadBalancer.CrossZone && a.Zone != n.Zone {
					continue
				}
				all++
				if arrivesAt(f, n, a.Node, list>>i&1 == 1) {
					got++
				}
			}
			worlds++
			if got < all || all == 0 {
				lost++
			}
			if got > 0 {
				arrives++
			}
		}
	}
	switch {
	case lost == 0:
		return path.Passes
	case arrives == 0:
		return path.Blocked
	case lost == worlds:
		return path.Partly
	}
	return path.Unknown
}

// arrivesAt follows a copy through a node. isListed says whether a prefix list has the source.
func arrivesAt(f path.Facts, n, a path.Node, isListed bool) bool {
	of := func(subnet string) mirror.NetworkACL {
		return f.Network.ACLs[slices.IndexFunc(f.Network.ACLs, func(l mirror.NetworkACL) bool { return slices.Contains(l.Subnets, subnet) })]
	}
	toNode := datagram{f.Source.PrivateIPAddress.As4(), n.PrivateIPAddress.As4(), 4789}
	toAppliance := datagram{toNode.from, a.PrivateIPAddress.As4(), 4789}
	if !toNode.leaves(of(f.Source.SubnetID)) || !toNode.enters(of(n.SubnetID)) {
		return false
	}
	if n.SubnetID != a.SubnetID && (!toAppliance.leaves(of(n.SubnetID)) || !toAppliance.enters(of(a.SubnetID))) {
		return false
	}
	at := slices.IndexFunc(f.Network.Groups, func(g mirror.SecurityGroup) bool { return g.ID == a.GroupIDs[0] })
	if f.Network.Groups[at].Rules[0].PrefixListID != "" {
		return isListed
	}
	return toAppliance.isAllowed(f.Network.Groups[at:at+1], sourceGroup)
}

// A rule that names the group of the source matches in a peered VPC. Behind a transit gateway that is not known.
func TestJudge_groupAcrossVPCs(t *testing.T) {
	t.Parallel()
	f := peered()
	f.Network.Groups[1].Rules = []mirror.SecurityGroupRule{{ID: targetRule, Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, GroupID: sourceGroup}}
	for target, want := range map[string]path.Outcome{pcx: path.Passes, "tgw-00000000000000001": path.Unknown} {
		f.Network.Tables[0].Routes[2].Target = target
		r := path.Judge(f)
		at := slices.IndexFunc(r.Hops, func(h path.Hop) bool { return h.What == path.GroupIngress })
		if h := r.Hops[at]; h.Outcome != want || want == path.Unknown && !strings.Contains(h.Reason, "only if security group referencing is on") {
			t.Errorf("%s: %+v", target, h)
		}
	}
}

// Behind a load balancer with several appliances, each hop says for which one it is.
func TestJudge_namesAppliances(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]func() path.Facts{"network": toBalancer, "gateway": toGateway} {
		last := ""
		for _, h := range path.Judge(world()).Hops {
			if h.What == path.ApplianceReceiver {
				last = h.By
			} else if isOwn := last != "" && h.What != path.MTUHop; isOwn && !strings.HasPrefix(h.Reason, "To "+last+": ") {
				t.Errorf("%s, %s: %+v", name, last, h)
			}
		}
		if last == "" {
			t.Errorf("%s: no appliance", name)
		}
	}
	f := toBalancer()
	changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:1] })(&f)
	if text := path.Judge(f).Text(); strings.Contains(text, "To i-") {
		t.Error(text)
	}
}

// An appliance that gets nothing, whichever node gets the copies, is a certain loss. One of its hops is
// blocked and says so.
func TestJudge_lostThroughEachNode(t *testing.T) {
	t.Parallel()
	f := toBalancer()
	f.Network.ACLs[1].Subnets = []string{targetSubnet, zoneBSubnet}
	closed := openACL("acl-00000000000000003", zoneASubnet)
	closed.Entries[0].Allow = false
	f.Network.ACLs = append(f.Network.ACLs, closed)
	r := path.Judge(f)
	if r.Outcome != path.Partly || !strings.Contains(r.Reason, "Some copies are lost. Whether others get through is not known.") ||
		!strings.Contains(r.Reason, "gets none through other nodes of the load balancer either") {
		t.Errorf("%s", r.Text())
	}
}
