package picture

import "fmt"

// fileStyle are the colors of a picture in a file of its own: of a dark screen, and of any other
// screen and paper.
const fileStyle = `.layers{background:var(--layers-surface,#fff)}.layers .title{font-size:16px;font-weight:600}
@media screen and (prefers-color-scheme:dark){.layers{--layers-ink:#e6edf3;--layers-muted:#9aa5b1;--layers-surface:#0d1117;--layers-box:#161b22;--layers-accent:#79b8ff;` +
	`--layers-good:#3fb971;--layers-good-ground:#10281a;--layers-warn:#d9a62e;--layers-warn-ground:#2b2108;--layers-bad:#f47067;--layers-bad-ground:#331413}}
`

// File draws the picture as a file of its own, with its title and its style sheet.
func (l Layers) File() string {
	const titleHeight = 30
	o := l.layering()
	var to svg
	l.open(&to, o, titleHeight)
	fmt.Fprintf(&to, "<style>%s%s</style>", LayersStyle, fileStyle)
	to.text("title", margin, 22, l.Title)
	fmt.Fprintf(&to, `<g transform="translate(0 %d)">`, titleHeight)
	l.draw(&to, o)
	to.WriteString("</g></svg>\n")
	return to.String()
}
