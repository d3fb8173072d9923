package diagram

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// balancerNode is the load balancer of a target.
func balancerNode(t *Target) Node {
	n := Node{Column: ColumnBalancer, Title: balancerName(t), key: "of " + t.ID}
	e := t.Endpoint
	if e != nil && e.LoadBalancer != nil {
		n.key = e.LoadBalancer.ARN
		n.More = e.LoadBalancer.ARN
	}
	n.Marks, n.Change = t.Balancer.marks(), t.Balancer.Change
	if t.Type == mirror.GatewayLoadBalancerEndpoint {
		n.Title = cmp.Or(n.Title, "Gateway Load Balancer")
		if e == nil || e.LoadBalancer == nil {
			n.Notes, n.Tone, n.Absent = []string{"not known"}, Warn, true
			return n
		}
	}
	n.Notes, n.Tone = listenerNotes(t)
	if t.Balancer.Address != n.Title {
		n.Notes = slices.Insert(n.Notes, 0, t.Balancer.Address)
	}
	if e == nil || e.LoadBalancer == nil {
		return n
	}
	isOverridden := len(e.TargetGroups) > 0 && !slices.ContainsFunc(e.TargetGroups, func(g mirror.TargetGroup) bool { return overrides(g) == "" })
	if on := e.LoadBalancer.CrossZone; on != nil && !*on && !isOverridden {
		n.Notes = append(n.Notes, "cross-zone load balancing is off")
	}
	if state := e.LoadBalancer.State; state != "" && state != "active" {
		n.Notes = append(n.Notes, "state: "+state)
		n.Tone = cmp.Or(n.Tone, Warn)
	}
	if e.Down != "" {
		n.Tone = Bad
	}
	n.Notes = append(n.Notes, t.Balancer.Old...)
	return n
}

// balancerName is the name of the load balancer of a target, or "".
func balancerName(t *Target) string {
	if e := t.Endpoint; e != nil && e.LoadBalancer != nil && e.LoadBalancer.Name != "" {
		return e.LoadBalancer.Name
	}
	if t.Type != mirror.NetworkLoadBalancer {
		return ""
	}
	if parts := strings.Split(t.Backing, "/"); len(parts) == 4 && strings.HasPrefix(t.Backing, "arn:") {
		return parts[2]
	}
	return cmp.Or(t.Backing, "Network Load Balancer")
}

// listenerNotes say whether the load balancer receives copies, and which target groups get them.
func listenerNotes(t *Target) ([]string, Tone) {
	e := t.Endpoint
	if t.Type == mirror.NetworkLoadBalancer {
		switch {
		case e == nil || e.UDPListeners == nil:
			return []string{fmt.Sprintf("listener on UDP %d not known", mirror.CopyPort)}, Warn
		case !slices.Contains(e.UDPListeners, mirror.CopyPort):
			return []string{fmt.Sprintf("no listener on UDP %d", mirror.CopyPort)}, Bad
		}
	}
	notes := []string{"listens on all ports"}
	switch {
	case t.Type == mirror.NetworkLoadBalancer:
		notes = []string{fmt.Sprintf("listens on UDP %d", mirror.CopyPort)}
	case e.LoadBalancer.Listeners == nil && e.TargetGroups == nil && e.Appliances == nil:
		return []string{"listener not known"}, Warn
	case e.LoadBalancer.Listeners != nil && len(e.LoadBalancer.Listeners) == 0:
		return []string{"no listener"}, Bad
	}
	if e.TargetGroups != nil && len(e.TargetGroups) == 0 {
		return append(notes, "no target group"), Bad
	}
	for _, g := range e.TargetGroups {
		notes = append(notes, "to target group "+groupName(g)+overrides(g))
	}
	return notes, Neutral
}

func groupName(g mirror.TargetGroup) string { return cmp.Or(g.Name, g.ARN) }

// overrides says that a target group does not have the cross-zone load balancing of its load balancer.
func overrides(g mirror.TargetGroup) string {
	switch g.CrossZone {
	case "true":
		return ", with cross-zone load balancing on"
	case "false":
		return ", with cross-zone load balancing off"
	}
	return ""
}

// applianceNodes are what is behind the load balancer of a target. What is not known is said.
func applianceNodes(t *Target) []Node {
	e := t.Endpoint
	switch {
	case e == nil:
		return []Node{unknownAppliance(t, "what is behind it is not known")}
	case t.Type == mirror.NetworkLoadBalancer && e.UDPListeners != nil && !slices.Contains(e.UDPListeners, mirror.CopyPort) && e.TargetGroups == nil && e.Appliances == nil:
		return nil // nothing gets a copy
	case e.TargetGroups != nil:
		return registeredNodes(t)
	case e.Appliances == nil:
		return []Node{unknownAppliance(t, "what is behind it is not known")}
	case len(e.Appliances) == 0:
		return []Node{absentAppliance(t, "")}
	}
	nodes := make([]Node, len(e.Appliances))
	for i, address := range e.Appliances {
		nodes[i] = Node{Column: ColumnAppliance, Title: address.String(), Notes: []string{healthUnknown}, word: healthUnknown, key: address.String()}
	}
	return nodes
}

const healthUnknown = "health not known"

func unknownAppliance(t *Target, why string) Node {
	return Node{Column: ColumnAppliance, Title: "not known", Notes: []string{why}, Tone: Warn, Absent: true, key: "unknown of " + t.ID}
}

func absentAppliance(t *Target, in string) Node {
	n := Node{Column: ColumnAppliance, Title: "none", Notes: []string{"nothing is registered"}, Tone: Bad, Absent: true, key: "none of " + t.ID}
	if in != "" {
		n.Notes[0] += " in " + in
		n.key += " in " + in
	}
	return n
}

// registeredNodes are the registered targets of all target groups that get copies. A group without
// targets, or whose targets are not known, has a box too: it gets its part of the copies. So has a
// zone without targets if its node sends to no other zone.
func registeredNodes(t *Target) []Node {
	var nodes []Node
	for _, g := range t.Endpoint.TargetGroups {
		name := groupName(g)
		switch {
		case g.Targets == nil || t.IsOpen:
			why := "others can be registered in " + name
			if g.Targets == nil {
				why = "the targets of " + name + " are not known"
			}
			n := unknownAppliance(t, why)
			n.key += " in " + g.ARN
			nodes = append(nodes, n)
		case len(g.Targets) == 0:
			nodes = append(nodes, absentAppliance(t, name))
		}
		for _, r := range append(g.Targets[:len(g.Targets):len(g.Targets)], t.Leaving...) {
			n := registeredNode(&r, t.Registered[registration(&r)], healthWords(t.Endpoint, g, r))
			if len(t.Endpoint.TargetGroups) > 1 { // it can be in several
				n.Notes = slices.Insert(n.Notes, 0, "in "+name)
			}
			n.key += " " + strings.Join(n.Notes, " ")
			nodes = append(nodes, n)
		}
		zones := zonesOf(t.Endpoint, g)
		for _, zone := range slices.Sorted(maps.Keys(zones)) {
			if len(g.Targets) > 0 && len(zones[zone].Targets) == 0 && !t.IsOpen {
				n := absentAppliance(t, name)
				n.key += " in " + zone
				n.Notes = []string{"nothing in " + zone + " is registered in " + name}
				nodes = append(nodes, n)
			}
		}
	}
	return nodes
}

// registration is the key of a target in Target.Registered.
func registration(r *mirror.RegisteredTarget) string { return r.ID + " " + strconv.Itoa(r.Port) }

// registeredNode is an appliance with its health, and whether it gets copies.
func registeredNode(r *mirror.RegisteredTarget, of *Object, health string) Node {
	if of == nil {
		of = &Object{}
	}
	n := Node{Column: ColumnAppliance, Title: r.ID, Tone: healthTone(r.Health), More: joined(": ", r.Reason, r.Description), Href: of.Href, key: r.ID}
	n.Marks, n.Change = of.marks(), of.Change
	if of.Name != "" {
		n.Title = of.Name
	}
	address := ""
	if r.Address.IsValid() {
		address = r.Address.String()
	}
	for _, line := range []string{of.Address, r.ID, address} {
		if line != "" && line != n.Title && !slices.Contains(n.Notes, line) {
			n.Notes = append(n.Notes, line)
		}
	}
	n.Notes = append(n.Notes, of.Old...)
	if n.Change == Deleted { // its health is that of before
		n.Tone = Neutral
		return n
	}
	n.word = health
	n.Notes = append(n.Notes, health)
	return n
}

func healthTone(health string) Tone {
	switch health {
	case mirror.TargetHealthy:
		return Good
	case "", mirror.TargetInitial, mirror.TargetUnavailable:
		return Warn
	}
	return Bad
}

// healthWords say the health of a registered target, and for one that is not healthy whether it gets
// copies, if that is known.
func healthWords(e *mirror.Endpoint, g mirror.TargetGroup, r mirror.RegisteredTarget) string {
	receives, isKnown := sendsTo(e, g, r)
	switch {
	case r.Health == "":
		return healthUnknown
	case r.Health == mirror.TargetHealthy || !isKnown:
		return r.Health
	case receives:
		return r.Health + ", gets copies all the same"
	}
	return r.Health + ", gets no copies"
}

// sendsTo reports whether a load balancer sends copies to a registered target. With cross-zone load
// balancing off, each of its Availability Zones decides for itself who is healthy enough
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health.html).
func sendsTo(e *mirror.Endpoint, g mirror.TargetGroup, r mirror.RegisteredTarget) (does, isKnown bool) {
	if of, _ := g.Receiving(); slices.Contains(of, r) {
		return true, true
	}
	crosses, isKnown := crossesZones(e, g)
	if r.Health == mirror.TargetDraining || r.Health == mirror.TargetUnused || crosses {
		return false, true
	}
	if of, _ := mirror.ReceivingTargets(e, g); slices.Contains(of, r) {
		return true, true
	}
	return false, isKnown && !slices.ContainsFunc(g.Targets, func(t mirror.RegisteredTarget) bool { return t.Zone == "" })
}

// zonesOf returns what the node of a load balancer in each zone sends to: the targets of a group in that
// zone. It is nil if a node sends to other zones too, or if that or a zone is not known.
func zonesOf(e *mirror.Endpoint, g mirror.TargetGroup) map[string]mirror.TargetGroup {
	crosses, isKnown := crossesZones(e, g)
	if crosses || !isKnown || e.LoadBalancer == nil {
		return nil
	}
	all := map[string]mirror.TargetGroup{}
	for _, z := range e.LoadBalancer.Zones {
		if z.Zone == "" {
			return nil
		}
		near := g
		near.Targets = []mirror.RegisteredTarget{}
		for _, t := range g.Targets {
			switch t.Zone {
			case "":
				return nil
			case z.Zone, "all":
				near.Targets = append(near.Targets, t)
			}
		}
		all[z.Zone] = near
	}
	return all
}

// crossesZones reports whether a load balancer sends from each zone to the targets of a group in all zones.
func crossesZones(e *mirror.Endpoint, g mirror.TargetGroup) (does, isKnown bool) {
	if e.LoadBalancer == nil {
		return false, false
	}
	return e.LoadBalancer.CrossesZones(g)
}

// folded returns one box for appliances, if they are many. A box that says that there is none, or that
// it is not known, stays.
func folded(t *Target, nodes []Node) []Node {
	n := Node{Column: ColumnAppliance, key: "of " + t.ID}
	words, changes := newTally(), newTally()
	var absent []Node
	for i := range nodes {
		a := &nodes[i]
		if a.Absent {
			absent = append(absent, *a)
			continue
		}
		if words.sum() == 0 {
			n.Change = a.Change
		}
		words.add(a.word, a.Tone)
		changes.add(a.Change.words(), Neutral)
		n.Change = ofAll(n.Change, a.Change)
	}
	if words.sum() <= maxOfChain {
		return nodes
	}
	n.Marks = changes.lines()
	n.Title, n.Notes, n.Shares, n.Tone = wording.Count(words.sum(), "appliance"), words.lines(), words.shares(), words.tone()
	return append([]Node{n}, absent...)
}
