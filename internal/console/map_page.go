package console

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/diagram"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// The bounds of a picture. What is more than that is in groups, and in parts.
const (
	maxChains     = 60
	groupsPerPart = 20
	perPicture    = 25 // interfaces
)

func mapRoutes() []route {
	return []route{{pattern: "GET /map", serve: serveMap}}
}

// serveMap shows who is mirrored to where.
func serveMap(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	p := &page{title: "Map", section: "/map", hasBar: true}
	shown := shownBy(s, r.bar)
	groups := groupInterfaces(shown)
	opened := openedGroup(groups, r.URL.Query().Get("open"))
	if opened != nil {
		shown = opened.interfaces
	}
	p.body = []g.Node{mapTotals(r, s, shown)}
	switch {
	case len(shown) == 0:
	case opened != nil:
		p.title = opened.title(s)
		p.body = append(p.body, interfacesPart(r, s, opened.interfaces)...)
	case len(groups) == 1 || chainsOf(shown) <= maxChains:
		p.body = append(p.body, interfacesPart(r, s, flat(groups))...)
	default:
		p.body = append(p.body, groupsPart(r, s, groups)...)
	}
	p.body = append(p.body, r.readAt(s))
	return s.addOthers(p), nil
}

// openedGroup returns the group that a URL names, or nil.
func openedGroup(groups []*mapGroup, key string) *mapGroup {
	for _, group := range groups {
		if group.key() == key {
			return group
		}
	}
	return nil
}

// flat returns the interfaces of groups in the order of the groups.
func flat(groups []*mapGroup) []shownInterface {
	var all []shownInterface
	for _, group := range groups {
		all = append(all, group.interfaces...)
	}
	return all
}

// title is what the page of a group is called.
func (m *mapGroup) title(s *snapshot) string {
	return fmt.Sprintf("%s of %s: %s", wording.Count(len(m.interfaces), "interface"), cmp.Or(m.vpcID, "an unknown VPC"), m.filterText(s))
}

// filterText names the filters in the order in which they are tried.
func (m *mapGroup) filterText(s *snapshot) string {
	text := ""
	for _, id := range m.filterIDs {
		if text != "" {
			text += ", then "
		}
		text += filterTitle(s, id)
	}
	return cmp.Or(text, "no session")
}

// mapTotals says how much is shown, by class.
func mapTotals(r *request, s *snapshot, shown []shownInterface) g.Node {
	if len(shown) == 0 {
		return para(mapIsEmpty(r, s), g.If(!r.bar.isEmpty(), anchor("/map", "Show all")))
	}
	count, sessions := map[inventory.Class]int{}, 0
	for _, i := range shown {
		count[i.Class]++
		sessions += len(i.sessions)
	}
	items := []g.Node{h.Class("legend")}
	for _, c := range inventory.Classes {
		if count[c.Class] > 0 {
			items = append(items, h.Li(badge(string(c.Class), c.Class.Word()), g.Text(" "+wording.Count(count[c.Class], "interface")+": "+plainMeaning(c.Meaning)+".")))
		}
	}
	return g.Group([]g.Node{para(wording.Count(len(shown), "interface"), " and ", wording.Count(sessions, "session"), s.in(), "."), h.Ul(items...)})
}

// mapIsEmpty says that there is nothing to draw.
func mapIsEmpty(r *request, s *snapshot) string {
	if r.bar.isEmpty() {
		return "EC2 shows no interface and no session" + s.in() + "."
	}
	return "The filter keeps no interface and no session" + s.in() + ". "
}

// interfacesPart is the picture of interfaces, and the same as a table.
func interfacesPart(r *request, s *snapshot, all []shownInterface) []g.Node {
	shown, pages := pagedBy(r, all, perPicture)
	return []g.Node{
		pages,
		mapPicture(drawInterfaces(s, shown, r.bar.link), "Interfaces, and where their copies go"),
		part("table", "The same as a table", interfacesTable(r, s, shown)),
	}
}

// groupsPart is the picture of groups, and the same as a table.
func groupsPart(r *request, s *snapshot, all []*mapGroup) []g.Node {
	groups, pages := pagedBy(r, all, groupsPerPart)
	return []g.Node{
		para("Interfaces of one VPC whose sessions have the same filters are one box. Open a box to see them."),
		pages,
		mapPicture(drawGroups(s, groups, r.bar.link), "Groups of interfaces, and where their copies go"),
		part("table", "The same as a table", groupsTable(r, s, groups)),
	}
}

// openPath is the path of the map with a group opened.
func (m *mapGroup) openPath(to linkTo) string { return to("/map?open=" + url.QueryEscape(m.key())) }

func groupsTable(r *request, s *snapshot, groups []*mapGroup) g.Node {
	var rows [][]g.Node
	for _, group := range groups {
		var classes []g.Node
		for _, c := range inventory.Classes {
			if n := group.count[c.Class]; n > 0 {
				classes = append(classes, h.Li(badge(string(c.Class), c.Class.Word()), g.Text(" "+wording.Grouped(n))))
			}
		}
		rows = append(rows, []g.Node{
			anchor(group.openPath(r.bar.link), wording.Count(len(group.interfaces), "interface")), vpcNode(group.vpcID), h.Ul(h.Class("plain"), g.Group(classes)),
			g.Text(group.filterText(s)), g.Text(wording.Grouped(group.sessions)),
		})
	}
	columns := []column{{"Interfaces", ""}, {"VPC", ""}, {"Mirrored", ""}, {"Filters, in the order in which they are tried", ""}, {"Sessions", "number"}}
	return table("Groups of interfaces", columns, rows)
}

func vpcNode(id string) g.Node {
	if id == "" {
		return g.Text("not known")
	}
	return code(id)
}

func interfacesTable(r *request, s *snapshot, shown []shownInterface) g.Node {
	w := s.world(nil, r.bar.link)
	var rows [][]g.Node
	for _, i := range shown {
		first := []g.Node{
			s.interfaceLink(i.Source.Interface.ID), vpcNode(i.Source.Interface.VPCID),
			g.Group([]g.Node{badge(string(i.Class), i.Class.Word()), g.If(i.Reason != "", g.Text(" "+i.Reason))}),
		}
		for _, session := range i.sessions {
			rows = append(rows, append(first[:3:3], sessionCells(s, w, session)...))
		}
		if len(i.sessions) == 0 {
			rows = append(rows, append(first[:3:3], g.Text("none"), g.Text(""), g.Text(""), g.Text("")))
		}
	}
	columns := []column{{"Interface", ""}, {"VPC", ""}, {"Mirrored", "wide"}, {"Session", ""}, {"Filter", ""}, {"Target", ""}, {"Appliances, and the load balancer before them", ""}}
	return table("Interfaces, with their sessions in the order in which they are tried", columns, rows)
}

func sessionCells(s *snapshot, w *diagram.World, session account.Tagged[mirror.Session]) []g.Node {
	var receivers []g.Node
	for _, n := range w.Receivers(session.Noun.TargetID) {
		title := g.Text(n.Title)
		if n.Href != "" {
			title = anchor(n.Href, n.Title)
		}
		receivers = append(receivers, h.Li(title, g.Text(strings.Join(append([]string{""}, n.Notes...), ", "))))
	}
	return []g.Node{
		g.Group([]g.Node{anchor("/sessions/"+session.Noun.ID, strconv.Itoa(session.Noun.Number)+" "), s.stateBadge(session.Noun.ID)}),
		s.filterLink(session.Noun.FilterID), s.targetLink(session.Noun.TargetID), h.Ul(h.Class("plain"), g.Group(receivers)),
	}
}
