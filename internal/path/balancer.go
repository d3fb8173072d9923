package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// stages are the hops of what keeps copies from arriving behind the network.
var stages = map[mirror.DeliveryKind]Stage{
	mirror.DeliveryTargetGone: TargetReceiver, mirror.DeliveryNoReceiver: TargetReceiver, mirror.DeliveryNoListener: ListenerHop,
	mirror.DeliveryNoAppliance: TargetGroupHop, mirror.DeliveryNoHealthyAppliance: TargetGroupHop, mirror.DeliveryZone: ZoneHop,
}

// problem returns the hop of what is known to keep copies from arriving at a stage, or may keep
// them.
func (j *judge) problem(what Stage) (Hop, bool) {
	backing := j.Target.Backing()
	for _, p := range j.Backing.DeliveryProblems(j.Source.Zone) {
		if stages[p.Kind] != what {
			continue
		}
		outcome := Unknown
		if p.Loses {
			outcome = Blocked
		}
		h := hop(what, outcome, backing, orUnknown(p.Object, backing), "%s", p.Text(backing))
		h.Fix = p.Fix
		return h, true
	}
	return Hop{}, false
}

// backing judges what backs the target: whether it takes packets now.
func (j *judge) backing() {
	backing := j.Target.Backing()
	h, isKnown := j.problem(TargetReceiver)
	if isKnown {
		switch {
		case j.Backing.State != "" && !mirror.IsAvailable(j.Backing.State):
			h.Rule = j.Backing.State
		case j.Backing.LoadBalancer != nil && h.By == j.Backing.LoadBalancer.ARN:
			h.Rule = j.Backing.LoadBalancer.State
		case j.Backing.Type == mirror.NetworkInterface && len(j.Receivers) == 1 && mirror.IsStopped(j.Receivers[0].InstanceState):
			h.By, h.Rule = j.Receivers[0].InstanceID, j.Receivers[0].InstanceState
		}
		j.add(h)
		return
	}
	switch j.Backing.Type {
	case mirror.NetworkInterface:
		j.add(receiverHop(j))
	case mirror.NetworkLoadBalancer:
		if j.Balancing != nil {
			j.add(j.Balancing.unread(TargetReceiver, backing))
			return
		}
		if j.Backing.LoadBalancer == nil || j.Backing.LoadBalancer.State == "" {
			j.add(hop(TargetReceiver, Unknown, backing, backing, "The state of %s is not known.", backing))
			return
		}
		j.add(hop(TargetReceiver, Passes, backing, backing, "%s is %s.", backing, j.Backing.LoadBalancer.State).rule(j.Backing.LoadBalancer.State))
	default:
		if j.Backing.State == "" {
			j.add(hop(TargetReceiver, Unknown, backing, backing, "EC2 does not show the state of %s.", backing))
			return
		}
		j.add(hop(TargetReceiver, Passes, backing, backing, "%s is %s.", backing, j.Backing.State).rule(j.Backing.State))
	}
}

// receiverHop judges the network interface that backs the target.
func receiverHop(j *judge) Hop {
	backing := j.Target.Backing()
	if len(j.Receivers) != 1 || j.Receivers[0].Unread != "" {
		return hop(TargetReceiver, Unknown, backing, backing, "EC2 does not show %s.", backing)
	}
	return runningHop(j, TargetReceiver, j.Receivers[0])
}

// runningHop judges whether the instance of a node runs.
func runningHop(j *judge, what Stage, n Node) Hop {
	obstacle := mirror.Receiver{Interface: n.Interface, InstanceState: n.InstanceState}.Obstacle()
	switch {
	case obstacle != "" && n.InstanceID == "":
		return hop(what, Blocked, n.ID, n.ID, "%s %s.", n.ID, obstacle).fix("Attach %s to an instance.", n.ID)
	case obstacle != "":
		return hop(what, Blocked, n.ID, n.InstanceID, "%s %s.", n.ID, obstacle).rule(n.InstanceState).fix("Start %s.", n.InstanceID)
	case n.InstanceID != "" && n.InstanceState == "":
		return hop(what, Unknown, n.ID, n.InstanceID, "EC2 does not show the state of %s, the instance of %s.", n.InstanceID, n.ID).fix("Allow ec2:DescribeInstances.")
	case n.InstanceID == "":
		return hop(what, Passes, n.ID, n.ID, "%s is managed by %s.", n.ID, orUnknown(n.RequesterID, "another service"))
	}
	return hop(what, Passes, n.ID, n.InstanceID, "%s is attached to %s, which is %s.", n.ID, n.InstanceID, n.InstanceState).rule(n.InstanceState)
}

// balancer judges the way through a Network Load Balancer.
func (j *judge) balancer(receivers []Node) {
	arn := j.Target.LoadBalancerARN
	if h, isProblem := j.problem(ListenerHop); isProblem {
		h.By, h.Rule = otherListener(j, h.By)
		j.add(h)
		return
	}
	if j.Balancing != nil { // said before
		return
	}
	l := copyListener(j)
	switch {
	case j.Backing.UDPListeners == nil:
		j.add(hop(ListenerHop, Unknown, arn, "", "Whether the load balancer listens on %s is not known.", vxlan).fix("Allow elasticloadbalancing:DescribeListeners."))
		return
	case l == nil:
		j.add(hop(ListenerHop, Passes, arn, arn, "The load balancer listens on %s.", vxlan))
	default:
		j.add(hop(ListenerHop, Passes, arn, l.ARN, "The load balancer listens on %s %d.", l.Protocol, l.Port).rule(listenerRule(*l)))
	}
	if !judgeGroups(j, arn) {
		return
	}
	for _, a := range j.serving() {
		behind(j, a, receivers)
	}
}

func listenerRule(l mirror.Listener) string { return fmt.Sprintf("%s %d", l.Protocol, l.Port) }

// copyListener returns the listener for copies, if the load balancer shows it.
func copyListener(j *judge) *mirror.Listener {
	if j.Backing.LoadBalancer == nil {
		return nil
	}
	for _, l := range j.Backing.LoadBalancer.Listeners {
		if l.Receives(packet.VXLANPort) || j.Backing.Type == mirror.GatewayLoadBalancerEndpoint {
			return &l
		}
	}
	return nil
}

// otherListener returns the listener that is closest to one for copies: with their port and
// another protocol, or the reverse.
func otherListener(j *judge, by string) (id, rule string) {
	if j.Backing.LoadBalancer == nil {
		return by, ""
	}
	for _, isClose := range []func(mirror.Listener) bool{
		func(l mirror.Listener) bool { return l.Port == packet.VXLANPort },
		func(l mirror.Listener) bool { return l.Receives(l.Port) },
	} {
		if i := slices.IndexFunc(j.Backing.LoadBalancer.Listeners, isClose); i >= 0 {
			l := j.Backing.LoadBalancer.Listeners[i]
			return orUnknown(l.ARN, by), listenerRule(l)
		}
	}
	return by, ""
}

// judgeGroups judges the target groups of the listener, their targets, and the zones. It reports
// whether the way goes on.
func judgeGroups(j *judge, at string) (goesOn bool) {
	h, isProblem := j.problem(TargetGroupHop)
	isKnown := knownTargets(j.Backing)
	switch {
	case isProblem:
		if h.Outcome != Blocked {
			h.Fix = orUnknown(healthHint(j), h.Fix)
			goesOn = true
		}
		j.add(h)
	case !isKnown && j.Backing.Appliances == nil:
		j.add(hop(TargetGroupHop, Unknown, at, "", "Which appliances are registered, and whether they are healthy, is not known.").
			fix("Allow elasticloadbalancing:DescribeTargetGroups and elasticloadbalancing:DescribeTargetHealth."))
	case !isKnown: // a topology says them
		j.add(hop(TargetGroupHop, Passes, at, "", "Copies go to %s.", addressText(j.Backing.Appliances)))
		goesOn = true
	default:
		j.add(healthyHops(j, at)...)
		goesOn = true
	}
	if !goesOn {
		return false
	}
	judgeZone(j, at)
	return true
}

// knownTargets reports whether all registered targets are known.
func knownTargets(e mirror.Endpoint) bool {
	return len(e.TargetGroups) > 0 && !slices.ContainsFunc(e.TargetGroups, func(g mirror.TargetGroup) bool { return g.Targets == nil })
}

// healthyHops returns which registered targets get copies.
func healthyHops(j *judge, at string) (hops []Hop) {
	for _, g := range j.Backing.TargetGroups {
		receiving, _ := g.Receiving()
		text := counted(len(receiving), "registered target of %s is in service", "registered targets of %s are in service")
		if others := len(g.Targets) - len(receiving); others > 0 {
			text += fmt.Sprintf(", and %s not", counted(others, "is", "are"))
		}
		hops = append(hops, hop(TargetGroupHop, Passes, at, g.ARN, "%s.", fmt.Sprintf(text, g.ARN)).rule(listenerRule(mirror.Listener{Protocol: g.Protocol, Port: g.Port})))
	}
	return hops
}

// judgeZone judges which node of the load balancer gets the copies, and whether it has appliances.
func judgeZone(j *judge, at string) {
	if h, isProblem := j.problem(ZoneHop); isProblem {
		h.Rule = "cross-zone load balancing off"
		j.add(h)
		return
	}
	lb := j.Backing.LoadBalancer
	if lb == nil || len(lb.Zones) == 0 {
		return
	}
	var zones []string
	for _, z := range lb.Zones {
		zones = append(zones, z.Zone)
	}
	state := "not known to be on or off"
	if lb.CrossZone != nil {
		state = map[bool]string{true: "on", false: "off"}[*lb.CrossZone]
	}
	h := hop(ZoneHop, Passes, at, lb.ARN, "The load balancer has nodes in %s. Cross-zone load balancing is %s.", listed(zones), state)
	if lb.CrossZone == nil && len(zones) > 1 {
		h.Outcome = Unknown
		h.Reason += " If it is off, a node sends only to appliances in its own zone."
		h.Fix = "Allow elasticloadbalancing:DescribeLoadBalancerAttributes."
	}
	j.add(h)
}

// serving returns the appliances that get copies of the source.
func (j *judge) serving() (serving []Appliance) {
	there, _ := j.Backing.AppliancesFor(j.Source.Zone)
	for _, a := range j.Appliances {
		if there != nil && a.Address.IsValid() && !slices.Contains(there, a.Address) || !receives(j, a) {
			continue
		}
		if !a.Address.IsValid() {
			a.Address = a.Node.address()
		}
		serving = append(serving, a)
	}
	return serving
}

// receives reports whether the load balancer sends to an appliance, whatever its zone is.
func receives(j *judge, a Appliance) bool {
	if !knownTargets(j.Backing) {
		return true
	}
	return slices.ContainsFunc(j.Backing.TargetGroups, func(g mirror.TargetGroup) bool {
		all, _ := g.Receiving()
		return g.ARN == a.GroupARN && slices.ContainsFunc(all, func(t mirror.RegisteredTarget) bool { return t.ID == a.ID && t.Port == a.Port })
	})
}

// behind judges the way from the nodes of the load balancer to an appliance. The load balancer
// keeps the address of the source: it always does for UDP, unless the IP versions differ
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html).
func behind(j *judge, a Appliance, nodes []Node) {
	name := orUnknown(a.Node.ID, a.ID)
	if !isShown(j, a) {
		return
	}
	source := j.Source.address()
	if !source.IsValid() || source.Is4() != a.Address.Is4() {
		j.add(hop(GroupIngress, Unknown, name, "", "From which address the appliance %s gets copies is not known.", name))
		return
	}
	f := flow{source: source, destination: a.Address, port: a.Port}
	j.add(merge(exits(j, f, a, nodes))...)
	if len(balancerGroups(j, nodes)) > 0 {
		j.add(j.Network.groupHop(f, Node{Interface: mirror.Interface{ID: j.Target.LoadBalancerARN}, GroupIDs: balancerGroups(j, nodes)}, mirror.Egress, membership{groups: a.Node.GroupIDs, isUnknown: len(a.Node.GroupIDs) == 0}))
	}
	// Rules that name a group of the source do not match what comes through a load balancer, and
	// those that name a group of the load balancer do
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html).
	j.add(j.Network.groupHop(f, a.Node, mirror.Ingress, membership{groups: balancerGroups(j, nodes)}))
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
func exits(j *judge, f flow, a Appliance, nodes []Node) (legs [][]Hop) {
	for _, n := range nodes {
		leg := []Hop{}
		if n.SubnetID != a.Node.SubnetID {
			if n.SubnetID != "" {
				leg = append(leg, j.Network.aclHop(f, ACLEgress, n.SubnetID, n.VPCID))
			}
			leg = append(leg, j.Network.aclHop(f, ACLIngress, a.Node.SubnetID, a.Node.VPCID))
		}
		legs = append(legs, leg)
	}
	return legs
}

// isShown judges the appliance itself. It reports whether the way to it can be judged.
func isShown(j *judge, a Appliance) bool {
	switch {
	case a.Node.Unread != "":
		h := a.Node.unread(ApplianceReceiver, a.ID)
		j.add(h)
		return false
	case a.Node.ID == "":
		j.add(hop(ApplianceReceiver, Unknown, a.ID, a.GroupARN, "EC2 shows no network interface of the appliance %s, so its subnet and its security groups are not known.", a.ID))
		return false
	}
	h := runningHop(j, ApplianceReceiver, a.Node)
	if h.Outcome == Passes && a.Health != "" {
		h.Reason = fmt.Sprintf("%s It is %s in its target group.", h.Reason, a.Health)
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
