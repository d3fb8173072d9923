package report

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// table is a table of the page. A head that begins with ">" is that of a column of numbers. The
// first column has the heads of the rows.
type table struct {
	caption string
	heads   []string
	rows    [][]g.Node
}

func (t *table) add(cells ...g.Node) { t.rows = append(t.rows, cells) }

// node returns the table, or nothing if it has no rows. A wide table scrolls by itself.
func (t *table) node() g.Node {
	if len(t.rows) == 0 {
		return nil
	}
	return scroll(t.caption, h.Table(h.Caption(g.Text(t.caption)), h.THead(h.Tr(g.Map(t.heads, headCell))), h.TBody(g.Map(t.rows, t.row))))
}

// scroll is a part of the page that the keyboard can scroll.
func scroll(label string, content g.Node) g.Node {
	return h.Div(h.Class("scroll"), h.Role("region"), g.Attr("aria-label", label), h.TabIndex("0"), content)
}

func headCell(head string) g.Node {
	text, isNumber := strings.CutPrefix(head, ">")
	return h.Th(h.Scope("col"), g.If(isNumber, h.Class("n")), g.Text(text))
}

func (t *table) row(cells []g.Node) g.Node {
	all := make([]g.Node, len(cells))
	for i, c := range cells {
		class := g.If(strings.HasPrefix(t.heads[i], ">"), h.Class("n"))
		if i == 0 {
			all[i] = h.Th(h.Scope("row"), class, c)
		} else {
			all[i] = h.Td(class, c)
		}
	}
	return h.Tr(all...)
}

// dataTable shows the data of a picture, closed until it is asked for.
func dataTable(t picture.Table) g.Node {
	shown := table{caption: t.Caption, heads: t.Head}
	shown.heads[len(shown.heads)-1] = ">" + shown.heads[len(shown.heads)-1]
	for _, row := range t.Rows {
		var cells []g.Node
		for _, c := range row {
			cells = append(cells, g.Text(c))
		}
		shown.rows = append(shown.rows, cells)
	}
	if len(shown.rows) == 0 {
		return nil
	}
	return h.Details(h.Summary(g.Text("The same as a table")), shown.node())
}

func number(n int64) g.Node { return g.Text(wording.Grouped(n)) }

// percent writes a share, rounded to one decimal: "12.3 %". A share that is not 0 is not written as
// 0, and one that is not all is not written as all.
func percent(n, of int64) string {
	if of == 0 {
		return ""
	}
	tenths := (n*2000 + of) / (of * 2) // the counts of a run are far below 2^50
	switch {
	case n > 0 && tenths == 0:
		return "less than 0.1 %"
	case n < of && tenths >= 1000:
		return "more than 99.9 %"
	}
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}
