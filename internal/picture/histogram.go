package picture

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Histogram is a picture of how many things have which size. Every bar has the same width.
type Histogram struct {
	ID          string // of the svg element; the ids of its parts begin with it. Letters, digits, "-"
	Title       string
	Description string // what the picture shows, in a sentence or two
	Size        string // what is on the horizontal axis: "frame length in bytes"
	Unit        string // of counts, in the plural: "packets"
	Bars        []Bar  // in ascending order, as Buckets makes them
	Marks       []Mark // vertical lines, in any order
}

// Bar is how many things have a size from From to To. Both are in it.
type Bar struct {
	From, To int
	Count    int64
}

// Mark is a vertical line behind the size At: what is longer is on its right.
type Mark struct {
	At    int
	Label string
}

// Buckets makes the bars of exact counts by size. All buckets from the least size to the
// greatest are there, also those without a count. No bucket reaches over one of the marks, so
// that what is on the right of a mark is what is longer. perOctave is into how many buckets the
// sizes between a power of two and the next are divided; 0: buckets of equal width.
func Buckets(counts map[int]int64, perOctave, width int, marks ...Mark) []Bar {
	sizes := slices.Sorted(maps.Keys(counts))
	if len(sizes) == 0 {
		return nil
	}
	var bars []Bar
	last := sizes[len(sizes)-1]
	for from := lowest(sizes[0], perOctave, width); from <= last; {
		next := following(from, perOctave, width)
		for _, m := range marks {
			if m.At >= from && m.At+1 < next {
				next = m.At + 1
			}
		}
		bars = append(bars, Bar{From: from, To: next - 1})
		from = next
	}
	for _, size := range sizes {
		i, found := slices.BinarySearchFunc(bars, size, func(b Bar, size int) int { return cmp.Compare(b.From, size) })
		if !found {
			i--
		}
		bars[i].Count += counts[size]
	}
	return bars
}

// lowest is where the bucket of a size begins, without regard to marks.
func lowest(size, perOctave, width int) int {
	if perOctave <= 0 {
		return size - size%max(1, width)
	}
	from := 0
	for next := following(from, perOctave, width); next <= size; next = following(from, perOctave, width) {
		from = next
	}
	return from
}

// following is where the bucket behind a size begins, without regard to marks.
func following(from, perOctave, width int) int {
	if perOctave <= 0 {
		width = max(1, width)
		return from - from%width + width
	}
	octave := 1
	for octave*2 <= from {
		octave *= 2
	}
	step := max(1, octave/perOctave)
	return from - (from-octave)%step + step
}

// Lengths in pixels.
const (
	plotHeight = 200.0
	plotLeft   = 78.0
	plotWidth  = 760.0
	mostBar    = 40.0 // the greatest width of a bar
)

// SVG draws the picture.
func (h Histogram) SVG() string {
	most := int64(1)
	for _, b := range h.Bars {
		most = max(most, b.Count)
	}
	marks := h.merged()
	top := 26 + lineHeight*float64(len(marks))
	bar := min(mostBar, plotWidth/float64(max(1, len(h.Bars))))
	width := plotLeft + plotWidth + 2*margin
	var to svg
	to.open("img", "picture histogram", h.ID, h.Title, h.Description, width, top+plotHeight+46)
	to.text("axis", margin, 16, h.Unit)
	h.drawScale(&to, top, most)
	for i, b := range h.Bars {
		h.drawBar(&to, plotLeft+float64(i)*bar, top, bar, most, b)
	}
	h.drawSizes(&to, top, bar)
	for i, m := range marks {
		h.drawMark(&to, top, bar, i, m)
	}
	fmt.Fprintf(&to, `<text class="axis" x="%s" y="%s">%s</text></svg>`, number(plotLeft), number(top+plotHeight+40), Escape(h.Size))
	return to.String()
}

// drawScale draws lines at half of the greatest count and at all of it.
func (h Histogram) drawScale(to *svg, top float64, most int64) {
	for _, n := range slices.Compact([]int64{0, most / 2, most}) {
		y := top + plotHeight*(1-float64(n)/float64(most))
		fmt.Fprintf(to, `<path class="line" d="M%s %sH%s"/><text class="tick" text-anchor="end" x="%s" y="%s">%s</text>`,
			number(plotLeft), number(y), number(plotLeft+plotWidth), number(plotLeft-6), number(y+4), wording.Grouped(n))
	}
}

// drawBar draws a bar. A count that is not 0 is at least a line.
func (h Histogram) drawBar(to *svg, x, top, width float64, most int64, b Bar) {
	if b.Count == 0 {
		return
	}
	height := max(1.5, plotHeight*float64(b.Count)/float64(most))
	kind := ""
	if slices.ContainsFunc(h.Marks, func(m Mark) bool { return b.From > m.At }) {
		kind = " other"
	}
	fmt.Fprintf(to, `<rect class="bar%s" x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`, kind, number(x+0.5), number(top+plotHeight-height),
		number(max(1, width-1)), number(height), Escape(fmt.Sprintf("%s: %s", b.sizes(), counted(b.Count, h.Unit))))
}

// drawSizes writes the least size of some bars, as many as have space.
func (h Histogram) drawSizes(to *svg, top, width float64) {
	every := 1
	for width*float64(every) < 44 {
		every++
	}
	for i := 0; i < len(h.Bars); i += every {
		fmt.Fprintf(to, `<text class="tick" x="%s" y="%s">%d</text>`, number(plotLeft+float64(i)*width), number(top+plotHeight+16), h.Bars[i].From)
	}
}

// merged returns the marks in ascending order. Marks of one size are one, with all labels.
func (h Histogram) merged() []Mark {
	marks := slices.Clone(h.Marks)
	slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	var merged []Mark
	for _, m := range marks {
		if last := len(merged) - 1; last >= 0 && merged[last].At == m.At {
			merged[last].Label += ", " + m.Label
			continue
		}
		merged = append(merged, m)
	}
	return merged
}

// drawMark draws a line behind the last bar that is not longer. Each label has a line of its own.
func (h Histogram) drawMark(to *svg, top, bar float64, line int, m Mark) {
	before := 0
	for _, b := range h.Bars {
		if b.To <= m.At {
			before++
		}
	}
	x, y := plotLeft+float64(before)*bar, 30+lineHeight*float64(line)
	anchor, at := "start", x+5
	if x > plotLeft+plotWidth/2 {
		anchor, at = "end", x-5
	}
	fmt.Fprintf(to, `<path class="mark" d="M%s %sV%s"/><text text-anchor="%s" x="%s" y="%s">%s</text>`,
		number(x), number(y-10), number(top+plotHeight), anchor, number(at), number(y), Escape(fmt.Sprintf("%d: %s", m.At, m.Label)))
}

// Table returns the bars that have a count.
func (h Histogram) Table() Table {
	t := Table{Caption: h.Title, Head: []string{h.Size, h.Unit}}
	for _, b := range h.Bars {
		if b.Count > 0 {
			t.Rows = append(t.Rows, []string{b.sizes(), wording.Grouped(b.Count)})
		}
	}
	return t
}

func (b Bar) sizes() string {
	if b.From == b.To {
		return fmt.Sprint(b.From)
	}
	return fmt.Sprintf("%d to %d", b.From, b.To)
}
