package diagram

import (
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// kinds are the classes of a node, for its color.
func (n Node) kinds() []string {
	kinds := []string{string(n.Tone), changeKinds[n.Change], ""}
	if n.Absent {
		kinds[2] = "absent"
	}
	return slices.DeleteFunc(kinds, func(s string) bool { return s == "" })
}

// Layers returns the drawing as a picture. lit is how many of its chains light up under the
// pointer.
func (d *Drawing) Layers(id string, lit int) picture.Layers {
	l := picture.Layers{ID: id, Title: d.Title, Description: d.description(), Columns: columnTitles, Fixed: int(ColumnFilter), Lit: lit, Notes: d.Notes}
	for _, n := range d.Nodes {
		b := picture.Box{Column: int(n.Column), Marks: n.Marks, Title: n.Title, Notes: n.Notes, More: n.More, Kinds: joined(" ", n.kinds()...), Href: n.Href, Chains: n.Chains}
		for _, s := range n.Shares {
			b.Shares = append(b.Shares, picture.Share{Kind: string(s.Tone), Count: s.Count})
		}
		l.Boxes = append(l.Boxes, b)
	}
	for _, e := range d.Edges {
		line := picture.Line{From: e.From, To: e.To, Chains: e.Chains}
		if e.Absent {
			line.Kinds = "absent"
		}
		l.Lines = append(l.Lines, line)
	}
	return l
}

// description says what the picture shows.
func (d *Drawing) description() string {
	var count [columns]int
	for _, n := range d.Nodes {
		count[n.Column]++
	}
	text := "From the network interfaces by their sessions and filters to the targets and the appliances, in boxes:"
	for column, n := range count {
		if n > 0 {
			text += " " + Column(column).String() + " " + strconv.Itoa(n) + ","
		}
	}
	return text[:len(text)-1] + "."
}

// SVG writes the drawing as a file of its own.
func (d *Drawing) SVG() string {
	l := d.Layers("diagram", 0)
	l.Summary = d.Summary
	for _, of := range d.legend() {
		l.Legend = append(l.Legend, picture.Sample{Kinds: of.kind, Words: of.words})
	}
	return l.File()
}
