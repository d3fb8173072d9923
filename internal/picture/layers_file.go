package picture

import "fmt"

// Heights of lines of the head of a file.
const (
	summaryLine = 20.0
	sampleLine  = 24.0
)

// fileStyle are the colors of a picture in a file of its own: of a dark screen, and of any other
// screen and paper.
const fileStyle = `.layers{background:var(--layers-surface,#fff)}.layers .title{font-size:16px;font-weight:600}.layers .summary{font-weight:600}
@media screen and (prefers-color-scheme:dark){.layers{--layers-ink:#e6edf3;--layers-muted:#9aa5b1;--layers-surface:#0d1117;--layers-box:#161b22;--layers-accent:#79b8ff;` +
	`--layers-good:#3fb971;--layers-good-ground:#10281a;--layers-warn:#d9a62e;--layers-warn-ground:#2b2108;--layers-bad:#f47067;--layers-bad-ground:#331413}}
`

// File draws the picture as a file of its own, with its title and its style sheet.
func (l Layers) File() string {
	o := l.layering()
	titleHeight := 30.0
	if l.Summary != "" {
		titleHeight += summaryLine
	}
	top := titleHeight
	samples := l.samples(o.width)
	titleHeight += sampleLine * float64(len(samples))
	var to svg
	l.open(&to, o, titleHeight)
	fmt.Fprintf(&to, "<style>%s%s</style>", LayersStyle, fileStyle)
	to.text("title", margin, 22, l.Title)
	if l.Summary != "" {
		to.text("summary", margin, 22+summaryLine, l.Summary)
	}
	for i, line := range samples {
		drawSamples(&to, line, top+sampleLine*float64(i))
	}
	fmt.Fprintf(&to, `<g transform="translate(0 %s)">`, number(titleHeight))
	l.draw(&to, o)
	to.WriteString("</g></svg>\n")
	return to.String()
}

// sampleBox is how wide the box of a sample is, with its space.
const sampleBox = 40.0

// samples returns the legend in lines that fit a width.
func (l Layers) samples(width float64) [][]Sample {
	var lines [][]Sample
	used := width
	for _, s := range l.Legend {
		of := sampleBox + textWidth(s.Words) + 2*boxPadding
		if used+of > width {
			lines, used = append(lines, nil), margin
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], s)
		used += of
	}
	return lines
}

// drawSamples draws a line of the legend.
func drawSamples(to *svg, line []Sample, top float64) {
	x := margin + 0.0
	for _, s := range line {
		fmt.Fprintf(to, `<g class="%s"><rect class="box" x="%s" y="%s" width="30" height="16" rx="4"/>`, Escape("node "+s.Kinds), number(x), number(top))
		drawBand(to, x, top, 16)
		to.text("", x+sampleBox, top+12, s.Words)
		to.WriteString("</g>")
		x += sampleBox + textWidth(s.Words) + 2*boxPadding
	}
}

func textWidth(text string) float64 {
	sum := 0.0
	for _, r := range text {
		sum += widthOf(r)
	}
	return sum
}
