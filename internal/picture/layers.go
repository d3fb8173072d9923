package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Layers is a picture of boxes in columns, and of lines from boxes to those of later columns.
type Layers struct {
	ID          string // of the svg element; the ids of its parts begin with it. Letters, digits, "-"
	Title       string
	Description string   // what the picture shows, in a sentence or two
	Columns     []string // their headings; a column without a box is left out
	Boxes       []Box
	Lines       []Line
	Fixed       int      // so many columns keep the order of Boxes; the boxes of the others are moved so that lines cross less
	Lit         int      // the chains below this number light up together, with the rules of LitStyle
	Notes       []string // sentences below the picture
	Summary     string   // a line below the title, in a file
	Legend      []Sample // what kinds mean, in a file
}

// Sample says what a kind of boxes means.
type Sample struct{ Kinds, Words string }

// Box is a box of a column. A chain is what belongs together from the first column to the last:
// each has a row of its own.
type Box struct {
	Column int
	Marks  []string // lines before the title, of more importance
	Title  string
	Notes  []string // lines of less importance
	More   string   // words that only the title of the box has
	Kinds  string   // classes for its color, which says nothing that the words do not
	Href   string   // the page of what it shows; may be empty
	Shares []Share  // a bar at its foot; nil: none
	Chains []int    // in ascending order; nil: it has no row, and comes last
}

// Share is a part of what a box shows.
type Share struct {
	Kind  string
	Count int
}

// Line joins two boxes.
type Line struct {
	From, To int // indexes of boxes
	Kinds    string
	Chains   []int
}

// Lengths in pixels.
const (
	boxWidth   = 204.0
	columnStep = 250.0 // from one column to the next
	boxPadding = 10.0
	boxGap     = 8.0
	titleLine  = 17.0
	noteLine   = 15.0
	bendHeight = 4.0 // of a place where a line passes a column

	mostTitles = 5 // lines of a title
	mostNotes  = 6 // lines of each note
)

// a layered is a box, or a place where a line passes a column, on its way to the paper.
type layered struct {
	box    int // its index; -1: it is a bend
	column int // of those that are drawn
	marks  []string
	titles []string
	notes  []string
	height float64
	center float64
	chains []int
	left   []int // indexes of what is joined to it from the left
	right  []int
}

// a layeredLine is a line with the places that it passes.
type layeredLine struct {
	line int
	path []int // indexes of layered
}

// a layering is a picture of layers with the place of everything in it.
type layering struct {
	nodes   []layered
	lines   []layeredLine
	columns []string
	notes   []string
	width   float64
	height  float64
}

func (l Layers) layering() layering {
	var o layering
	at := make([]int, len(l.Columns)) // columns without a box are left out
	for i, title := range l.Columns {
		at[i] = len(o.columns)
		if slices.ContainsFunc(l.Boxes, func(b Box) bool { return b.Column == i }) {
			o.columns = append(o.columns, title)
		}
	}
	for i, b := range l.Boxes {
		n := layered{box: i, column: at[b.Column], titles: wrapped(b.Title, boxWidth-2*boxPadding, mostTitles), chains: b.Chains}
		for _, mark := range b.Marks {
			n.marks = append(n.marks, wrapped(mark, boxWidth-2*boxPadding, mostTitles)...)
		}
		for _, note := range b.Notes {
			n.notes = append(n.notes, wrapped(note, boxWidth-boxPadding, mostNotes)...)
		}
		n.height = max(2, float64(len(n.titles)))*titleLine + float64(len(n.notes))*noteLine + 8
		if len(n.notes) > 0 {
			n.height -= max(0, 2-float64(len(n.titles))) * titleLine
		}
		n.height += float64(len(n.marks)) * titleLine
		if b.Shares != nil {
			n.height += 5
		}
		o.nodes = append(o.nodes, n)
	}
	for i, line := range l.Lines {
		o.join(i, line)
	}
	order := o.order(min(l.Fixed, len(o.columns)))
	o.place(order)
	o.width = columnStep*float64(max(0, len(o.columns)-1)) + boxWidth + 2*margin
	for _, note := range l.Notes {
		o.notes = append(o.notes, wrapped(note, o.width-2*margin, mostNotes)...)
	}
	return o
}

// join adds a line, with a bend in each column that it passes.
func (o *layering) join(index int, line Line) {
	path := []int{line.From}
	for column := o.nodes[line.From].column + 1; column < o.nodes[line.To].column; column++ {
		path = append(path, len(o.nodes))
		o.nodes = append(o.nodes, layered{box: -1, column: column, height: bendHeight, chains: line.Chains})
	}
	path = append(path, line.To)
	for i := range path[1:] {
		o.nodes[path[i]].right = append(o.nodes[path[i]].right, path[i+1])
		o.nodes[path[i+1]].left = append(o.nodes[path[i+1]].left, path[i])
	}
	o.lines = append(o.lines, layeredLine{index, path})
}

// place gives each node its center. A node is beside the middle of what is joined to it, but not
// on another node.
func (o *layering) place(order [][]int) {
	rows := o.rows()
	for column, nodes := range order {
		for _, i := range nodes {
			o.nodes[i].center = o.wish(i, column, rows)
		}
		o.spread(nodes)
		for _, i := range nodes {
			o.height = max(o.height, o.nodes[i].center+o.nodes[i].height/2+boxGap)
		}
	}
	o.height = max(o.height, headHeight)
}

// rows returns the center of the row of each chain.
func (o *layering) rows() []float64 {
	var heights []float64
	for _, n := range o.nodes {
		for _, chain := range n.chains {
			for len(heights) <= chain {
				heights = append(heights, 0)
			}
			heights[chain] = max(heights[chain], (n.height+boxGap)/float64(len(n.chains)))
		}
	}
	top := headHeight + 0.0
	for i, height := range heights {
		heights[i] = top + height/2
		top += height
	}
	return heights
}

// wish is where a node would be if it were alone in its column.
func (o *layering) wish(i, column int, rows []float64) float64 {
	n := o.nodes[i]
	sum := 0.0
	for _, left := range n.left {
		sum += o.nodes[left].center
	}
	switch {
	case column > 1 && len(n.left) > 0:
		return sum / float64(len(n.left))
	case len(n.chains) > 0:
		return (rows[n.chains[0]] + rows[n.chains[len(n.chains)-1]]) / 2
	}
	return last
}

// last is the place of a node that comes behind all others.
const last = 1e9

// spread moves the nodes of a column, which are in their order, as little as possible so that none
// is on another one: the sum of the squares of the distances is least.
func (o *layering) spread(nodes []int) {
	type block struct {
		sum   float64
		count int
	}
	var blocks []block
	offset := 0.0
	offsets := make([]float64, len(nodes))
	for i, at := range nodes {
		if i > 0 {
			offset += (o.nodes[nodes[i-1]].height+o.nodes[at].height)/2 + boxGap
		}
		offsets[i] = offset
		wish := o.nodes[at].center - offset
		if o.nodes[at].center == last { // directly behind the one before it
			wish = 0
			if n := len(blocks); n > 0 {
				wish = blocks[n-1].sum / float64(blocks[n-1].count)
			}
		}
		blocks = append(blocks, block{wish, 1})
		for n := len(blocks); n > 1 && blocks[n-2].sum/float64(blocks[n-2].count) >= blocks[n-1].sum/float64(blocks[n-1].count); n-- {
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].count += blocks[n-1].count
			blocks = blocks[:n-1]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.count {
			n := &o.nodes[nodes[i]]
			n.center = max(b.sum/float64(b.count), headHeight+o.nodes[nodes[0]].height/2) + offsets[i]
			i++
		}
	}
}

// wrapped returns a text in lines of a width in pixels, of which the last one is cut. A line ends
// behind a space if that is in its second half, or else behind a mark, if there is one.
func wrapped(text string, width float64, most int) []string {
	var lines []string
	text = strings.TrimSpace(text)
	for text != "" {
		used, fits, space, end := 0.0, 0, 0, len(text)
		for i, r := range text {
			if used += widthOf(r); used > width {
				if end = cmp.Or(fits, i); space > end/2 {
					end = space
				}
				break
			}
			if r == ' ' {
				space = i + 1
			}
			if strings.ContainsRune(" ./,_", r) {
				fits = i + 1
			}
		}
		if len(lines) == most-1 {
			return append(lines, cut(text, width))
		}
		lines = append(lines, strings.TrimSpace(text[:end]))
		text = strings.TrimSpace(text[end:])
	}
	return lines
}

// LitStyle has the rules by which the parts of a chain light up together, for Layers with that
// many in Lit. A style sheet cannot say "of the same class", so there is a rule for each chain.
func LitStyle(lit int) string {
	var rules strings.Builder
	for chain := range lit {
		fmt.Fprintf(&rules, ".layers.lit:has(.c%[1]d:hover,.c%[1]d:focus-within) .c%[1]d{opacity:1}\n", chain)
	}
	return rules.String()
}

func (l Layers) lit(chains []int) string {
	var text strings.Builder
	for _, chain := range chains {
		if chain < l.Lit {
			text.WriteString(" c" + strconv.Itoa(chain))
		}
	}
	return text.String()
}
