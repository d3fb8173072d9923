package path

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
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
		h := hop(what, outcome, backing, cmp.Or(p.Object, backing), "%s", p.Text(backing))
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
	n := j.Receivers[0]
	switch {
	case n.Type != "" && n.Type != mirror.OrdinaryInterface:
		return hop(TargetReceiver, Blocked, n.ID, n.ID, "%s is of type %s. Only an interface of the type %s can back a target.", n.ID, n.Type, mirror.OrdinaryInterface).fix("Choose another network interface.")
	case j.Mirrored.ID != "":
		return hop(TargetReceiver, Blocked, n.ID, j.Mirrored.ID, "%s is the source of session %s. A network interface cannot be a source and back a target.", n.ID, j.Mirrored.ID).
			fix("Choose another network interface, or delete the sessions of %s.", n.ID)
	}
	h := runningHop(TargetReceiver, n)
	if j.Mirrored.Unread != nil && h.Outcome == Passes {
		return j.Mirrored.Unread.unread(TargetReceiver, n.ID)
	}
	return h
}

// runningHop judges whether the instance of a node runs.
func runningHop(what Stage, n Node) Hop {
	obstacle := mirror.Receiver{Interface: n.Interface, InstanceState: n.InstanceState}.Obstacle()
	switch {
	case obstacle != "" && n.InstanceID == "":
		return hop(what, Blocked, n.ID, n.ID, "%s %s.", n.ID, obstacle).fix("Attach %s to an instance.", n.ID)
	case obstacle != "":
		return hop(what, Blocked, n.ID, n.InstanceID, "%s %s.", n.ID, obstacle).rule(n.InstanceState).fix("Start %s.", n.InstanceID)
	case n.InstanceID != "" && n.InstanceState == "":
		return n.unreadInstance(what)
	case n.InstanceID == "":
		return hop(what, Passes, n.ID, n.ID, "%s is managed by %s.", n.ID, cmp.Or(n.RequesterID, "another service"))
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
		j.add(hop(ListenerHop, Unknown, arn, "", "Whether the load balancer listens on %s is not known.", vxlan).fix("%s", unanswered("DescribeListeners")))
		return
	case l == nil:
		j.add(hop(ListenerHop, Passes, arn, arn, "The load balancer listens on %s.", vxlan))
	default:
		j.add(hop(ListenerHop, Passes, arn, l.ARN, "The load balancer listens on %s %d.", l.Protocol, l.Port).rule(listenerRule(*l)))
	}
	judgeGroups(j, arn)
	judgeAppliances(j, receivers, behind)
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

// otherListener returns the listener that is closest to one for copies.
func otherListener(j *judge, by string) (id, rule string) {
	if j.Backing.LoadBalancer == nil {
		return by, ""
	}
	l := mirror.NearListener(j.Backing.LoadBalancer.Listeners)
	if l == nil {
		return by, ""
	}
	return cmp.Or(l.ARN, by), listenerRule(*l)
}

// judgeGroups judges the target groups of the listener, their targets, and the zones.
func judgeGroups(j *judge, at string) {
	judged, isLost := groupProblems(j)
	switch {
	case isLost:
		return
	case len(j.Backing.TargetGroups) == 0 && j.Backing.Appliances == nil:
		j.add(unknownTargets(at, ""))
		return
	case len(j.Backing.TargetGroups) == 0: // a topology says them
		j.add(hop(TargetGroupHop, Passes, at, "", "Copies go to %s.", addressText(j.Backing.Appliances)))
	}
	goesOn := len(j.Backing.TargetGroups) == 0
	for _, g := range j.Backing.TargetGroups {
		switch {
		case slices.Contains(judged, g.ARN):
		case g.Targets == nil:
			j.add(unknownTargets(at, g.ARN))
			goesOn = goesOn || j.Backing.Appliances != nil
			continue
		default:
			j.add(healthHop(j, g, at))
		}
		goesOn = true
	}
	if goesOn {
		judgeZone(j, at)
	}
}

func unknownTargets(at, groupARN string) Hop {
	return hop(TargetGroupHop, Unknown, at, groupARN, "Which appliances are registered, and whether they are healthy, is not known.").
		fix("%s", unanswered("DescribeTargetGroups", "DescribeTargetHealth"))
}

// unanswered says what to do if actions of Elastic Load Balancing gave no answer. Whether they are
// not allowed or did not answer is not known.
func unanswered(actions ...string) string {
	var names []string
	for _, a := range actions {
		names = append(names, "elasticloadbalancing:"+a)
	}
	return fmt.Sprintf("Allow %s. If it is allowed, Elastic Load Balancing did not answer: try again.", wording.List(names))
}

// groupProblems adds what is wrong with target groups. It returns the ARNs of these groups, and
// whether no copy arrives.
func groupProblems(j *judge) (arns []string, isLost bool) {
	backing := j.Target.Backing()
	for _, p := range j.Backing.DeliveryProblems(j.Source.Zone) {
		if stages[p.Kind] != TargetGroupHop {
			continue
		}
		h := hop(TargetGroupHop, Blocked, backing, cmp.Or(p.Object, backing), "%s", p.Text(backing)).fix("%s", p.Fix)
		arns, isLost = append(arns, p.Object), isLost || p.Loses
		switch {
		case p.Kind == mirror.DeliveryNoHealthyAppliance:
			h.Outcome, h.Fix = Unknown, cmp.Or(healthHint(j), h.Fix)
			j.add(h)
		case p.Loses:
			j.add(h)
		default: // the other target groups get the rest of the copies
			j.fork(nil, func() { j.add(h) })
		}
	}
	return arns, isLost
}

// knownTargets reports whether all registered targets are known.
func knownTargets(e mirror.Endpoint) bool {
	return len(e.TargetGroups) > 0 && !slices.ContainsFunc(e.TargetGroups, func(g mirror.TargetGroup) bool { return g.Targets == nil })
}

// healthHop returns to which registered targets of a group the load balancer sends. It passes if
// all of these are healthy.
func healthHop(j *judge, g mirror.TargetGroup, at string) Hop {
	receiving, _ := mirror.ReceivingTargets(&j.Backing, g)
	healthy, other, unknown := 0, []string{}, []string{}
	for _, t := range g.Targets {
		isReceiving := slices.ContainsFunc(receiving, func(r mirror.RegisteredTarget) bool { return r.ID == t.ID && r.Port == t.Port })
		name := fmt.Sprintf("%s (%s)", t.ID, cmp.Or(t.Health, "health not shown"))
		switch {
		case t.Health == mirror.TargetHealthy:
			healthy++
		case isReceiving:
			unknown = append(unknown, name)
		default:
			other = append(other, name)
		}
	}
	h := hop(TargetGroupHop, Passes, at, g.ARN, "%s.", fmt.Sprintf(counted(healthy, "registered target of %s is healthy", "registered targets of %s are healthy"), g.ARN)).
		rule(listenerRule(mirror.Listener{Protocol: g.Protocol, Port: g.Port}))
	if len(other) > 0 {
		h.Reason += fmt.Sprintf(" The load balancer does not send to %s.", wording.List(other))
	}
	if len(unknown) > 0 {
		h.Outcome = Unknown
		h.Reason += fmt.Sprintf(" It is not known whether copies reach %s.", wording.List(unknown))
		h.Fix = "Find out why Elastic Load Balancing does not report these targets as healthy."
	}
	return h
}
