package picture

import (
	_ "embed" // for the style sheet
	"fmt"
	"slices"
	"strings"
)

// LayersStyle is the style sheet of Layers. A page sets the custom properties of its colors for
// light and dark, or leaves them unset:
//
//	--layers-ink, --layers-muted      text
//	--layers-surface, --layers-box    the page and the boxes
//	--layers-accent                   the box under the pointer
//	--layers-good, --layers-warn, --layers-bad, and each with -ground
//
//go:embed layers.css
var LayersStyle string

// SVG draws the picture, for a page that has the style sheet.
func (l Layers) SVG() string {
	o := l.layering()
	var to svg
	l.open(&to, o, 0)
	l.draw(&to, o)
	to.WriteString("</svg>")
	return to.String()
}

// open writes the head of the picture, with space for more.
func (l Layers) open(to *svg, o layering, more float64) {
	class := fmt.Sprintf("layers columns-%d", len(o.columns))
	if l.Lit > 0 {
		class += " lit"
	}
	to.open("group", class, l.ID, l.Title, l.Description, o.width, o.height+noteLine*float64(len(o.notes))+margin+more)
}

func (l Layers) draw(to *svg, o layering) {
	for i, words := range o.columns {
		to.text("head", margin+columnStep*float64(i), 20, words)
	}
	for _, line := range o.lines {
		l.drawLine(to, o, line)
	}
	for _, n := range o.nodes {
		if n.box >= 0 {
			l.drawBox(to, n)
		}
	}
	for i, note := range o.notes {
		to.text("note", margin, o.height+noteLine*float64(i+1), note)
	}
}

// drawLine draws a line from the right side of its first box to the left side of its last one, by
// the bends between them.
func (l Layers) drawLine(to *svg, o layering, line layeredLine) {
	var path strings.Builder
	for i, at := range line.path {
		n := o.nodes[at]
		left := margin + columnStep*float64(n.column)
		y := number(n.center)
		if i > 0 {
			middle := number(left - (columnStep-boxWidth)/2)
			fmt.Fprintf(&path, "C%s %s %s %s %s %s", middle, number(o.nodes[line.path[i-1]].center), middle, y, number(left), y)
		}
		switch {
		case i == 0:
			fmt.Fprintf(&path, "M%s %s", number(left+boxWidth), y)
		case n.box < 0:
			fmt.Fprintf(&path, "H%s", number(left+boxWidth))
		}
	}
	of := l.Lines[line.line]
	fmt.Fprintf(to, `<path class="%s" d="%s"/>`, Escape(strings.TrimSpace("edge "+of.Kinds)+l.lit(of.Chains)), path.String())
}

// drawBox draws a box, as a link if it leads anywhere.
func (l Layers) drawBox(to *svg, n layered) {
	b := l.Boxes[n.box]
	x, top := margin+columnStep*float64(n.column), n.center-n.height/2
	fmt.Fprintf(to, `<g class="%s">`, Escape(strings.TrimSpace("node "+b.Kinds)+l.lit(b.Chains)))
	if b.Href != "" {
		fmt.Fprintf(to, `<a href="%s">`, Escape(b.Href))
	}
	words := slices.DeleteFunc(slices.Concat(b.Marks, []string{b.Title}, b.Notes, []string{b.More}), func(s string) bool { return s == "" })
	fmt.Fprintf(to, `<title>%s</title><rect class="box" x="%s" y="%s" width="%s" height="%s" rx="4"/>`,
		Escape(strings.Join(words, ", ")), number(x), number(top), number(boxWidth), number(n.height))
	b.drawShares(to, x, top+n.height)
	if len(n.marks) > 0 {
		drawBand(to, x, top, n.height)
	}
	if len(n.left) > 0 {
		fmt.Fprintf(to, `<path class="tip" d="M%s %sl-8 -4v8z"/>`, number(x), number(n.center))
	}
	y := top + titleLine
	for _, mark := range n.marks {
		to.text("mark", x+boxPadding, y-1, mark)
		y += titleLine
	}
	if len(n.notes) == 0 && len(n.titles) == 1 {
		y += titleLine / 2
	}
	for _, title := range n.titles {
		to.text("", x+boxPadding, y-1, title)
		y += titleLine
	}
	y -= titleLine
	for _, note := range n.notes {
		y += noteLine
		to.text("note", x+boxPadding, y, note)
	}
	if b.Href != "" {
		to.WriteString("</a>")
	}
	to.WriteString("</g>")
}

// drawBand draws the band at the left side of a box with marks.
func drawBand(to *svg, x, top, height float64) {
	fmt.Fprintf(to, `<path class="band" d="M%s %sv%s"/>`, number(x+3), number(top), number(height))
}

// drawShares draws how much each share is, as a bar at the foot of the box.
func (b Box) drawShares(to *svg, x, bottom float64) {
	all, done := 0, 0
	for _, s := range b.Shares {
		all += s.Count
	}
	for _, s := range b.Shares {
		from := boxWidth * float64(done) / float64(all)
		done += s.Count
		width := max(1, boxWidth*float64(done)/float64(all)-from)
		fmt.Fprintf(to, `<rect class="share %s" x="%s" y="%s" width="%s" height="4"/>`, Escape(s.Kind), number(x+from), number(bottom-4), number(width))
	}
}
