package console

import (
	"fmt"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// An OtherRegion is a Region of the same store that has objects, and that this console does not
// show.
type OtherRegion struct {
	Name    string
	Has     string // what it has, such as "2 sessions and 1 filter"
	Command string // line that starts a console for it
}

// in says where something was looked for.
func (s *snapshot) in() string { return " in Region " + s.region }

// countLine says how many objects of a list are shown, and where they are.
func (s *snapshot) countLine(shown, all int, noun string) string {
	return fmt.Sprintf("%s of %s%s.", wording.Count(shown, noun), wording.Grouped(all), s.in())
}

// addOthers says which other Regions have objects: first of all where this Region has none, and
// otherwise at the end.
func (s *snapshot) addOthers(p *page) *page {
	if len(s.others) == 0 {
		return p
	}
	lines := make([][]g.Node, len(s.others))
	for i, o := range s.others {
		lines[i] = words(o.Name+": "+o.Has+". ", code(o.Command))
	}
	if len(s.Sessions)+len(s.Filters)+len(s.Targets) == 0 {
		p.notes = append(p.notes, note{kind: noteWarning, text: "Region " + s.region + " has no session, filter or target. Other Regions of this file have objects:", more: []g.Node{list(lines...)}})
		return p
	}
	p.body = append(p.body, h.Aside(g.Attr("aria-label", "Other Regions"), para("This page is of Region "+s.region+". Other Regions of this file have objects:"), list(lines...)))
	return p
}
