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

// A nodeWay is the way of copies to a node of the load balancer, as a whole.
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
	nodes []Node // of the load balancer whose copies can get there; nil: of all
}

// fork adds the hops of a branch.
func (j *judge) fork(nodes []Node, add func()) {
	from := len(j.hops)
	add()
	s := span{from, len(j.hops)}
	j.apart, j.branches = append(j.apart, s), append(j.branches, branch{s, nodes})
}

// outcome returns what happens to the copies on the whole path. A load balancer shares the copies
// out to all branches. AWS does not document which of its nodes gets them, so what blocks the
// copies of some nodes only is unknown.
func (j *judge) outcome() Outcome {
	var common []Hop
	for i, h := range j.hops {
		if !slices.ContainsFunc(j.apart, func(s span) bool { return s.has(i) }) {
			common = append(common, h)
		}
	}
	trunk, end := worst(common), j.behind()
	switch {
	case trunk == Blocked || end == Blocked:
		return Blocked
	case trunk == Unknown:
		end = Unknown
	}
	if end == Unknown {
		doubt(j)
	}
	return end
}

// behind returns what happens to copies from the nodes of the load balancer on.
func (j *judge) behind() Outcome {
	if len(j.nodes) == 0 {
		return shared(j, Node{})
	}
	first := through(j, j.nodes[0])
	for _, n := range j.nodes[1:] {
		if through(j, n) != first {
			return Unknown
		}
	}
	return first
}

// through returns what happens to copies that go through a node.
func through(j *judge, n nodeWay) Outcome {
	behind := shared(j, n.node)
	switch {
	case n.outcome == Blocked || behind == Blocked:
		return Blocked
	case n.outcome == Unknown:
		return Unknown
	}
	return behind
}

// shared returns what happens to copies that a node shares out to its branches.
func shared(j *judge, n Node) Outcome {
	count, all := map[Outcome]int{}, 0
	for _, b := range j.branches {
		if b.nodes == nil || slices.ContainsFunc(b.nodes, func(o Node) bool { return o.ID == n.ID }) {
			count[worst(j.hops[b.from:b.to])]++
			all++
		}
	}
	switch {
	case all == 0 && len(j.branches) > 0: // it sends to no appliance
		return Blocked
	case count[Passes] == all:
		return Passes
	case count[Blocked] == all:
		return Blocked
	case count[Blocked] > 0 && count[Passes] > 0:
		return Partly
	}
	return Unknown
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
// them is not known to block copies.
func merge(legs []leg) []Hop {
	isOpen := slices.ContainsFunc(legs, func(l leg) bool { return worst(l.hops) != Blocked })
	var all []Hop
	for _, l := range legs {
		for _, h := range l.hops {
			if isOpen && h.Outcome == Blocked {
				h = h.through(l.node)
			}
			if !slices.Contains(all, h) {
				all = append(all, h)
			}
		}
	}
	return all
}
