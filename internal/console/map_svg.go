package console

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/diagram"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// pictureChains is how many chains light up under the pointer and the focus.
const pictureChains = 80

// mapPicture draws a drawing.
func mapPicture(d *diagram.Drawing, title string) g.Node {
	d.Title = title
	return h.Div(h.Class("scroll"), h.Role("region"), g.Attr("aria-label", title), h.TabIndex("0"), g.Raw(d.Layers("map", pictureChains).SVG()))
}
