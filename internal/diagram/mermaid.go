package diagram

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// The limits of Mermaid, which GitHub does not raise
// (https://mermaid.js.org/config/schema-docs/config.html).
const (
	MermaidEdges = 500
	mermaidText  = 50000
)

// mermaidClasses are the colors. They have dark text, so that they can be read on a dark page.
var mermaidClasses = []struct{ name, style string }{
	{"plain", "fill:#f6f8fa,stroke:#57606a,color:#1b1f24"},
	{string(Good), "fill:#e6f4ec,stroke:#1a7f4b,color:#1b1f24"},
	{string(Warn), "fill:#fdf3dc,stroke:#8a5a00,color:#1b1f24"},
	{string(Bad), "fill:#fdeceb,stroke:#b3261e,color:#1b1f24"},
	{"absent", "stroke-dasharray:4 3"},
	{"added", "stroke:#0b57d0,stroke-width:4px"},
	{"changed", "stroke:#0b57d0,stroke-width:4px,stroke-dasharray:9 4"},
	{"removed", "stroke:#0b57d0,stroke-width:4px,stroke-dasharray:2 4"},
}

// Mermaid writes the drawing as a flowchart of Mermaid. It is an error if Mermaid would refuse to
// draw it.
func (d *Drawing) Mermaid() (string, error) {
	if len(d.Edges) > MermaidEdges {
		return "", fmt.Errorf("the diagram has %d lines, and Mermaid draws at most %d", len(d.Edges), MermaidEdges)
	}
	var to strings.Builder
	fmt.Fprintf(&to, "flowchart LR\n  accTitle: %s\n", plainLine(d.Title))
	for i, n := range d.Nodes {
		words := slices.Concat(n.Marks, []string{n.heading()}, n.Notes)
		for k, w := range words {
			if words[k] = mermaidWords(w); k < len(n.Marks) {
				words[k] = "<b>" + words[k] + "</b>"
			}
		}
		fmt.Fprintf(&to, "  n%d[\"%s\"]\n", i, strings.Join(words, "<br/>"))
	}
	for _, e := range d.Edges {
		arrow := "-->"
		if e.Absent {
			arrow = "-.->"
		}
		fmt.Fprintf(&to, "  n%d %s n%d\n", e.From, arrow, e.To)
	}
	for i, l := range d.legend() {
		fmt.Fprintf(&to, "  legend%d[\"Legend: %s\"]\n", i, mermaidWords(l.words))
	}
	for i, note := range d.sentences() {
		fmt.Fprintf(&to, "  note%d[\"%s\"]\n", i, mermaidWords(note))
	}
	d.drawMermaidClasses(&to)
	if to.Len() > mermaidText {
		return "", fmt.Errorf("the diagram has %d bytes of text, and Mermaid draws at most %d", to.Len(), mermaidText)
	}
	return to.String(), nil
}

// heading is the title with what the node is, unless the title says it.
func (n Node) heading() string {
	column := n.Column.String()
	if strings.Contains(strings.ToLower(n.Title), strings.ToLower(column)) {
		return n.Title
	}
	return column + ": " + n.Title
}

// drawMermaidClasses writes the colors that are used, and which node has which.
func (d *Drawing) drawMermaidClasses(to *strings.Builder) {
	of := map[string][]string{}
	for i, n := range d.Nodes {
		kinds := n.kinds()
		if n.Tone == Neutral {
			kinds = append(kinds, "plain")
		}
		for _, kind := range kinds {
			of[kind] = append(of[kind], "n"+strconv.Itoa(i))
		}
	}
	for i, l := range d.legend() {
		of[l.kind] = append(of[l.kind], "legend"+strconv.Itoa(i))
		if !isTone(l.kind) {
			of["plain"] = append(of["plain"], "legend"+strconv.Itoa(i))
		}
	}
	for i := range d.sentences() {
		of["plain"] = append(of["plain"], "note"+strconv.Itoa(i))
	}
	for _, c := range mermaidClasses {
		if of[c.name] != nil {
			fmt.Fprintf(to, "  classDef %s %s\n  class %s %s\n", c.name, c.style, strings.Join(of[c.name], ","), c.name)
		}
	}
}

// mermaidWords writes a text inside of double quotes. What could be read as Mermaid, Markdown or
// HTML is written as #NUMBER;.
// (https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters).
func mermaidWords(text string) string {
	var b strings.Builder
	for _, r := range picture.Visible(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,:/()+=@_-", r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "#%d;", r)
	}
	return b.String()
}

// plainLine keeps of a text what no syntax gives a meaning to.
func plainLine(text string) string {
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,/()-:_+=@", r) {
			return r
		}
		return ' '
	}
	return strings.Join(strings.Fields(strings.Map(keep, text)), " ")
}
