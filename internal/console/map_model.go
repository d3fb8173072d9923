package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
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
func (g *mapGroup) key() string { return g.vpcID + ":" + strings.Join(g.filterIDs, "+") }

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

// The columns of the map.
const (
	columnInterface = iota
	columnSession
	columnFilter
	columnTarget
	columnAppliance
	columns
)

var columnTitles = [columns]string{"Interface", "Session", "Filter", "Target", "Appliance"}

// A mapNode is an object in a column of the map, or several of them in one box.
type mapNode struct {
	column int
	path   string    // of the object's page; "": it has none
	group  *mapGroup // that the node leads to; nil: none
	title  string    // one line
	note   string    // a second line
	state  string    // for its color: a class of inventory, or one of the states below
	chains []int     // of which it is a part, in order
}

// The states of nodes that are no interfaces.
const (
	stateIdle     = "idle"
	stateSomeIdle = "some-idle"
	stateUnknown  = "unknown"
	stateGone     = "gone"
)

// A mapEdge joins two nodes.
type mapEdge struct {
	from, to int   // indexes of nodes
	chains   []int // of which it is a part, in order
}

// A mapDrawing is what the map shows at once. A chain leads from an interface by one of its
// sessions to what receives the copies: what belongs together has a chain in common.
type mapDrawing struct {
	nodes  []mapNode
	edges  []mapEdge
	chains int
}

// a mapBuilder makes a drawing.
type mapBuilder struct {
	mapDrawing
	snapshot *snapshot
	at       map[string]int // index of a node, by column and key
	joins    map[[2]int]int // index of an edge, by its nodes
}

func newMapBuilder(s *snapshot) *mapBuilder {
	return &mapBuilder{snapshot: s, at: map[string]int{}, joins: map[[2]int]int{}}
}

// drawInterfaces draws each interface, with each of its sessions.
func drawInterfaces(s *snapshot, shown []shownInterface) mapDrawing {
	b := newMapBuilder(s)
	for _, i := range shown {
		id := i.Source.Interface.ID
		from := mapNode{column: columnInterface, path: "/interfaces/" + id, title: interfaceTitle(i.Source.Interface), note: classWord(i.Class), state: string(i.Class)}
		if _, isSeen := s.Interface(id); !isSeen {
			from.path = ""
		}
		for _, session := range i.sessions {
			first, second := b.add(from, id), b.add(b.session(session), session.Noun.ID)
			b.chain(first, second, session.Noun.FilterID, []string{session.Noun.TargetID})
		}
		if len(i.sessions) == 0 {
			b.add(from, id)
			b.chains++
		}
	}
	return b.mapDrawing
}

// session returns the node of a session.
func (b *mapBuilder) session(s account.Tagged[mirror.Session]) mapNode {
	n := mapNode{column: columnSession, path: "/sessions/" + s.Noun.ID, title: sessionTitle(s)}
	if s.Noun.VirtualNetworkID != nil {
		n.note = vniText(*s.Noun.VirtualNetworkID)
	}
	known, isKnown := b.snapshot.index().sessions[s.Noun.ID]
	switch {
	case known.Idle != "":
		n.state, n.note = stateIdle, joinNotes(n.note, "idle")
	case !isKnown || known.Status == inventory.StatusUnknown:
		n.state, n.note = stateUnknown, joinNotes(n.note, "status unknown")
	}
	return n
}

// drawGroups draws each group as one interface, with one session for each place in the order in
// which its filters are tried.
func drawGroups(s *snapshot, groups []*mapGroup) mapDrawing {
	b := newMapBuilder(s)
	for _, g := range groups {
		from := mapNode{column: columnInterface, group: g, title: counted(len(g.interfaces), "interface"), note: cmp.Or(g.vpcID, "VPC unknown"), state: g.state()}
		for place, filterID := range g.filterIDs {
			first, second := b.add(from, g.key()), b.add(b.sessionsAt(g, place), g.key()+placeText(place))
			b.chain(first, second, filterID, g.targetsAt(place))
		}
		if len(g.filterIDs) == 0 {
			b.add(from, g.key())
			b.chains++
		}
	}
	return b.mapDrawing
}

// sessionsAt returns the node of the sessions at a place in the order in which they are tried.
func (b *mapBuilder) sessionsAt(g *mapGroup, place int) mapNode {
	n := mapNode{column: columnSession, group: g, title: counted(len(g.interfaces), "session"), note: placeText(place)}
	idle, unknown := 0, 0
	for _, i := range g.interfaces {
		known, isKnown := b.snapshot.index().sessions[i.sessions[place].Noun.ID]
		switch {
		case known.Idle != "":
			idle++
		case !isKnown || known.Status == inventory.StatusUnknown:
			unknown++
		}
	}
	if unknown > 0 {
		n.state, n.note = stateUnknown, joinNotes(n.note, grouped(unknown)+" of unknown status")
	}
	if idle > 0 {
		n.state, n.note = stateSomeIdle, joinNotes(n.note, grouped(idle)+" idle")
	}
	if idle == len(g.interfaces) {
		n.state = stateIdle
	}
	return n
}

// state is the class of the interfaces of the group, or "" if they have several.
func (g *mapGroup) state() string {
	if len(g.count) == 1 {
		return string(g.interfaces[0].Class)
	}
	return ""
}

// targetsAt returns the targets of the sessions at a place in the order, each once, sorted.
func (g *mapGroup) targetsAt(place int) []string {
	var ids []string
	for _, i := range g.interfaces {
		ids = append(ids, i.sessions[place].Noun.TargetID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// maxOfChain is how many targets a chain shows one by one, and how many appliances of a target.
const maxOfChain = 4

// chain adds the rest of a chain to its first two nodes.
func (b *mapBuilder) chain(first, second int, filterID string, targetIDs []string) {
	filter := mapNode{column: columnFilter, path: "/filters/" + filterID, title: filterTitle(b.snapshot, filterID)}
	if _, found := b.snapshot.Filter(filterID); !found {
		filter.path, filter.note, filter.state = "", notShown, stateUnknown
	}
	third := b.add(filter, filterID)
	b.join(first, second)
	b.join(second, third)
	if len(targetIDs) > maxOfChain {
		many := b.add(mapNode{column: columnTarget, title: counted(len(targetIDs), "target")}, strings.Join(targetIDs, " "))
		b.join(third, many)
		targetIDs = nil
	}
	for _, id := range targetIDs {
		target := mapNode{column: columnTarget, path: "/targets/" + id, title: targetTitle(b.snapshot, id)}
		if _, found := b.snapshot.Target(id); !found {
			target.path, target.note, target.state = "", notShown, stateUnknown
		}
		to := b.add(target, id)
		b.join(third, to)
		b.appliances(to, id)
	}
	b.chains++
}

const notShown = "EC2 does not show it"

// appliances joins a target to what receives its copies.
func (b *mapBuilder) appliances(from int, targetID string) {
	all := appliancesOf(b.snapshot, targetID)
	if len(all) > maxOfChain {
		b.join(from, b.add(mapNode{column: columnAppliance, title: counted(len(all), "appliance")}, "of "+targetID))
		return
	}
	for _, a := range all {
		n := mapNode{column: columnAppliance, title: a.text, state: a.state}
		key := cmp.Or(a.interfaceID, a.text)
		switch {
		case a.state != "":
			key = a.state + " of " + targetID
		case a.interfaceID != "":
			n.path = "/interfaces/" + a.interfaceID
		}
		b.join(from, b.add(n, key))
	}
}

// add adds a node to the present chain, and returns its index. A node with the same column and
// key is the same.
func (b *mapBuilder) add(n mapNode, key string) int {
	key = columnTitles[n.column] + " " + key
	at, found := b.at[key]
	if !found {
		at = len(b.nodes)
		b.at[key] = at
		b.nodes = append(b.nodes, n)
	}
	b.nodes[at].chains = withChain(b.nodes[at].chains, b.chains)
	return at
}

// join adds an edge to the present chain.
func (b *mapBuilder) join(from, to int) {
	at, found := b.joins[[2]int{from, to}]
	if !found {
		at = len(b.edges)
		b.joins[[2]int{from, to}] = at
		b.edges = append(b.edges, mapEdge{from: from, to: to})
	}
	b.edges[at].chains = withChain(b.edges[at].chains, b.chains)
}

func withChain(chains []int, chain int) []int {
	if len(chains) > 0 && chains[len(chains)-1] == chain {
		return chains
	}
	return append(chains, chain)
}
