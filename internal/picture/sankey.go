package picture

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Sankey is a picture of what flows from column to column. The height of a node and the width
// of a link show their weight.
type Sankey struct {
	ID          string // of the svg element; the ids of its parts begin with it. Letters, digits, "-"
	Title       string
	Description string // what the picture shows, in a sentence or two
	Unit        string // of weights, in the plural: "packets"
	Zero        string // what a node without weight is called, "never hit" if empty
	MaxNodes    int    // of a column; if it has more, those of least weight and all without weight are one; 0: 60
	Columns     []Column
	Links       []Link
}

// Column is a column of nodes, in the order in which they are drawn.
type Column struct {
	Title string
	More  string // what it has, in the plural, for "and 12 more rules"; may be empty
	Nodes []Node
}

// Node is a node of a column. Its weight is that of its links: the larger of what comes in and
// what goes out.
type Node struct {
	Key    string // by which links name it: unique in the picture
	Label  string // is cut if it is too long; the full text is in its title
	Detail string // more words for its title; may be empty
	Kind   Kind
	Href   string // the page of what it shows; may be empty
}

// Kind is how a node and the links into it are drawn.
type Kind string

// The kinds.
const (
	Flow  Kind = ""
	Good  Kind = "good"
	Bad   Kind = "bad"
	Other Kind = "other"
)

// Link is what flows from a node to a node of a later column. Links without weight are not drawn.
type Link struct {
	From, To string // keys of nodes
	Weight   int64
}

// maxNodes is how many nodes a column has if the picture does not say it.
const maxNodes = 60

// SVG draws the picture. An error says what is wrong with the nodes and links.
func (s Sankey) SVG() (string, error) {
	g, err := s.group()
	if err != nil {
		return "", err
	}
	l := newLayout(g)
	var to svg
	to.open("group", "picture sankey", g.ID, g.Title, g.Description, l.width, l.height)
	for i, c := range g.Columns {
		to.text("head", l.x(i), headHeight-14, cut(c.Title, columnWidth-8))
	}
	for i := range l.links {
		l.drawLink(&to, i)
	}
	for i := range l.nodes {
		l.drawNode(&to, i)
	}
	to.WriteString("</svg>")
	return to.String(), nil
}

// Table returns the links in words, and the nodes without weight. It has all nodes, also those
// that the picture groups.
func (s Sankey) Table() Table {
	t := Table{Caption: s.Title, Head: []string{"From", "To", s.unit()}}
	labels, weighs := map[string]string{}, map[string]bool{}
	for _, c := range s.Columns {
		for _, n := range c.Nodes {
			labels[n.Key] = n.Label
		}
	}
	for _, l := range s.Links {
		if l.Weight > 0 {
			weighs[l.From], weighs[l.To] = true, true
			t.Rows = append(t.Rows, []string{labels[l.From], labels[l.To], wording.Grouped(l.Weight)})
		}
	}
	for _, c := range s.Columns {
		for _, n := range c.Nodes {
			if !weighs[n.Key] {
				t.Rows = append(t.Rows, []string{n.Label, s.zero(), "0"})
			}
		}
	}
	return t
}

func (s Sankey) zero() string {
	if s.Zero == "" {
		return "never hit"
	}
	return s.Zero
}

func (s Sankey) unit() string {
	if s.Unit == "" {
		return "packets"
	}
	return s.Unit
}

// place is where a node is: column and index.
type place struct{ column, index int }

// check finds the nodes of the links.
func (s Sankey) check() (map[string]place, error) {
	places := map[string]place{}
	for i, c := range s.Columns {
		for j, n := range c.Nodes {
			if _, twice := places[n.Key]; twice {
				return nil, fmt.Errorf("two nodes have the key %q", n.Key)
			}
			places[n.Key] = place{i, j}
		}
	}
	for _, l := range s.Links {
		from, hasFrom := places[l.From]
		to, hasTo := places[l.To]
		switch {
		case !hasFrom || !hasTo:
			return nil, fmt.Errorf("there is a link from %q to %q, and one of them is no node", l.From, l.To)
		case from.column >= to.column:
			return nil, fmt.Errorf("the link from %q to %q does not go to a later column", l.From, l.To)
		case l.Weight < 0:
			return nil, fmt.Errorf("the link from %q to %q has the weight %d", l.From, l.To, l.Weight)
		}
	}
	return places, nil
}

// weights returns the weight of each node by its key.
func (s Sankey) weights() map[string]int64 {
	in, out := map[string]int64{}, map[string]int64{}
	for _, l := range s.Links {
		out[l.From] += l.Weight
		in[l.To] += l.Weight
	}
	for key, w := range out {
		in[key] = max(in[key], w)
	}
	return in
}

// titleOf is the full text of a node.
func (s Sankey) titleOf(n Node, weight int64) string {
	parts := []string{n.Label}
	if weight > 0 {
		parts = append(parts, counted(weight, s.unit()))
	} else {
		parts = append(parts, s.zero())
	}
	if n.Detail != "" {
		parts = append(parts, n.Detail)
	}
	return strings.Join(parts, ": ")
}
