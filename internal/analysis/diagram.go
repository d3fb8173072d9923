package analysis

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// budget is the maximum number of steps for one diagram. Lists of the size that AWS allows
// need thousands.
const budget = 1 << 24

// A layer is a list of rules that decides about each packet on its own: the first rule that
// matches decides.
type layer struct {
	rules   []mirror.Rule // in the order in which they are tried
	swapped bool          // they decide about the reply to the packet
}

// What decides about packets before rules do. Their items are in a layer before all others.
const (
	byRules  = iota // nothing
	excepted        // the question is not about them
	never           // EC2 never mirrors them
	queries         // the network service AmazonDNS, packets to the resolver
	answers         // and packets from it
)

// A scope is what a diagram is about.
type scope struct {
	is4       bool
	within    box
	except    []mirror.Rule // the packets that they match are left out
	layers    []layer
	resolvers []netip.Addr // of the VPC, besides the link-local ones
	onlyRules bool         // nothing decides before the rules
	allRules  bool         // a region has all rules that match, not only those that decide
}

// An item is a box that a rule matches, or that is decided before rules.
type item struct {
	box   [axes]span
	layer int16 // index in layers, or before
	open  int16 // from this axis on, it matches everything
	place int32 // index in the rules of its layer, or what decides before rules
}

// before is the layer of what is decided before rules.
const before = -1

// A span is a closed interval of cells. The boundaries of all boxes cut an axis into cells. A
// box has all packets of a cell or none.
type span struct{ first, last int32 }

// A diagram divides the packets of a scope into regions. It does so one axis after the other.
// A node is the packets for which the same items are left after some axes.
type diagram struct {
	scope
	items   []item
	cells   [axes][]number // the first number of each cell
	nodes   []node
	listed  []int32  // the items of the nodes
	regions []region // the end of each path
	left    int      // of the budget
}

type node struct {
	from, to int32 // in listed
	same     int32 // another node of the axis whose items have the same hash, or -1
	parent   int32 // on the path with the most usual packets
	cells    span  // on the axis of the parent
	cost     int32 // how unusual the packets are
	axis     int8  // the next axis
}

// A region is packets that the same items match.
type region struct {
	items []int32 // by layer, in the order in which they are tried; if not all rules are wanted, one for each layer
	node  int32
}

// explore returns the diagram of a scope, or ErrTooComplex.
func explore(s scope) (*diagram, error) {
	d := &diagram{scope: s, left: budget}
	d.cut(d.boxes())
	list := make([]int32, len(d.items))
	for i := range list {
		list[i] = int32(i)
	}
	d.listed = d.keep(nil, list, 0)
	d.nodes = append(d.nodes, node{to: int32(len(d.listed)), parent: -1})
	e := newExpander(d)
	begin, end := 0, 1
	for axis := 0; axis <= axes && begin < end; axis++ {
		e.reset()
		for i := begin; i < end; i++ {
			if n := d.nodes[i]; d.isDecided(n, axis) {
				d.regions = append(d.regions, region{d.listed[n.from:n.to], int32(i)})
			} else if !e.expand(int32(i), axis) {
				return nil, ErrTooComplex
			}
		}
		begin, end = end, len(d.nodes)
	}
	return d, nil
}

// boxes makes the items. It returns their boxes.
func (d *diagram) boxes() []box {
	var boxes []box
	add := func(r *mirror.Rule, it item, isSwapped bool) {
		for _, b := range boxesOf(r, d.is4) {
			if isSwapped {
				b = b.swapped()
			}
			if !b.meets(d.within) {
				continue
			}
			for axis := range b {
				b[axis] = b[axis].within(d.within[axis])
			}
			it.open = axes
			for it.open > 0 && b[it.open-1] == d.within[it.open-1] {
				it.open--
			}
			boxes, d.items = append(boxes, b), append(d.items, it)
		}
	}
	for i := range d.except {
		add(&d.except[i], item{layer: before, place: excepted}, false)
	}
	if !d.onlyRules {
		first := unruledOf(d.resolvers)
		for i := range first {
			add(&first[i].rule, item{layer: before, place: first[i].by}, false)
		}
	}
	for l := range d.layers {
		for i := range d.layers[l].rules {
			add(&d.layers[l].rules[i], item{layer: int16(l), place: int32(i)}, d.layers[l].swapped)
		}
	}
	return boxes
}

// cut cuts the axes into cells by the boundaries of boxes.
func (d *diagram) cut(boxes []box) {
	for axis := range d.cells {
		cells := append(make([]number, 0, 2*len(boxes)+1), d.within[axis].first)
		for i := range boxes {
			cells = append(cells, boxes[i][axis].first)
			if boxes[i][axis].last != d.within[axis].last {
				cells = append(cells, boxes[i][axis].last.next())
			}
		}
		slices.SortFunc(cells, number.compare)
		cells = slices.Compact(cells)
		d.cells[axis] = cells
		for i := range boxes {
			first, _ := slices.BinarySearchFunc(cells, boxes[i][axis].first, number.compare)
			last, found := slices.BinarySearchFunc(cells, boxes[i][axis].last, number.compare)
			if !found {
				last-- // the cell that the number is in
			}
			d.items[i].box[axis] = span{int32(first), int32(last)}
		}
	}
}

// interval returns the numbers of cells of an axis.
func (d *diagram) interval(axis int, s span) interval {
	i := interval{d.cells[axis][s.first], d.within[axis].last}
	if next := int(s.last) + 1; next < len(d.cells[axis]) {
		i.last = d.cells[axis][next].previous()
	}
	return i
}

// keep appends those items of a list that matter before an axis. The items all match what has
// been chosen on the axes before it. Once an item matches everything, the rest of its layer
// does not matter. Nothing else matters if it is decided before rules.
func (d *diagram) keep(to, list []int32, axis int) []int32 {
	closed := int16(before - 1)
	for _, i := range list {
		it := &d.items[i]
		if it.layer == closed && !(d.allRules && closed != before) {
			continue
		}
		to = append(to, i)
		if int(it.open) <= axis {
			closed = it.layer
			if closed == before && !d.allRules {
				return to
			}
		}
	}
	return to
}

// isDecided reports whether all items of a node match all its packets.
func (d *diagram) isDecided(n node, axis int) bool {
	for _, i := range d.listed[n.from:n.to] {
		if int(d.items[i].open) > axis {
			return false
		}
	}
	return true
}

// An expander makes the nodes of one axis.
type expander struct {
	*diagram
	known  map[uint64]int32 // the last node whose items have the hash
	events []uint64         // a cell, an index in the list, and whether the item begins or ends there
	active []uint64         // by index in the list, one bit each
	chosen []int32
	list   []int32
}

func newExpander(d *diagram) *expander { return &expander{diagram: d} }

func (e *expander) reset() {
	if e.known == nil {
		e.known = map[uint64]int32{}
	}
	clear(e.known)
}

// expand makes the nodes below a node. It reports false if the budget is used up.
func (e *expander) expand(parent int32, axis int) bool {
	n := e.nodes[parent]
	given := e.listed[n.from:n.to]
	e.left -= 16 * len(given) // to sort the events
	e.events = e.events[:0]
	for i, it := range given {
		s := e.items[it].box[axis]
		e.events = append(e.events, uint64(s.first)<<32|uint64(i), uint64(s.last+1)<<32|uint64(i))
	}
	slices.Sort(e.events)
	e.active = append(e.active[:0], make([]uint64, (len(given)+63)/64)...)
	end := int32(len(e.cells[axis]))
	for at, next := int32(0), 0; at < end; {
		for ; next < len(e.events) && int32(e.events[next]>>32) == at; next++ {
			i := uint32(e.events[next])
			e.active[i/64] ^= 1 << (i % 64)
		}
		after := end
		if next < len(e.events) {
			after = int32(e.events[next] >> 32)
		}
		if !e.add(parent, axis, span{at, after - 1}) {
			return false
		}
		at = after
	}
	return true
}

// add adds the node of the active items, if there is none yet.
func (e *expander) add(parent int32, axis int, cells span) bool {
	n := e.nodes[parent]
	e.chosen = e.chosen[:0]
	for w, word := range e.active {
		for ; word != 0; word &= word - 1 {
			e.chosen = append(e.chosen, e.listed[int(n.from)+w*64+bits.TrailingZeros64(word)])
		}
	}
	e.list = e.keep(e.list[:0], e.chosen, axis+1)
	if e.left -= 4 + len(e.active) + len(e.chosen); e.left < 0 {
		return false
	}
	of := e.interval(axis, cells)
	cost := n.cost + costOf(axis, of, e.is4)
	if len(e.resolvers) > 0 && isBesideUsual(axis, of, e.is4) {
		cost++ // their addresses cut the usual ones off
	}
	hash := uint64(len(e.list))
	for _, i := range e.list {
		hash = (hash ^ uint64(i)) * 0x9e3779b97f4a7c15
		hash ^= hash >> 29
	}
	last, isKnown := e.known[hash]
	for at := last; isKnown && at >= 0; at = e.nodes[at].same {
		k := &e.nodes[at]
		if slices.Equal(e.listed[k.from:k.to], e.list) {
			if cost < k.cost {
				k.cost, k.parent, k.cells = cost, parent, cells
			}
			return true
		}
	}
	if !isKnown {
		last = -1
	}
	from := int32(len(e.listed))
	e.listed = append(e.listed, e.list...)
	e.known[hash] = int32(len(e.nodes))
	e.nodes = append(e.nodes, node{
		from: from, to: int32(len(e.listed)), parent: parent, same: last, cells: cells, cost: cost, axis: int8(axis + 1),
	})
	return true
}

// box returns packets of a region: those on the path with the most usual packets.
func (d *diagram) box(r region) box {
	b := d.within
	for i := r.node; d.nodes[i].parent >= 0; i = d.nodes[i].parent {
		axis := int(d.nodes[i].axis) - 1
		b[axis] = d.interval(axis, d.nodes[i].cells)
	}
	return b
}

func (d *diagram) cost(r region) int32 { return d.nodes[r.node].cost }

func isService(by int32) bool { return by == queries || by == answers }

// decidedBefore returns what decides about the packets of a region before rules do.
func (d *diagram) decidedBefore(r region) int32 {
	if len(r.items) == 0 || d.items[r.items[0]].layer != before {
		return byRules
	}
	return d.items[r.items[0]].place
}

// decider returns the rule of a layer that decides about the packets of a region, or nil.
func (d *diagram) decider(r region, layer int) *mirror.Rule {
	for _, i := range r.items {
		if it := &d.items[i]; int(it.layer) == layer {
			return &d.layers[layer].rules[it.place]
		}
	}
	return nil
}

// inOrder returns rules in the order in which they are tried.
func inOrder(rules []mirror.Rule) []mirror.Rule {
	return slices.SortedStableFunc(slices.Values(rules), func(a, b mirror.Rule) int { return cmp.Compare(a.Number, b.Number) })
}
