package diagram

import (
	"cmp"
	"fmt"
	"slices"
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
	if t.Type == mirror.GatewayLoadBalancerEndpoint {
		n.Title = cmp.Or(n.Title, "Gateway Load Balancer")
		if e == nil || e.LoadBalancer == nil {
			n.Notes, n.Tone, n.Absent = []string{"not known"}, Warn, true
			return n
		}
	}
	n.Notes, n.Tone = listenerNotes(t)
	if e == nil || e.LoadBalancer == nil {
		return n
	}
	if on := e.LoadBalancer.CrossZone; on != nil && !*on {
		n.Notes = append(n.Notes, "cross-zone load balancing is off")
	}
	if state := e.LoadBalancer.State; state != "" && state != "active" {
		n.Notes = append(n.Notes, "state: "+state)
		n.Tone = cmp.Or(n.Tone, Warn)
	}
	if e.Down != "" {
		n.Tone = Bad
	}
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
	if t.Type == mirror.NetworkLoadBalancer {
		notes = []string{fmt.Sprintf("listens on UDP %d", mirror.CopyPort)}
	}
	switch {
	case e.TargetGroups == nil:
	case len(e.TargetGroups) == 0:
		return append(notes, "no target group"), Bad
	}
	for _, g := range e.TargetGroups {
		notes = append(notes, "to target group "+cmp.Or(g.Name, g.ARN))
	}
	return notes, Neutral
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
		return []Node{absentAppliance(t)}
	}
	nodes := make([]Node, len(e.Appliances))
	for i, address := range e.Appliances {
		nodes[i] = Node{Column: ColumnAppliance, Title: address.String(), Notes: []string{healthUnknown}, key: address.String()}
	}
	return nodes
}

const healthUnknown = "health not known"

func unknownAppliance(t *Target, why string) Node {
	return Node{Column: ColumnAppliance, Title: "not known", Notes: []string{why}, Tone: Warn, Absent: true, key: "unknown of " + t.ID}
}

func absentAppliance(t *Target) Node {
	return Node{Column: ColumnAppliance, Title: "none", Notes: []string{"nothing is registered"}, Tone: Bad, Absent: true, key: "none of " + t.ID}
}

// registeredNodes are the registered targets of all target groups that get copies.
func registeredNodes(t *Target) []Node {
	var nodes []Node
	for _, g := range t.Endpoint.TargetGroups {
		if g.Targets == nil {
			nodes = append(nodes, unknownAppliance(t, "the targets of "+cmp.Or(g.Name, g.ARN)+" are not known"))
			continue
		}
		receiving, _ := g.Receiving()
		for _, r := range g.Targets {
			nodes = append(nodes, registeredNode(r, t.Registered[r.ID], slices.Contains(receiving, r)))
		}
	}
	if len(nodes) == 0 && len(t.Endpoint.TargetGroups) > 0 {
		return []Node{absentAppliance(t)}
	}
	return nodes
}

// registeredNode is an appliance with its health, and whether it gets copies.
func registeredNode(r mirror.RegisteredTarget, of Object, receives bool) Node {
	n := Node{Column: ColumnAppliance, Title: r.ID, Tone: healthTone(r.Health), More: joined(": ", r.Reason, r.Description), Href: of.Href, key: r.ID}
	if of.Name != "" {
		n.Title, n.Notes = of.Name, []string{r.ID}
	}
	if r.Address.IsValid() && r.Address.String() != r.ID {
		n.Notes = append(n.Notes, r.Address.String())
	}
	n.Notes = append(n.Notes, healthWords(r.Health, receives))
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

// healthWords say the health, and for one that is not healthy whether it gets copies.
func healthWords(health string, receives bool) string {
	switch {
	case health == "":
		return healthUnknown
	case health == mirror.TargetHealthy:
		return health
	case receives:
		return health + ", gets copies all the same"
	}
	return health + ", gets no copies"
}

// foldedAppliances is one box for many appliances.
func foldedAppliances(t *Target, nodes []Node) Node {
	n := Node{Column: ColumnAppliance, Title: wording.Count(len(nodes), "appliance"), key: "of " + t.ID}
	words := newTally()
	for _, a := range nodes {
		words.add(a.Notes[len(a.Notes)-1], a.Tone)
	}
	n.Notes, n.Shares, n.Tone = words.lines(), words.shares(), words.tone()
	return n
}
