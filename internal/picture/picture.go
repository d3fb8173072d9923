// Package picture draws pictures as SVG text: Sankey and Histogram. It knows nothing of
// mirroring. The same values always give the same text. The text has neither script nor style
// attributes, so that a page with a strict Content-Security-Policy can have it inside. The page
// includes Style in its style sheet, and sets the custom properties that Style names for its
// colours. Every picture has the same data as a Table, for readers who do not see it.
package picture

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Table has the data of a picture in words.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// svg is the text of a picture.
type svg struct{ strings.Builder }

// open writes the head of a picture. The role is "img" if nothing inside can get the focus,
// and else "group".
func (s *svg) open(role, class, id, title, description string, width, height float64) {
	fmt.Fprintf(s, `<svg xmlns="http://www.w3.org/2000/svg" role="%s" class="%s" id="%s" aria-labelledby="%s-title" aria-describedby="%s-desc" width="%s" height="%s" viewBox="0 0 %s %s">`,
		role, class, Escape(id), Escape(id), Escape(id), number(width), number(height), number(width), number(height))
	fmt.Fprintf(s, `<title id="%s-title">%s</title><desc id="%s-desc">%s</desc>`, Escape(id), Escape(title), Escape(id), Escape(description))
}

// text writes a line of text.
func (s *svg) text(class string, x, y float64, text string) {
	fmt.Fprintf(s, `<text class="%s" x="%s" y="%s">%s</text>`, class, number(x), number(y), Escape(text))
}

// Visible returns a text in one line, without characters that cannot be seen, that turn the
// direction of the text, or that XML does not allow.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf) || r == 0xfffe || r == 0xffff || r == '\u2028' || r == '\u2029':
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Escape returns a text as it is written in SVG and HTML, also between double quotes. What
// Visible replaces is replaced.
func Escape(text string) string {
	var b strings.Builder
	for _, r := range Visible(text) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '"':
			b.WriteString("&quot;")
		case '\'':
			b.WriteString("&#39;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// number writes a length in pixels with one decimal at most.
func number(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

// counted writes a count with its unit: "1 packet", "2 packets". The unit is in the plural.
func counted(n int64, unit string) string {
	if n == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return wording.Grouped(n) + " " + unit
}

// Widths of characters in pixels, at the font size of Style.
const (
	narrow = 7
	wide   = 12
)

// cut cuts a text to a width in pixels.
func cut(text string, width float64) string {
	used, fits := 0.0, 0 // fits: the length that leaves space for an ellipsis
	for i, r := range text {
		if used+wide <= width {
			fits = i
		}
		used += widthOf(r)
		if used > width {
			return strings.TrimSpace(text[:fits]) + "…"
		}
	}
	return text
}

func widthOf(r rune) float64 {
	if r >= 0x1100 { // where scripts with wide characters begin
		return wide
	}
	return narrow
}
