package diagram

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// maxOfChain is how many filters, targets and appliances of one box are drawn one by one.
const maxOfChain = 4

// Draw draws rows: each interface of its own with each of its sessions, and each group as one
// interface. unused says whether filters and targets without a session are drawn too.
func (w *World) Draw(rows []Row, unused bool) *Drawing {
	b := &builder{Drawing: Drawing{Title: w.Title, Summary: w.summary(), Notes: w.Notes}, world: w, at: map[string]int{}, joins: map[[2]int]int{}}
	for _, row := range rows {
		if row.Key != "" {
			b.group(row)
			continue
		}
		for _, i := range row.Interfaces {
			b.single(i)
		}
	}
	if unused {
		b.unused()
	}
	b.markSame()
	return &b.Drawing
}

// markSame says of a filter with several nodes that they are one filter.
func (d *Drawing) markSame() {
	count := map[string]int{}
	for _, n := range d.Nodes {
		count[n.same]++
	}
	for i, n := range d.Nodes {
		if n.same != "" && count[n.same] > 1 {
			d.Nodes[i].Notes = append(d.Nodes[i].Notes, "the same filter as in "+others(count[n.same]-1))
		}
	}
}

func others(boxes int) string {
	if boxes == 1 {
		return "another box"
	}
	return fmt.Sprintf("%d other boxes", boxes)
}

// single draws an interface, with a chain for each of its sessions.
func (b *builder) single(i *Interface) {
	from := b.interfaceNode(i)
	for _, s := range i.Sessions {
		first, second := b.add(from), b.add(b.sessionNode(s))
		b.join(first, second)
		b.rest(second, []*Session{s})
	}
	if len(i.Sessions) == 0 {
		b.add(from)
		b.Chains++
	}
}

// group draws a group, with a chain for the sessions at each place in the order in which they are
// tried, or one for all if their filters differ.
func (b *builder) group(row Row) {
	from := b.groupNode(row)
	for place, sessions := range row.places() {
		first, second := b.add(from), b.add(b.sessionsNode(row, place, sessions))
		b.join(first, second)
		b.rest(second, sessions)
	}
	if row.sessions() == 0 {
		b.add(from)
		b.Chains++
	}
}

// rest adds the rest of a chain behind its sessions. A filter has a node for each target, so that
// each line can be followed from the interface to what receives its copies.
func (b *builder) rest(from int, sessions []*Session) {
	targets, filters := map[string]bool{}, map[string]map[string]bool{}
	for _, s := range sessions {
		targets[s.TargetID] = true
	}
	target := func(s *Session) string {
		if len(targets) > maxOfChain {
			return manyKey(targets)
		}
		return s.TargetID
	}
	for _, s := range sessions {
		if filters[target(s)] == nil {
			filters[target(s)] = map[string]bool{}
		}
		filters[target(s)][s.FilterID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(filters)) {
		of := b.filters(from, filters[id], id)
		if len(targets) > maxOfChain {
			joinAll(b, of, b.add(many(ColumnTarget, "target", targets)))
			continue
		}
		to := b.add(b.targetNode(id))
		joinAll(b, of, to)
		b.receivers(to, id)
	}
	b.Chains++
}

// filters adds the filters through which sessions lead to a target, and returns their indexes.
func (b *builder) filters(from int, ids map[string]bool, target string) []int {
	if len(ids) > maxOfChain {
		n := many(ColumnFilter, "filter", ids)
		n.key += " to " + target
		at := b.add(n)
		b.join(from, at)
		return []int{at}
	}
	var all []int
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		n := b.filterNode(id)
		n.key += " to " + target
		at := b.add(n)
		b.join(from, at)
		all = append(all, at)
	}
	return all
}

func joinAll(b *builder, from []int, to int) {
	for _, at := range from {
		b.join(at, to)
	}
}

// many is one node for many objects.
func many(column Column, noun string, ids map[string]bool) Node {
	return Node{Column: column, Title: wording.Count(len(ids), noun), key: manyKey(ids)}
}

func manyKey(ids map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(ids)), " ") }

// maxUnused is how many filters, and how many targets, without a session are drawn one by one.
const maxUnused = 10

// unused draws the filters and the targets that no session uses.
func (b *builder) unused() {
	for _, c := range []struct {
		column Column
		noun   string
		ids    []string
		node   func(id string) Node
	}{
		{ColumnFilter, "filter", slices.Sorted(maps.Keys(b.world.Filters)), b.filterNode},
		{ColumnTarget, "target", slices.Sorted(maps.Keys(b.world.Targets)), b.targetNode},
	} {
		used := b.world.used(c.column)
		left := slices.DeleteFunc(c.ids, func(id string) bool { return used[id] })
		if len(left) > maxUnused {
			b.add(Node{Column: c.column, Title: wording.Count(len(left), c.noun), Notes: []string{noSession}, key: "unused"})
			continue
		}
		for _, id := range left {
			n := c.node(id)
			n.Notes = append(n.Notes, noSession)
			at := b.add(n)
			if c.column == ColumnTarget {
				b.receivers(at, id)
			}
		}
	}
	for i := range b.Nodes { // the chain behind the last one is none
		b.Nodes[i].Chains = slices.DeleteFunc(b.Nodes[i].Chains, func(chain int) bool { return chain == b.Chains })
	}
	for i := range b.Edges {
		b.Edges[i].Chains = slices.DeleteFunc(b.Edges[i].Chains, func(chain int) bool { return chain == b.Chains })
	}
}

const noSession = "no session uses it"

// used returns the filters or the targets of all sessions.
func (w *World) used(column Column) map[string]bool {
	used := map[string]bool{}
	for _, i := range w.Interfaces {
		for _, s := range i.Sessions {
			id := s.TargetID
			if column == ColumnFilter {
				id = s.FilterID
			}
			used[id] = true
		}
	}
	return used
}

// receivers joins a target to what receives its copies.
func (b *builder) receivers(from int, targetID string) {
	balancer, appliances := b.world.behind(targetID)
	if balancer != nil {
		next := b.add(*balancer)
		b.join(from, next)
		from = next
	}
	for _, n := range folded(b.world.Targets[targetID], appliances) {
		b.join(from, b.add(n))
	}
}

// Receivers returns what receives the copies of a target: a load balancer, if there is one, and
// the appliances. What is not known is said.
func (w *World) Receivers(targetID string) []Node {
	balancer, appliances := w.behind(targetID)
	if balancer == nil {
		return appliances
	}
	return append([]Node{*balancer}, appliances...)
}

// behind returns the load balancer of a target, or nil, and its appliances.
func (w *World) behind(targetID string) (balancer *Node, appliances []Node) {
	t := w.Targets[targetID]
	switch {
	case t == nil || t.Hidden != "":
		return nil, []Node{{Column: ColumnAppliance, Title: "not known", Notes: []string{"the target is not known"}, Tone: Warn, Absent: true, key: "unknown of " + targetID}}
	case t.Endpoint != nil && t.Endpoint.Gone:
		return nil, []Node{{Column: ColumnAppliance, Title: "deleted", Notes: []string{"what backs the target is deleted"}, Tone: Bad, Absent: true, key: "gone of " + targetID}}
	case t.Receiver != nil:
		return nil, []Node{receiverNode(t.Receiver)}
	case t.Type == mirror.NetworkLoadBalancer || t.Type == mirror.GatewayLoadBalancerEndpoint:
		n := balancerNode(t)
		return &n, applianceNodes(t)
	}
	return nil, []Node{unknownAppliance(t, "what backs the target is not known")}
}
