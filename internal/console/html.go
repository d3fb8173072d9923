package console

import (
	"errors"
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// words returns texts and nodes as nodes: a text is shown as it is.
func words(all ...any) []g.Node {
	nodes := make([]g.Node, 0, len(all))
	for _, w := range all {
		switch w := w.(type) {
		case nil:
		case g.Node:
			nodes = append(nodes, w)
		case []g.Node:
			nodes = append(nodes, w...)
		default:
			nodes = append(nodes, g.Text(fmt.Sprint(w)))
		}
	}
	return nodes
}

// para is a paragraph.
func para(all ...any) g.Node { return h.P(words(all...)...) }

// code is a text as a program writes it.
func code(text string) g.Node { return h.Code(g.Text(text)) }

// anchor is a link.
func anchor(path string, all ...any) g.Node {
	return h.A(append([]g.Node{h.Href(path)}, words(all...)...)...)
}

// badge is a word with a color. The color says nothing that the word does not.
func badge(class, text string) g.Node { return h.Span(h.Class("badge "+class), g.Text(text)) }

// part is a section of a page with a heading.
func part(id, heading string, content ...g.Node) g.Node {
	return h.Section(append([]g.Node{g.Attr("aria-labelledby", id), h.H2(h.ID(id), g.Text(heading))}, content...)...)
}

// A column is one of a table.
type column struct {
	heading string
	class   string // of its cells; "number": right aligned
}

// table is a table with a caption. A row has a cell for each column. The first cell of a row is
// its heading.
func table(caption string, columns []column, rows [][]g.Node) g.Node {
	if len(rows) == 0 {
		return para("There is nothing to show.")
	}
	var heads, body []g.Node
	for _, c := range columns {
		heads = append(heads, h.Th(h.Scope("col"), class(c.class), g.Text(c.heading)))
	}
	for _, row := range rows {
		cells := make([]g.Node, len(row))
		for i, cell := range row {
			if i == 0 {
				cells[i] = h.Th(h.Scope("row"), class(columns[i].class), cell)
				continue
			}
			cells[i] = h.Td(class(columns[i].class), cell)
		}
		body = append(body, h.Tr(cells...))
	}
	// A table that is wider than the window scrolls, also by the keyboard.
	return h.Div(h.Class("scroll"), h.Role("region"), g.Attr("aria-label", caption), h.TabIndex("0"),
		h.Table(h.Caption(g.Text(caption)), h.THead(h.Tr(heads...)), h.TBody(body...)))
}

func class(name string) g.Node {
	if name == "" {
		return nil
	}
	return h.Class(name)
}

// A fact is a line of a list of facts.
type fact struct {
	name  string
	value g.Node
}

// facts is a list of facts. A fact without a value is left out.
func facts(all ...fact) g.Node {
	var lines []g.Node
	for _, f := range all {
		if f.value != nil {
			lines = append(lines, h.Div(h.Dt(g.Text(f.name)), h.Dd(f.value)))
		}
	}
	return h.Dl(append([]g.Node{h.Class("facts")}, lines...)...)
}

// text is a text, or nil for an empty one.
func text(text string) g.Node {
	if text == "" {
		return nil
	}
	return g.Text(text)
}

// list is a list of lines.
func list(lines ...[]g.Node) g.Node {
	items := make([]g.Node, len(lines))
	for i, l := range lines {
		items[i] = h.Li(l...)
	}
	return h.Ul(items...)
}

// size returns a number of bytes in words.
func size(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// sentence ends a text with a full stop, and begins it with a capital letter.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, ")") && strings.Contains(text, ". ") {
		return text
	}
	return text + "."
}

// asError is errors.As.
func asError[T error](err error, as *T) bool { return err != nil && errors.As(err, as) }
