package path

import (
	"fmt"
	"slices"
)

// A leg is the way to or from one of several nodes.
type leg struct {
	node Node
	hops []Hop
}

// A nodeWay is the way of copies to or from a node of the load balancer, as a whole.
type nodeWay struct {
	node    Node
	outcome Outcome
}

// A span is a part of the hops: from the first one to the one before the last.
type span struct{ from, to int }

func (s span) has(i int) bool { return s.from <= i && i < s.to }

// A branch is what only some copies pass: those for one appliance, or for one target group.
type branch struct {
	span
	nodes []Node    // of the load balancer whose copies can get there; nil: of all
	legs  span      // the hops that differ by node
	ways  []nodeWay // what the legs do by node
}

// fork adds the hops of a branch.
func (j *judge) fork(nodes []Node, add func()) {
	from := len(j.hops)
	j.branch = branch{span: span{from: from}, nodes: nodes, legs: span{from, from}}
	add()
	j.branch.to = len(j.hops)
	j.apart, j.branches = append(j.apart, j.branch.span), append(j.branches, j.branch)
}

// addLegs adds the ways from several nodes to an appliance, in a branch.
func (j *judge) addLegs(legs []leg) {
	j.branch.legs.from = len(j.hops)
	j.add(merge(legs, j.nodes)...)
	j.branch.legs.to, j.branch.ways = len(j.hops), waysOf(legs)
}

func waysOf(legs []leg) (ways []nodeWay) {
	for _, l := range legs {
		ways = append(ways, nodeWay{l.node, worst(l.hops)})
	}
	return ways
}

// wayOf returns what happens to copies through a node.
func wayOf(ways []nodeWay, n Node) Outcome {
	at := slices.IndexFunc(ways, func(w nodeWay) bool { return w.node.ID == n.ID })
	if at < 0 {
		return Passes
	}
	return ways[at].outcome
}

// A possible is a set of what can happen to all copies: what is unknown can pass or be blocked.
type possible struct{ passes, partly, blocked bool }

func possibly(o Outcome) possible {
	return possible{passes: o != Blocked, blocked: o != Passes}
}

// then returns what can happen to copies that go on, if they get through.
func (p possible) then(next possible) possible {
	if !p.passes {
		return p
	}
	next.blocked = next.blocked || p.blocked
	return next
}

// beside returns what can happen to copies of which some go another way.
func (p possible) beside(other possible) possible {
	return possible{
		passes: p.passes && other.passes, blocked: p.blocked && other.blocked,
		partly: p.partly || other.partly || p.passes && other.blocked || p.blocked && other.passes,
	}
}

// or returns what can happen if it is not known which of two ways copies go.
func (p possible) or(other possible) possible {
	return possible{p.passes || other.passes, p.partly || other.partly, p.blocked || other.blocked}
}

// outcome returns what is certain: that all copies get through, that none does, or that some are lost.
func (p possible) outcome() Outcome {
	switch {
	case !p.passes && !p.partly:
		return Blocked
	case !p.passes:
		return Partly
	case !p.partly && !p.blocked:
		return Passes
	}
	return Unknown
}

// possible returns what can happen to the copies on the whole path. A load balancer shares the
// copies out to all branches. AWS does not document which of its nodes gets them, so an outcome is
// certain if it holds for each node.
func (j *judge) possible() possible {
	var common []Hop
	for i, h := range j.hops {
		if !slices.ContainsFunc(j.apart, func(s span) bool { return s.has(i) }) {
			common = append(common, h)
		}
	}
	all := possibly(worst(common)).then(onward(j))
	if all.outcome() == Unknown {
		doubt(j)
	}
	return all
}

// onward returns what can happen to copies from the nodes of the load balancer on.
func onward(j *judge) (all possible) {
	if len(j.nodes) == 0 {
		return shared(j, Node{})
	}
	for _, n := range j.nodes {
		all = all.or(possibly(n.outcome).then(shared(j, n.node)))
	}
	return all
}

// shared returns what can happen to copies that a node shares out to its branches.
func shared(j *judge, n Node) possible {
	if len(j.branches) == 0 {
		return possible{passes: true}
	}
	var all *possible
	for _, b := range j.branches {
		if b.nodes != nil && !slices.ContainsFunc(b.nodes, func(o Node) bool { return o.ID == n.ID }) {
			continue
		}
		same := slices.Concat(j.hops[b.from:b.legs.from], j.hops[b.legs.to:b.to])
		p := possibly(worst(same)).then(possibly(wayOf(b.ways, n)))
		if all != nil {
			p = all.beside(p)
		}
		all = &p
	}
	if all == nil { // it sends to no appliance
		return possible{blocked: true}
	}
	return *all
}

// doubt makes the hops unknown that block only the copies of some nodes.
func doubt(j *judge) {
	for _, b := range j.branches {
		for i := b.from; i < b.to && b.nodes != nil; i++ {
			if j.hops[i].Outcome == Blocked {
				j.hops[i] = j.hops[i].through(b.nodes[0])
			}
		}
	}
}

// through returns a hop that blocks only the copies that go through a node.
func (h Hop) through(n Node) Hop {
	node := n.ID
	if n.Zone != "" {
		node = "the node in " + n.Zone
	}
	h.Outcome = Unknown
	h.Reason += fmt.Sprintf(" That is so for copies through %s only, and AWS does not document which node gets them.", node)
	return h
}

// worst returns the outcome of a way by its hops.
func worst(hops []Hop) Outcome {
	is := func(o Outcome) bool { return slices.ContainsFunc(hops, func(h Hop) bool { return h.Outcome == o }) }
	switch {
	case is(Blocked):
		return Blocked
	case is(Unknown):
		return Unknown
	}
	return Passes
}

// merge joins the ways by several nodes, of which one gets a copy. What blocks only some of
// them is not known to block copies. reached has the ways to the nodes.
func merge(legs []leg, reached []nodeWay) []Hop {
	isOpen, isShut := false, false
	for _, l := range legs {
		isOpen = isOpen || worst(l.hops) != Blocked && wayOf(reached, l.node) != Blocked
		isShut = isShut || worst(l.hops) != Blocked
	}
	var all []Hop
	for _, l := range legs {
		for _, h := range l.hops {
			switch {
			case h.Outcome != Blocked:
			case isOpen:
				h = h.through(l.node)
			case isShut:
				h.Reason += " The appliance gets none through other nodes of the load balancer either."
			}
			if !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	return all
}
