package path

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// routeHops judges the route of the source's subnet to a node, and the peering connection that it
// leads to. The source's route table decides, not that of the target
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-connection.html). Nothing
// has to come back, so the routes of the target do not matter.
func routeHops(j *judge, f flow, to Node) []Hop {
	s := j.Source
	if s.SubnetID != "" && s.SubnetID == to.SubnetID {
		return []Hop{hop(Route, Passes, s.SubnetID, "", "%s and %s are in one subnet, so no route and no network ACL applies.", s.ID, to.ID)}
	}
	if m, isUnread := j.Network.Unread[mirror.KindRouteTable]; isUnread {
		return []Hop{m.unread(Route, s.SubnetID)}
	}
	t, isKnown := j.Network.table(s.SubnetID, s.VPCID)
	if !isKnown {
		return []Hop{hop(Route, Unknown, s.SubnetID, "", "EC2 shows no route table of %s.", s.SubnetID)}
	}
	c := f.routeOf(j.Network, t)
	switch {
	case c.why != nil:
		h := hop(Route, Unknown, s.SubnetID, t.ID, "%s, the route table of %s, has a route to prefix list %s, which may have %s. %s", t.ID, s.SubnetID, c.unread[0].PrefixListID, f.destination, c.why.Reason).rule(c.unread[0].PrefixListID)
		h.Fix = c.why.fix()
		return []Hop{h}
	case c.best == nil:
		return []Hop{hop(Route, Blocked, s.SubnetID, t.ID, "%s, the route table of %s, has no route to %s.", t.ID, s.SubnetID, f.destination).
			fix("Add a route to %s to %s, for example to a VPC peering connection or a transit gateway.", f.destination, t.ID)}
	case c.rival != nil:
		return []Hop{hop(Route, Unknown, s.SubnetID, t.ID, "Two routes to %s in %s have the same priority: one leads to %s, and one to %s. EC2 does not show which of them decides.",
			c.best.name(), t.ID, named(c.best.Target), named(c.rival.Target)).rule(c.best.name())}
	}
	return follow(j, f, t, *c.best, to)
}

// follow judges where a route leads. What it says of gateways is documented
// (https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html). What is behind a gateway,
// EC2 does not show here.
func follow(j *judge, f flow, t mirror.RouteTable, r match, to Node) []Hop {
	at, rule := j.Source.SubnetID, r.name()
	answer := func(outcome Outcome, reason string, values ...any) Hop {
		return hop(Route, outcome, at, t.ID, "The route to %s in %s "+reason, append([]any{rule, t.ID}, values...)...).rule(rule)
	}
	isVPCKnown := j.Source.VPCID != "" && to.VPCID != ""
	switch {
	case r.State == mirror.BlackholeRoute:
		if p, isKnown := j.Network.peering(r.Target); isKnown && p.State != "active" && p.State != "" {
			return []Hop{answer(Blocked, "is a blackhole: %s is %s, not active.", r.Target, p.State).fix("%s", peeringFix(p))}
		}
		return []Hop{answer(Blocked, "is a blackhole: %s does not exist any more, or cannot take packets.", named(r.Target)).
			fix("Replace the target of the route to %s in %s, or delete the route.", rule, t.ID)}
	case r.State != mirror.ActiveRoute && r.State != "":
		return []Hop{answer(Unknown, "has the state %q, and leads to %s. Whether it is used is not known.", r.State, named(r.Target))}
	case r.Target == mirror.LocalRoute && !isVPCKnown:
		return []Hop{answer(Unknown, "is local, and it is not known whether %s and %s are in one VPC.", j.Source.ID, to.ID)}
	case r.Target == mirror.LocalRoute && j.Source.VPCID != to.VPCID:
		return []Hop{answer(Blocked, "keeps %s in %s, and %s is in %s: their address ranges overlap.", f.destination, j.Source.VPCID, to.ID, to.VPCID).
			fix("Use VPCs whose CIDR blocks do not overlap, or a Gateway Load Balancer endpoint in %s.", j.Source.VPCID)}
	case r.Target == mirror.LocalRoute:
		return []Hop{answer(Passes, "is local.")}
	case r.Target == to.ID && to.ID != "":
		return []Hop{answer(Passes, "leads to %s itself.", to.ID)}
	case strings.HasPrefix(r.Target, mirror.KindPeering.Prefix):
		return []Hop{answer(Passes, "leads to %s.", r.Target), peeringHop(j, r.Target, to)}
	case strings.HasPrefix(r.Target, mirror.KindInternetGateway.Prefix) && f.destination.IsPrivate() && f.destination.Is4():
		return []Hop{answer(Blocked, "leads to %s. An internet gateway drops packets to the private address %s.", named(r.Target), f.destination).
			fix("Add a route to %s to %s that leads to a VPC peering connection or a transit gateway.", f.destination, t.ID)}
	}
	return []Hop{answer(Unknown, "leads to %s, and EC2 does not show how %s goes on from there.", named(r.Target), f.destination)}
}

// gateways are what a route can lead to, by the prefix of the ID or the service of the ARN.
var gateways = []struct{ prefix, noun string }{
	{mirror.KindTransitGateway.Prefix, "transit gateway"}, {"nat-", "NAT gateway"}, {"vgw-", "virtual private gateway"}, {"vpce-", "endpoint"},
	{"eni-", "network interface"}, {"i-", "instance"}, {"lgw-", "local gateway"}, {"eigw-", "egress-only internet gateway"}, {"cagw-", "carrier gateway"},
	{mirror.KindInternetGateway.Prefix, "internet gateway"}, {"arn:", "network"},
}

// named returns the ID of what a route leads to, with what it is.
func named(target string) string {
	if target == "" {
		return "a target that EC2 does not show"
	}
	for _, g := range gateways {
		if strings.HasPrefix(target, g.prefix) {
			return g.noun + " " + target
		}
	}
	return target
}

// peeringHop judges a peering connection. It is not transitive: it must join the VPCs of the
// source and the target.
func peeringHop(j *judge, id string, to Node) Hop {
	at := j.Source.VPCID
	if m, isUnread := j.Network.Unread[mirror.KindPeering]; isUnread {
		h := m.unread(Peering, at)
		h.By = id
		return h
	}
	p, isKnown := j.Network.peering(id)
	if !isKnown {
		return hop(Peering, Unknown, at, id, "EC2 does not show %s.", id)
	}
	other := p.Accepter
	if other.VPCID == j.Source.VPCID {
		other = p.Requester
	}
	switch {
	case p.State == "":
		return hop(Peering, Unknown, at, id, "EC2 does not show the state of %s.", id)
	case p.State != "active":
		return hop(Peering, Blocked, at, id, "%s is %s, not active.", id, p.State).rule(p.State).fix("%s", peeringFix(p))
	case to.VPCID == "":
		return hop(Peering, Unknown, at, id, "%s leads to %s. Whether %s is there is not known.", id, other.VPCID, to.ID)
	case other.VPCID != to.VPCID:
		return hop(Peering, Blocked, at, id, "%s leads to %s, and %s is in %s. Peering connections are not transitive.", id, other.VPCID, to.ID, to.VPCID).rule(other.VPCID).
			fix("Peer %s with %s, and add a route.", at, to.VPCID)
	}
	return hop(Peering, Passes, at, id, "%s is active and leads to %s.", id, other.VPCID).rule(p.State)
}

func peeringFix(p mirror.PeeringConnection) string {
	if p.State == "pending-acceptance" {
		return fmt.Sprintf("The owner of %s has to accept %s.", p.Accepter.VPCID, p.ID)
	}
	return "Create a new VPC peering connection, accept it, and change the route."
}
