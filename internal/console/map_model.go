package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/diagram"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A mapGroup is interfaces of one VPC whose sessions have the same filters, in the same order.
type mapGroup struct {
	vpcID      string   // "": EC2 does not show it
	filterIDs  []string // of the sessions, in the order in which they are tried; empty: no session
	interfaces []shownInterface
	count      map[inventory.Class]int
	sessions   int
}

// key names the group in a URL.
func (m *mapGroup) key() string { return m.vpcID + ":" + strings.Join(m.filterIDs, "+") }

// groupInterfaces returns interfaces in groups, by VPC and filters. Those without a session come
// last in their VPC.
func groupInterfaces(shown []shownInterface) []*mapGroup {
	found := map[string]*mapGroup{}
	var groups []*mapGroup
	for _, i := range shown {
		g := &mapGroup{vpcID: i.Source.Interface.VPCID, count: map[inventory.Class]int{}}
		for _, s := range i.sessions {
			g.filterIDs = append(g.filterIDs, s.Noun.FilterID)
		}
		if known := found[g.key()]; known != nil {
			g = known
		} else {
			found[g.key()] = g
			groups = append(groups, g)
		}
		g.interfaces = append(g.interfaces, i)
		g.count[i.Class]++
		g.sessions += len(i.sessions)
	}
	slices.SortFunc(groups, func(a, b *mapGroup) int {
		return cmp.Or(
			cmp.Compare(a.vpcID, b.vpcID),
			cmp.Compare(min(len(b.filterIDs), 1), min(len(a.filterIDs), 1)),
			slices.Compare(a.filterIDs, b.filterIDs),
		)
	})
	return groups
}

// chainsOf returns how many chains a picture of interfaces has: one for each session, and one for
// an interface without any.
func chainsOf(shown []shownInterface) int {
	n := 0
	for _, i := range shown {
		n += max(len(i.sessions), 1)
	}
	return n
}

// linkTo is how a page links to a path.
type linkTo func(path string) string

// drawInterfaces draws each interface, with each of its sessions.
func drawInterfaces(s *snapshot, shown []shownInterface, to linkTo) *diagram.Drawing {
	w := s.world(shown, to)
	return w.Draw([]diagram.Row{{Interfaces: w.Interfaces}}, false)
}

// drawGroups draws each group as one interface, with one session for each place in the order in
// which its filters are tried.
func drawGroups(s *snapshot, groups []*mapGroup, to linkTo) *diagram.Drawing {
	w := s.world(flat(groups), to)
	var rows []diagram.Row
	done := 0
	for _, group := range groups {
		of := w.Interfaces[done : done+len(group.interfaces)]
		done += len(of)
		rows = append(rows, diagram.Row{Key: group.key(), Place: cmp.Or(group.vpcID, "VPC unknown"), Href: group.openPath(to), Interfaces: of})
	}
	return w.Draw(rows, false)
}

// mapPages are the first parts of the paths of the pages of objects.
var mapPages = map[string]string{
	mirror.KindInterface.Resource: "interfaces", mirror.KindSession.Resource: "sessions", mirror.KindFilter.Resource: "filters", mirror.KindTarget.Resource: "targets",
}

// world is what the map draws of interfaces.
func (s *snapshot) world(shown []shownInterface, to linkTo) *diagram.World {
	interfaces := make([]inventory.InterfaceCoverage, len(shown))
	for i, of := range shown {
		interfaces[i] = of.InterfaceCoverage
		interfaces[i].Source.Sessions = of.sessions
	}
	page := func(kind mirror.Kind, id string) string { return to("/" + mapPages[kind.Resource] + "/" + id) }
	return diagram.Account{Fleet: s.Fleet, Endpoints: s.endpoints, Sessions: s.index().sessions, Page: page}.World(interfaces)
}
