package diagram

import (
	"slices"
	"strconv"
)

// Column is a column of a drawing.
type Column int

// The columns.
const (
	ColumnInterface Column = iota
	ColumnSession
	ColumnFilter
	ColumnTarget
	ColumnBalancer
	ColumnAppliance
	columns
)

// columnTitles are the headings of the columns.
var columnTitles = []string{"Interface", "Session", "Filter", "Target", "Load balancer", "Appliance"}

// String returns the heading of the column.
func (c Column) String() string { return columnTitles[c] }

// A Drawing is what is shown at once. A chain leads from an interface by one of its sessions to
// what receives the copies.
type Drawing struct {
	Title   string
	Summary string // how many objects change; "": it is no plan
	Nodes   []Node
	Edges   []Edge
	Chains  int
	Notes   []string
}

// A Node is an object in a column, or several of them in one box.
type Node struct {
	Column Column
	Marks  []string // what a plan does with it, before the title
	Title  string
	Notes  []string // lines
	More   string   // for who wants to know more
	Tone   Tone
	Change Change
	Absent bool // there is nothing, or it is not known what there is
	Href   string
	Shares []Share
	Chains []int // of which it is a part, in order; nil: no session uses it

	key  string
	word string // of an appliance: its health
	same string // of a filter: its ID. It has a node for each target
}

// A Share is how many of the objects in a box have a tone.
type Share struct {
	Tone  Tone
	Count int
}

// An Edge joins two nodes.
type Edge struct {
	From, To int // indexes of nodes
	Absent   bool
	Chains   []int
}

// a builder makes a drawing.
type builder struct {
	Drawing
	world *World
	at    map[string]int // index of a node, by column and key
	joins map[[2]int]int // index of an edge, by its nodes
}

// add adds a node to the present chain, and returns its index. A node with the same column and
// key is the same.
func (b *builder) add(n Node) int {
	key := strconv.Itoa(int(n.Column)) + " " + n.key
	at, found := b.at[key]
	if !found {
		at = len(b.Nodes)
		b.at[key] = at
		n.Notes = slices.DeleteFunc(n.Notes, func(note string) bool { return note == "" })
		b.Nodes = append(b.Nodes, n)
	}
	b.Nodes[at].Chains = withChain(b.Nodes[at].Chains, b.Chains)
	return at
}

// join adds an edge to the present chain.
func (b *builder) join(from, to int) {
	at, found := b.joins[[2]int{from, to}]
	if !found {
		at = len(b.Edges)
		b.joins[[2]int{from, to}] = at
		b.Edges = append(b.Edges, Edge{From: from, To: to, Absent: b.Nodes[to].Absent})
	}
	b.Edges[at].Chains = withChain(b.Edges[at].Chains, b.Chains)
}

func withChain(chains []int, chain int) []int {
	if len(chains) > 0 && chains[len(chains)-1] == chain {
		return chains
	}
	return append(chains, chain)
}

// widest returns how many nodes the longest column has.
func (d *Drawing) widest() int {
	var count [columns]int
	for _, n := range d.Nodes {
		count[n.Column]++
	}
	return slices.Max(count[:])
}
