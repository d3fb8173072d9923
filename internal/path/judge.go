package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Judge goes from the source to the target, and returns what decides at each hop.
func Judge(f Facts) Result {
	j := judge{Facts: f}
	j.source()
	if j.target() {
		j.legs()
		j.backing()
		switch f.Backing.Type {
		case mirror.NetworkLoadBalancer:
			j.balancer(f.Receivers)
		case mirror.GatewayLoadBalancerEndpoint:
			j.gateway()
		}
		j.longest()
	}
	all := j.possible()
	r := Result{From: f.Source.ID, To: f.To, Answer: Answer{Outcome: all.outcome(), Hops: j.hops}}
	r.Reason = r.why(all)
	return r
}

// A judge collects hops.
type judge struct {
	Facts
	hops     []Hop
	nodes    []nodeWay // one of them gets a copy
	branches []branch  // each of them gets some copies
	branch   branch    // to which hops are added
	apart    []span    // of the hops that are of nodes or branches
}

func (j *judge) add(hops ...Hop) { j.hops = append(j.hops, hops...) }

// hop returns a hop with a reason.
func hop(what Stage, outcome Outcome, at, by string, reason string, values ...any) Hop {
	return Hop{What: what, Outcome: outcome, At: at, By: by, Reason: fmt.Sprintf(reason, values...)}
}

// rule returns the hop with the rule that decides.
func (h Hop) rule(text string) Hop {
	h.Rule = text
	return h
}

// fix returns the hop with what to change.
func (h Hop) fix(text string, values ...any) Hop {
	h.Fix = fmt.Sprintf(text, values...)
	return h
}

// unread returns the hop of what is not known.
func (m Missing) unread(what Stage, at string) Hop {
	return Hop{What: what, Outcome: Unknown, At: at, Reason: m.Reason, Fix: m.fix()}
}

// fix names the permission that is missing.
func (m Missing) fix() string {
	if m.Permission == "" {
		return ""
	}
	return fmt.Sprintf("Allow %s.", m.Permission)
}

func (n Node) unread(what Stage, at string) Hop {
	return Missing{n.Unread, n.Permission}.unread(what, at)
}

// source judges the source interface. Its security groups do not apply to what it copies
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-targets.html).
func (j *judge) source() {
	s := j.Source
	if s.Unread != "" {
		j.add(s.unread(SourceInterface, s.ID))
		return
	}
	_, why := mirror.Source{Interface: s.Interface, IPv6Only: s.IsIPv6Only, InstanceType: s.InstanceType}.Obstacle()
	switch {
	case s.Gone:
		j.add(hop(SourceInterface, Blocked, s.ID, s.ID, "There is no network interface %s%s.", s.ID, place(j)).fix("Write the ID of a network interface of this account and Region."))
	case why != "":
		j.add(hop(SourceInterface, Blocked, s.ID, s.ID, "%s %s", s.ID, why).fix("Mirror another network interface."))
	case j.Backs.ID != "":
		j.add(hop(SourceInterface, Blocked, s.ID, j.Backs.ID, "%s backs target %s. A network interface cannot be a source and back a target.", s.ID, j.Backs.ID).fix("Mirror another network interface."))
	case s.InstanceID == "" && !s.RequesterManaged:
		j.add(hop(SourceInterface, Blocked, s.ID, s.ID, "%s is attached to no instance, so it has no packets.", s.ID).fix("Attach %s to an instance.", s.ID))
	case mirror.IsStopped(s.InstanceState):
		j.add(hop(SourceInterface, Blocked, s.ID, s.InstanceID, "Instance %s of %s is %s, so it has no packets.", s.InstanceID, s.ID, s.InstanceState).rule(s.InstanceState).fix("Start %s.", s.InstanceID))
	case s.InstanceID != "" && (s.InstanceState == "" || s.InstanceType == ""):
		j.add(s.unreadInstance(SourceInterface))
	case j.Backs.Unread != nil && len(j.Sessions) == 0:
		j.add(j.Backs.Unread.unread(SourceInterface, s.ID))
	default:
		j.add(hop(SourceInterface, Passes, s.ID, s.ID, "%s sends copies from %s. The outbound rules of its security groups do not apply to copies.", s.ID, senderOf(j)))
	}
}

// place names the Region, if it is known.
func place(j *judge) string {
	if j.Region == "" {
		return ""
	}
	return " in Region " + j.Region
}

// unreadInstance returns the hop of a node whose instance is not known.
func (n Node) unreadInstance(what Stage) Hop {
	h := hop(what, Unknown, n.ID, n.InstanceID, "EC2 does not show the state and the type of %s, the instance of %s.", n.InstanceID, n.ID)
	if n.Permission != "" {
		h.Fix = fmt.Sprintf("Allow %s.", n.Permission)
	}
	return h
}

// senderOf names the address from which copies are sent.
func senderOf(j *judge) string {
	if a := j.Source.address(); a.IsValid() {
		return a.String()
	}
	return "an unknown address"
}

// target judges whether there is a target. If there is none, or nothing is known about it, the
// path ends here.
func (j *judge) target() (exists bool) {
	h := Hop{What: TargetReceiver, At: j.To, By: j.To, Outcome: Blocked}
	backing := j.Target.Backing()
	switch {
	case j.Missing:
		h.Reason = fmt.Sprintf("There is no target %s. It was deleted, or its owner does not share it any more.", j.To)
		h.Fix = "Create the target again, and set it in the sessions."
	case elsewhere(j) != "":
		h.Reason = fmt.Sprintf("%s is in Region %s, and the source is in Region %s. A target and its source are in one Region.", backing, elsewhere(j), j.Region)
		h.Fix = fmt.Sprintf("Write the ARN of a Network Load Balancer in Region %s.", j.Region)
	case j.Unread != nil:
		h = j.Unread.unread(TargetReceiver, j.To)
	case j.Source.ID != "" && j.Source.ID == j.Target.InterfaceID:
		h.Reason = fmt.Sprintf("%s is the source and the target. EC2 refuses such a session.", backing)
		h.Fix = "Choose a target on another network interface."
	case j.Backing.Gone && j.To == backing:
		h.Reason, h.Fix = absent(j, backing)
	case j.Backing.Gone:
		h.By = backing
		h.Reason = fmt.Sprintf("%s, which backs target %s, does not exist any more.", backing, j.To)
		h.Fix = "Create what backs the target again, or point the sessions at another target."
	default:
		return true
	}
	j.add(h)
	return false
}

// elsewhere returns the Region of a load balancer that is not in the Region of the source, or "".
func elsewhere(j *judge) string {
	parts := strings.Split(j.Target.LoadBalancerARN, ":")
	if len(parts) < 6 || j.Region == "" || parts[3] == j.Region {
		return ""
	}
	return parts[3]
}

// absent says that what a user has named as the target does not exist, and what to do. The ID of an
// interface or an endpoint does not say which account owns it.
func absent(j *judge, id string) (reason, fix string) {
	if j.Target.LoadBalancerARN != "" {
		return fmt.Sprintf("%s does not exist%s.", id, place(j)), "Create it, or write the ARN of another Network Load Balancer."
	}
	return fmt.Sprintf("%s does not exist%s, or another account owns it.", id, place(j)),
		"Write the ID of what exists in this account and Region, or the ID of a target, tmt-..., that the other account shares."
}

// legs judges the way to each of the nodes that can receive the copies.
func (j *judge) legs() {
	if j.Receivers == nil {
		j.add(hop(Route, Unknown, j.Source.SubnetID, "", "EC2 does not show the network interface of %s, so the way to it is not known.", j.Target.Backing()))
		return
	}
	var legs []leg
	for _, r := range j.Receivers {
		legs = append(legs, leg{r, legTo(j, r)})
	}
	from := len(j.hops)
	j.add(merge(legs, nil)...)
	if j.Backing.Type != mirror.NetworkLoadBalancer {
		return
	}
	j.apart = append(j.apart, span{from, len(j.hops)})
	j.nodes = waysOf(legs)
}

// legTo judges the way from the source to a node: its route, both network ACLs, and the security
// groups of the node.
func legTo(j *judge, to Node) []Hop {
	if to.Unread != "" || to.Gone {
		return []Hop{to.unread(TargetReceiver, to.ID)}
	}
	source, problem := j.sends(to)
	if problem != nil {
		return []Hop{*problem}
	}
	f := flow{source: source, destination: to.address(), port: packet.VXLANPort}
	hops := routeHops(j, f, to)
	if f.destination.Is6() { // only an interface in an IPv6-only subnet has no IPv4 address
		hops = append(hops, hop(TargetReceiver, Unknown, to.ID, to.SubnetID, "%s has no IPv4 address, and AWS documents that Traffic Mirroring does not support IPv6-only subnets (%s).", to.ID, to.SubnetID).
			fix("Choose a target in a subnet with IPv4."))
	}
	if to.SubnetID != j.Source.SubnetID {
		hops = append(hops, j.Network.aclHop(f, ACLEgress, j.Source.SubnetID, j.Source.VPCID), j.Network.aclHop(f, ACLIngress, to.SubnetID, to.VPCID))
	}
	if j.Backing.Type == mirror.NetworkLoadBalancer {
		to.GroupIDs = balancerGroups(j, []Node{to})
	}
	if hasGroups(j.Backing, to) {
		hops = append(hops, j.Network.groupHop(f, to, mirror.Ingress, sourceMembership(j, to, hops)))
	}
	return hops
}

// hasGroups reports whether security groups decide about packets to a node. A Gateway Load
// Balancer endpoint has none, and a Network Load Balancer can have none.
func hasGroups(backing mirror.Endpoint, to Node) bool {
	switch backing.Type {
	case mirror.GatewayLoadBalancerEndpoint:
		return false
	case mirror.NetworkLoadBalancer:
		return len(to.GroupIDs) > 0
	}
	return true
}

// sourceMembership says which groups of the source the rules of a node see. Across a transit gateway they see
// them only if security group referencing is on (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html).
func sourceMembership(j *judge, to Node, way []Hop) membership {
	isPeered := slices.ContainsFunc(way, func(h Hop) bool { return h.What == Peering })
	return membership{groups: j.Source.GroupIDs, isUnknown: len(j.Source.GroupIDs) == 0, isFar: j.Source.VPCID != to.VPCID && !isPeered}
}

// sends returns the address from which copies to a node come: the primary IPv4 address
// (assumption A0201), or to an IPv6 address, the first IPv6 address (assumption A0198).
func (j *judge) sends(to Node) (netip.Addr, *Hop) {
	destination := to.address()
	unknown := func(reason string, values ...any) (netip.Addr, *Hop) {
		h := hop(Route, Unknown, j.Source.SubnetID, "", reason, values...)
		return netip.Addr{}, &h
	}
	switch {
	case j.Source.Unread != "" || j.Source.Gone:
		return unknown("The source is not known, so the way from it is not known.")
	case !destination.IsValid():
		return unknown("EC2 shows no address of %s.", to.ID)
	case destination.Is4() && j.Source.PrivateIPAddress.IsValid():
		return j.Source.PrivateIPAddress, nil
	case destination.Is6() && len(j.Source.IPv6Addresses) > 0:
		return j.Source.IPv6Addresses[0], nil
	}
	family := map[bool]string{true: "IPv4", false: "IPv6"}[destination.Is4()]
	h := hop(SourceInterface, Blocked, j.Source.ID, j.Source.ID, "%s has no %s address, and %s has only %s.", j.Source.ID, family, to.ID, destination).
		fix("Give %s an %s address.", j.Source.ID, family)
	return netip.Addr{}, &h
}
