package console

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// The measures of a picture, in its own units.
const (
	boxWidth   = 204
	boxHeight  = 40
	columnStep = 254 // from one column to the next
	rowStep    = 48
	headHeight = 34
	maxTitle   = 26 // characters

	pictureChains = 80 // that light up
)

// layoutNodes returns the top of each node. A chain is a row. A node is beside the middle of its
// chains, but not on another node.
func (d mapDrawing) layoutNodes() (tops []int, height int) {
	tops = make([]int, len(d.nodes))
	for column := range columns {
		var inColumn []int
		for i, n := range d.nodes {
			if n.column == column {
				inColumn = append(inColumn, i)
				tops[i] = headHeight + rowStep*(n.chains[0]+n.chains[len(n.chains)-1])/2
			}
		}
		slices.SortStableFunc(inColumn, func(a, b int) int { return tops[a] - tops[b] })
		for place, i := range inColumn {
			if place > 0 {
				tops[i] = max(tops[i], tops[inColumn[place-1]]+rowStep)
			}
		}
		bottom := headHeight + rowStep*(max(d.chains, len(inColumn))-1)
		for _, i := range slices.Backward(inColumn) {
			tops[i] = min(tops[i], bottom)
			bottom = tops[i] - rowStep
		}
		for _, i := range inColumn {
			height = max(height, tops[i]+rowStep)
		}
	}
	return tops, height
}

// mapPicture draws a drawing. What belongs together lights up under the pointer and the focus: see
// chainStyles.
func mapPicture(r *request, d mapDrawing, title string) g.Node {
	tops, height := d.layoutNodes()
	nodes := []g.Node{
		g.Attr("viewBox", fmt.Sprintf("0 0 %d %d", columnStep*(columns-1)+boxWidth+4, height)), h.Class("map"), h.Role("group"), g.Attr("aria-label", title),
	}
	for column, words := range columnTitles {
		nodes = append(nodes, svgText(columnStep*column+2, 20, "head", words))
	}
	for _, e := range d.edges {
		x := columnStep*d.nodes[e.from].column + boxWidth + 2
		to := columnStep*d.nodes[e.to].column + 2
		from, end := tops[e.from]+boxHeight/2, tops[e.to]+boxHeight/2
		middle := (x + to) / 2
		nodes = append(nodes, g.El("path", h.Class("edge"+chainClasses(e.chains)), g.Attr("d", fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, from, middle, from, middle, end, to, end))))
	}
	for i, n := range d.nodes {
		nodes = append(nodes, n.draw(r, tops[i]))
	}
	return h.Div(h.Class("scroll"), g.El("svg", nodes...))
}

// draw draws a node, as a link if it leads anywhere.
func (n mapNode) draw(r *request, top int) g.Node {
	x := columnStep*n.column + 2
	full, titleTop := n.title, top+boxHeight/2+5
	if n.note != "" {
		full, titleTop = full+", "+n.note, top+16
	}
	content := []g.Node{
		g.El("title", g.Text(full)),
		g.El("rect", number("x", x), number("y", top), number("width", boxWidth), number("height", boxHeight), number("rx", 4)),
		n.draws(x, top),
		svgText(x+10, titleTop, "", shortened(n.title)), svgText(x+10, top+31, "note", shortened(n.note)),
	}
	name := "node" + chainClasses(n.chains)
	if n.state != "" {
		name += " " + n.state
	}
	path := n.path
	switch {
	case n.group != nil:
		path = n.group.openPath(r)
	case path != "":
		path = r.bar.link(path)
	}
	if path == "" {
		return g.El("g", append([]g.Node{h.Class(name)}, content...)...)
	}
	return g.El("g", h.Class(name), g.El("a", append([]g.Node{h.Href(path)}, content...)...))
}

// draws draws how many interfaces of a group have each class, as a bar at the foot of its box.
func (n mapNode) draws(x, top int) g.Node {
	if n.column != columnInterface || n.group == nil {
		return nil
	}
	var parts []g.Node
	done := 0
	for _, c := range inventory.Classes {
		count := n.group.count[c.Class]
		if count == 0 {
			continue
		}
		from, to := boxWidth*done/len(n.group.interfaces), boxWidth*(done+count)/len(n.group.interfaces)
		done += count
		parts = append(parts, g.El("rect", h.Class("share "+string(c.Class)), number("x", x+from), number("y", top+boxHeight-4), number("width", max(to-from, 1)), number("height", 4)))
	}
	return g.Group(parts)
}

func number(name string, n int) g.Node { return g.Attr(name, strconv.Itoa(n)) }

func svgText(x, y int, name, words string) g.Node {
	if words == "" {
		return nil
	}
	return g.El("text", number("x", x), number("y", y), class(name), g.Text(words))
}

// shortened returns the beginning of a long text.
func shortened(text string) string {
	if all := []rune(text); len(all) > maxTitle {
		return string(all[:maxTitle-1]) + "…"
	}
	return text
}

func chainClasses(chains []int) string {
	var text strings.Builder
	for _, chain := range chains {
		text.WriteString(" c" + strconv.Itoa(chain))
	}
	return text.String()
}

// chainStyles are the rules by which the parts of a chain light up together. A style sheet cannot
// say "of the same class", so there is a rule for each chain.
func chainStyles(to io.Writer) error {
	for chain := range pictureChains {
		if _, err := fmt.Fprintf(to, ".map:has(.c%[1]d:hover,.c%[1]d:focus-within) .c%[1]d{opacity:1}\n", chain); err != nil {
			return err
		}
	}
	return nil
}
