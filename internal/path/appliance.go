package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// judgeAppliances judges each registered appliance: the way to those to which the load balancer sends,
// and why it does not send to the others.
func judgeAppliances(j *judge, nodes []Node, way func(j *judge, a Appliance, reaching []Node)) {
	isShared := len(j.serving()) > 1
	for _, a := range j.Appliances {
		if !receives(j, a) {
			j.add(idleHop(j, a))
			continue
		}
		a.Address = addressOf(j, a)
		reaching, limit, isReached := reach(j, a, nodes)
		if !isReached {
			j.add(otherZoneHop(j, a))
			continue
		}
		from := len(j.hops)
		j.fork(limit, func() { way(j, a, reaching) })
		for i := from; i < len(j.hops) && isShared; i++ {
			if j.hops[i].What != ApplianceReceiver {
				j.hops[i].Reason = fmt.Sprintf("To %s: %s", a.ID, j.hops[i].Reason)
			}
		}
	}
}

// serving returns the appliances to which the load balancer sends.
func (j *judge) serving() (serving []Appliance) {
	for _, a := range j.Appliances {
		if !receives(j, a) {
			continue
		}
		a.Address = addressOf(j, a)
		serving = append(serving, a)
	}
	return serving
}

// addressOf returns the address to which the load balancer sends for an appliance: the registered one,
// or that of its interface in the IP version of the target group.
func addressOf(j *judge, a Appliance) netip.Addr {
	switch {
	case a.Address.IsValid():
		return a.Address
	case groupOf(j, a).IPAddressType != "ipv6":
		return a.Node.address()
	case len(a.Node.IPv6Addresses) > 0:
		return a.Node.IPv6Addresses[0]
	}
	return netip.Addr{}
}

// groupOf returns the target group of an appliance, as far as it is known.
func groupOf(j *judge, a Appliance) mirror.TargetGroup {
	for _, g := range j.Backing.TargetGroups {
		if g.ARN == a.GroupARN {
			return g
		}
	}
	return mirror.TargetGroup{}
}

// receives reports whether the load balancer sends to an appliance, whatever its zone is.
func receives(j *judge, a Appliance) bool {
	if !knownTargets(j.Backing) {
		return true
	}
	return slices.ContainsFunc(j.Backing.TargetGroups, func(g mirror.TargetGroup) bool {
		all, _ := g.Receiving()
		near, _ := mirror.ReceivingTargets(&j.Backing, g) // more of them, if a zone fails open
		return g.ARN == a.GroupARN && slices.ContainsFunc(slices.Concat(all, near), func(t mirror.RegisteredTarget) bool { return t.ID == a.ID && t.Port == a.Port })
	})
}

// behind judges the way from the nodes of the load balancer to an appliance. The load balancer
// keeps the address of the source: it always does for UDP, unless the IP versions differ
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html).
func behind(j *judge, a Appliance, nodes []Node) {
	name, source := cmp.Or(a.Node.ID, a.ID), j.Source.address()
	own := a.RegisteredTarget
	own.InterfaceID = cmp.Or(own.InterfaceID, a.Node.ID)
	if j.Backing.LoopsBack(j.Source.Interface, groupOf(j, a), own) {
		j.add(hop(ApplianceReceiver, Blocked, name, a.ID, "%s is the source of the copies. A Network Load Balancer keeps the address of the source, and what it sends back to the source is lost.", a.ID).
			fix("Mirror another interface, or deregister %s from %s.", a.ID, cmp.Or(a.GroupARN, "the load balancer")))
		return
	}
	if !isShown(j, a) {
		return
	}
	if !source.IsValid() || !a.Address.IsValid() || source.Is4() != a.Address.Is4() {
		j.add(hop(GroupIngress, Unknown, name, "", "From which address the appliance %s gets copies is not known.", name))
		return
	}
	f := flow{source: source, destination: a.Address, port: a.Port}
	j.addLegs(exits(j, f, a, nodes))
	if len(balancerGroups(j, nodes)) > 0 {
		j.add(j.Network.groupHop(f, Node{Interface: mirror.Interface{ID: j.Target.LoadBalancerARN}, GroupIDs: balancerGroups(j, nodes)}, mirror.Egress, membership{groups: a.Node.GroupIDs, isUnknown: len(a.Node.GroupIDs) == 0}))
	}
	// Rules that name a group of the source do not match what comes through a load balancer
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html#target-security-groups),
	// and those that name a group of the load balancer do
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html).
	j.add(j.Network.groupHop(f, a.Node, mirror.Ingress, membership{groups: balancerGroups(j, nodes), hidden: j.Source.GroupIDs}))
}

// balancerGroups returns the security groups of a Network Load Balancer.
func balancerGroups(j *judge, nodes []Node) []string {
	if lb := j.Backing.LoadBalancer; lb != nil && len(lb.SecurityGroups) > 0 {
		return lb.SecurityGroups
	}
	if len(nodes) > 0 {
		return nodes[0].GroupIDs
	}
	return nil
}

// exits judges the network ACLs between each node and an appliance.
func exits(j *judge, f flow, a Appliance, nodes []Node) (legs []leg) {
	for _, n := range nodes {
		l := leg{node: n}
		if n.SubnetID == "" || n.SubnetID != a.Node.SubnetID {
			l.hops = []Hop{j.Network.aclHop(f, ACLEgress, n.SubnetID, n.VPCID), j.Network.aclHop(f, ACLIngress, a.Node.SubnetID, a.Node.VPCID)}
		}
		legs = append(legs, l)
	}
	return legs
}

// reach returns the nodes of the load balancer that can send to an appliance: with cross-zone load
// balancing off, those in its zone. limit is nil if those are all. isReached is false if there is
// none.
func reach(j *judge, a Appliance, nodes []Node) (reaching, limit []Node, isReached bool) {
	if a.Zone == "" || a.Zone == "all" || len(nodes) == 0 || !isCrossZoneOff(j, a.GroupARN) {
		return nodes, nil, true
	}
	for _, n := range nodes {
		if n.Zone == "" {
			return nodes, nil, true
		}
		if n.Zone == a.Zone {
			reaching = append(reaching, n)
		}
	}
	if len(reaching) == len(nodes) {
		return nodes, nil, true
	}
	return reaching, reaching, len(reaching) > 0
}

// isCrossZoneOff reports whether cross-zone load balancing is known to be off for a target group,
// which can differ from its load balancer.
func isCrossZoneOff(j *judge, groupARN string) bool {
	at := slices.IndexFunc(j.Backing.TargetGroups, func(g mirror.TargetGroup) bool { return g.ARN == groupARN })
	if at < 0 || j.Backing.LoadBalancer == nil {
		return false
	}
	crosses, isKnown := j.Backing.LoadBalancer.CrossesZones(j.Backing.TargetGroups[at])
	return isKnown && !crosses
}

// isShown judges the appliance itself: its interface, its instance, and its health. It reports
// whether the way to it can be judged.
func isShown(j *judge, a Appliance) bool {
	if a.Node.Unread != "" {
		j.add(a.Node.unread(ApplianceReceiver, a.ID))
		return false
	}
	if a.Node.ID == "" && len(a.Others) > 0 {
		o := a.Others[0]
		j.add(hop(ApplianceReceiver, Unknown, a.ID, o.ID, "%s, which has the address %s, is in %s, not in the VPC of %s. Whether the load balancer reaches it there is not known.", o.ID, a.ID, o.VPCID, a.GroupARN).
			fix("Check the routes between the two VPCs, and whether the security groups of %s allow UDP port %d from the source.", o.ID, a.Port))
		return false
	}
	if a.Node.ID == "" {
		j.add(hop(ApplianceReceiver, Unknown, a.ID, a.GroupARN, "EC2 shows no network interface of the appliance %s, so its subnet and its security groups are not known.", a.ID).fix("%s", goneFix(a)))
		return false
	}
	h := runningHop(ApplianceReceiver, a.Node)
	if a.GroupARN != "" {
		h.Reason += fmt.Sprintf(" The registered target %s is %s.", a.ID, healthText(a))
	}
	if h.Outcome == Passes && a.GroupARN != "" && a.Health != mirror.TargetHealthy {
		h.Outcome, h.By, h.Rule = Unknown, a.ID, a.Health
		h.Reason += " So it is not known whether it takes the copies that the load balancer sends to it."
		h.Fix = healthFix(j, a)
	}
	j.add(h)
	return true
}

func addressText(addresses []netip.Addr) string {
	var texts []string
	for _, a := range addresses {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ", ")
}
