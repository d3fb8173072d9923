package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// dotColors are the fill and the line of each tone.
var dotColors = map[Tone][2]string{Neutral: {"#f6f8fa", "#57606a"}, Good: {"#e6f4ec", "#1a7f4b"}, Warn: {"#fdf3dc", "#8a5a00"}, Bad: {"#fdeceb", "#b3261e"}}

// dotBorders are the borders of what a plan changes.
var dotBorders = map[string]string{
	"added":   `color="#0b57d0", penwidth=3, fontname="sans-serif bold"`,
	"changed": `color="#0b57d0", penwidth=3, style="filled,dashed", fontname="sans-serif bold"`,
	"removed": `color="#0b57d0", penwidth=3, style="filled,dotted", fontname="sans-serif bold"`,
}

// drawDotLegend writes what the colors and the borders mean.
func (d *Drawing) drawDotLegend(to *strings.Builder) {
	for i, l := range d.legend() {
		attributes := dotBorders[l.kind]
		if isTone(l.kind) {
			color := dotColors[Tone(l.kind)]
			attributes = fmt.Sprintf("fillcolor=\"%s\", color=\"%s\"", color[0], color[1])
		}
		fmt.Fprintf(to, "  legend%d [label=%s, %s]\n", i, dotLines("Legend: "+l.words), attributes)
	}
}

// DOT writes the drawing in the language of Graphviz
// (https://graphviz.org/doc/info/lang.html).
func (d *Drawing) DOT() string {
	var to strings.Builder
	fmt.Fprintf(&to, "digraph mirror {\n  graph [rankdir=LR, newrank=true, label=%s, labelloc=t, fontname=\"sans-serif\", nodesep=0.12, ranksep=0.6, splines=true]\n", dotLines(d.Title, d.sentences()...))
	to.WriteString("  node [shape=box, style=filled, fontname=\"sans-serif\", fontsize=11, fontcolor=\"#1b1f24\"]\n  edge [color=\"#57606a\", arrowsize=0.6]\n")
	for column := range columns {
		d.drawDotColumn(&to, column)
	}
	d.drawDotLegend(&to)
	for _, e := range d.Edges {
		style := ""
		if e.Absent {
			style = " [style=dashed]"
		}
		fmt.Fprintf(&to, "  n%d -> n%d%s\n", e.From, e.To, style)
	}
	to.WriteString("}\n")
	return to.String()
}

// drawDotColumn writes the nodes of a column, with its heading, one below the other.
func (d *Drawing) drawDotColumn(to *strings.Builder, column Column) {
	var names []string
	for i, n := range d.Nodes {
		if n.Column != column {
			continue
		}
		if names == nil {
			fmt.Fprintf(to, "  subgraph cluster_%d {\n    graph [label=%s, peripheries=0, fontcolor=\"#57606a\", fontsize=12]\n", column, dotLines(column.String()))
		}
		names = append(names, fmt.Sprintf("n%d", i))
		n.drawDot(to, i)
	}
	if names != nil {
		fmt.Fprintf(to, "    { rank=same; %s }\n  }\n", strings.Join(names, "; "))
	}
}

func (n Node) drawDot(to *strings.Builder, i int) {
	color, border := dotColors[n.Tone], fmt.Sprintf("color=\"%s\"", dotColors[n.Tone][1])
	if n.Absent {
		border += ", style=\"filled,dashed\""
	}
	if n.Change != Unchanged {
		border = dotBorders[changeKinds[n.Change]]
	}
	lines := slices.Concat(n.Marks, []string{n.Title}, n.Notes)
	fmt.Fprintf(to, "    n%d [label=%s, fillcolor=\"%s\", %s", i, dotLines(lines[0], lines[1:]...), color[0], border)
	if n.More != "" {
		fmt.Fprintf(to, ", tooltip=%s", dotLines(n.More))
	}
	to.WriteString("]\n")
}

// dotLines writes lines as a string of DOT. A backslash and "&" have a meaning in it: the first
// begins an escape, the second an entity of HTML.
func dotLines(first string, more ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`)
	var lines []string
	for _, line := range append([]string{first}, more...) {
		lines = append(lines, escape.Replace(picture.Visible(line)))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
