package picture

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Lengths in pixels.
const (
	columnWidth = 200.0
	barWidth    = 10.0
	headHeight  = 34.0
	lineHeight  = 17.0  // of a label
	nodeGap     = 5.0   // between nodes
	fullHeight  = 320.0 // of the weight of the heaviest column
	leastLink   = 1.0
	leastBar    = 4.0
	margin      = 8.0
)

// layout is where the nodes and the links of a picture are.
type layout struct {
	picture       Sankey
	scale         float64 // pixels for each unit of weight
	width, height float64
	nodes         []box // by column, from above
	links         []ribbon
	columns       []int // index of the first box of each column, and the number of boxes
}

// box is a node, or a lane: a place in a column through which a link passes.
type box struct {
	node    *Node // nil: a lane
	column  int
	weight  int64
	in, out float64 // sums of the widths of links
	y       float64
	ribbons []int // links of the node
}

// ribbon is a link and the boxes through which it goes, from column to column.
type ribbon struct {
	Link
	kind   Kind
	width  float64
	path   []int     // boxes
	starts []float64 // y of the upper edge where it leaves each box but the last
	ends   []float64 // and where it reaches the next one
}

func newLayout(s Sankey) *layout {
	l := &layout{picture: s}
	places, _ := s.check()
	weights := s.weights()
	l.chooseScale(places)
	l.addBoxes(places, weights)
	l.place()
	l.addStarts()
	return l
}

// x is the left edge of a column.
func (l *layout) x(column int) float64 { return margin + float64(column)*columnWidth }

// chooseScale makes the heaviest column fullHeight high.
func (l *layout) chooseScale(places map[string]place) {
	through := make([]int64, len(l.picture.Columns)+1) // weight between a column and the next
	for _, link := range l.picture.Links {
		for c := places[link.From].column; c < places[link.To].column; c++ {
			through[c] += link.Weight
		}
	}
	l.scale = fullHeight / float64(max(1, slices.Max(through)))
}

// addBoxes makes a box of each node, and the lanes of each link.
func (l *layout) addBoxes(places map[string]place, weights map[string]int64) {
	lanes := make([][]int, len(l.picture.Columns)) // links that pass a column
	for _, link := range l.picture.Links {
		if link.Weight == 0 {
			continue
		}
		from, to := places[link.From], places[link.To]
		for c := from.column + 1; c < to.column; c++ {
			lanes[c] = append(lanes[c], len(l.links))
		}
		kind := l.picture.Columns[to.column].Nodes[to.index].Kind
		l.links = append(l.links, ribbon{Link: link, kind: kind, width: max(leastLink, float64(link.Weight)*l.scale)})
	}
	boxes, lane := map[string]int{}, map[place]int{} // lane: by column and link
	for c, column := range l.picture.Columns {
		l.columns = append(l.columns, len(l.nodes))
		for i := range column.Nodes {
			n := &column.Nodes[i]
			boxes[n.Key] = len(l.nodes)
			l.nodes = append(l.nodes, box{node: n, column: c, weight: weights[n.Key]})
		}
		for _, link := range lanes[c] {
			lane[place{c, link}] = len(l.nodes)
			l.nodes = append(l.nodes, box{column: c, weight: l.links[link].Weight})
		}
	}
	l.columns = append(l.columns, len(l.nodes))
	for i := range l.links {
		r := &l.links[i]
		r.path = append(r.path, boxes[r.From])
		for c := places[r.From].column + 1; c < places[r.To].column; c++ {
			r.path = append(r.path, lane[place{c, i}])
		}
		r.path = append(r.path, boxes[r.To])
		l.addWidths(i)
	}
}

func (l *layout) addWidths(link int) {
	r := &l.links[link]
	for i, b := range r.path {
		if i > 0 {
			l.nodes[b].in += r.width
		}
		if i < len(r.path)-1 {
			l.nodes[b].out += r.width
		}
	}
	for _, b := range []int{r.path[0], r.path[len(r.path)-1]} {
		l.nodes[b].ribbons = append(l.nodes[b].ribbons, link)
	}
}

// bar is the height of the bar of a box.
func (b *box) bar() float64 { return max(leastBar, b.in, b.out) }

// slot is the height of a box with its label.
func (b *box) slot() float64 {
	if b.node == nil {
		return b.bar() + nodeGap
	}
	return max(lineHeight, b.bar()) + nodeGap
}

// place puts the boxes of each column one below the other, in the middle of the picture.
func (l *layout) place() {
	heights := make([]float64, len(l.picture.Columns))
	for _, b := range l.nodes {
		heights[b.column] += b.slot()
	}
	highest := lineHeight
	for _, h := range heights {
		highest = max(highest, h)
	}
	l.width = 2*margin + columnWidth*float64(max(1, len(heights)))
	l.height = headHeight + highest + margin
	for c := range heights {
		y := headHeight + (highest-heights[c])/2
		for i := l.columns[c]; i < l.columns[c+1]; i++ {
			l.nodes[i].y = y
			y += l.nodes[i].slot()
		}
	}
}

// addStarts finds where links leave and reach boxes: in the order of the boxes at their other
// ends, so that few links cross.
func (l *layout) addStarts() {
	type end struct{ link, step, other int }
	leaving, reaching := make([][]end, len(l.nodes)), make([][]end, len(l.nodes))
	for i := range l.links {
		r := &l.links[i]
		r.starts, r.ends = make([]float64, len(r.path)-1), make([]float64, len(r.path)-1)
		for step := range r.starts {
			from, to := r.path[step], r.path[step+1]
			leaving[from] = append(leaving[from], end{i, step, to})
			reaching[to] = append(reaching[to], end{i, step, from})
		}
	}
	byOther := func(a, b end) int { return cmp.Compare(a.other, b.other) }
	for i := range l.nodes {
		slices.SortStableFunc(leaving[i], byOther)
		slices.SortStableFunc(reaching[i], byOther)
		y := l.nodes[i].y
		for _, e := range leaving[i] {
			l.links[e.link].starts[e.step] = y
			y += l.links[e.link].width
		}
		y = l.nodes[i].y
		for _, e := range reaching[i] {
			l.links[e.link].ends[e.step] = y
			y += l.links[e.link].width
		}
	}
}

func (l *layout) linkID(i int) string { return fmt.Sprintf("%s-l%d", l.picture.ID, i) }

// drawLink draws a band from column to column.
func (l *layout) drawLink(to *svg, i int) {
	r := &l.links[i]
	from, end := l.nodes[r.path[0]].node, l.nodes[r.path[len(r.path)-1]].node
	fmt.Fprintf(to, `<path class="link%s" id="%s" d="`, class(r.kind), Escape(l.linkID(i)))
	for step := range r.starts {
		x0 := l.x(l.nodes[r.path[step]].column) + barWidth
		if step > 0 {
			x0 -= barWidth
		}
		x1 := l.x(l.nodes[r.path[step+1]].column)
		middle := number((x0 + x1) / 2)
		y0, y1, y2, y3 := r.starts[step], r.ends[step], r.ends[step]+r.width, r.starts[step]+r.width
		fmt.Fprintf(to, "M%s %sC%s %s %s %s %s %sV%sC%s %s %s %s %s %sZ", number(x0), number(y0), middle, number(y0), middle, number(y1), number(x1), number(y1),
			number(y2), middle, number(y2), middle, number(y3), number(x0), number(y3))
	}
	fmt.Fprintf(to, `"><title>%s</title></path>`, Escape(from.Label+" > "+end.Label+": "+counted(r.Weight, l.picture.unit())))
}

// drawNode draws a bar and its label, and the links of the node once more: they are visible only
// while the node is hovered or has the focus.
func (l *layout) drawNode(to *svg, i int) {
	b := &l.nodes[i]
	if b.node == nil {
		return
	}
	kind := class(b.node.Kind)
	if b.weight == 0 {
		kind += " zero"
	}
	title := Escape(l.picture.titleOf(*b.node, b.weight))
	if b.node.Href != "" {
		fmt.Fprintf(to, `<a class="node%s" href="%s" aria-label="%s"><title>%s</title>`, kind, Escape(b.node.Href), title, title)
	} else {
		fmt.Fprintf(to, `<g class="node%s" role="img" tabindex="0" aria-label="%s"><title>%s</title>`, kind, title, title)
	}
	for _, link := range b.ribbons {
		fmt.Fprintf(to, `<use href="#%s"/>`, Escape(l.linkID(link)))
	}
	x := l.x(b.column)
	fmt.Fprintf(to, `<rect class="bar" x="%s" y="%s" width="%s" height="%s"/>`, number(x), number(b.y), number(barWidth), number(b.bar()))
	l.drawLabel(to, b, x+barWidth+5, b.y+min(b.bar(), 2*lineHeight)/2+4)
	if b.node.Href != "" {
		to.WriteString("</a>")
	} else {
		to.WriteString("</g>")
	}
}

// drawLabel writes the label, and the weight behind it.
func (l *layout) drawLabel(to *svg, b *box, x, y float64) {
	count := wording.Grouped(b.weight)
	if b.weight == 0 {
		count = l.picture.zero()
	}
	space := columnWidth - barWidth - 5 - nodeGap - narrow*float64(len(count)+1)
	fmt.Fprintf(to, `<text x="%s" y="%s">%s <tspan class="count">%s</tspan></text>`, number(x), number(y), Escape(cut(b.node.Label, space)), Escape(count))
}

func class(k Kind) string {
	if k == Flow {
		return ""
	}
	return " " + string(k)
}
