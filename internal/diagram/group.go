package diagram

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// A Row is what is drawn from one box of the first column: an interface, or a group of interfaces.
type Row struct {
	Key        string // of a group; "": each interface has its own box
	Place      string // what the interfaces of a group have in common, such as their VPC
	Href       string
	Interfaces []*Interface
}

// GroupBy is by what interfaces are drawn as one.
type GroupBy string

// The groups. ByTag is the beginning of the name of a tag.
const (
	Automatic GroupBy = ""
	BySubnet  GroupBy = "subnet"
	ByVPC     GroupBy = "vpc"
	ByFilter  GroupBy = "filter"
	ByTarget  GroupBy = "target"
	ByTag     GroupBy = "tag:"

	Ungrouped  GroupBy = "none"
	byChain    GroupBy = "filter and target"
	everything GroupBy = "everything"
)

// Groups lists the values of GroupBy that a user can write.
var Groups = []GroupBy{BySubnet, ByVPC, ByFilter, ByTarget, ByTag + "KEY"}

// Check returns an error if a user cannot write the value.
func (g GroupBy) Check() error {
	if slices.Contains(Groups, g) && g != ByTag+"KEY" || strings.HasPrefix(string(g), string(ByTag)) && g != ByTag {
		return nil
	}
	names := make([]string, len(Groups))
	for i, group := range Groups {
		names[i] = string(group)
	}
	return fmt.Errorf("%q groups nothing. Write one of %s", g, strings.Join(names, ", "))
}

// MostNodes is how many nodes a column has at most, unless a user wants all.
const MostNodes = 40

// DrawGrouped draws the world with its interfaces in groups. Automatic takes the finest groups
// with which no column has more than MostNodes nodes, and with which the drawing fits.
func (w *World) DrawGrouped(by GroupBy, fits func(*Drawing) bool) *Drawing {
	if by != Automatic {
		return w.drawBy(by)
	}
	var d *Drawing
	for _, by := range []GroupBy{Ungrouped, BySubnet, ByVPC, byChain, ByFilter, ByTarget, everything} {
		if d = w.drawBy(by); d.widest() <= MostNodes && fits(d) {
			break
		}
	}
	return d
}

func (w *World) drawBy(by GroupBy) *Drawing {
	rows := w.Rows(by)
	d := w.Draw(rows, true)
	if len(d.Nodes) == 0 {
		d.Notes = append(slices.Clone(d.Notes), "There is no traffic mirror session, filter or target.")
	}
	grouped, boxes := 0, 0
	for _, row := range rows {
		if row.Key != "" {
			grouped += len(row.Interfaces)
			boxes++
		}
	}
	if boxes > 0 {
		d.Notes = append(slices.Clone(d.Notes), fmt.Sprintf("%s %s drawn as %s. %s", wording.Count(grouped, "interface"), wording.Is(grouped), wording.Count(boxes, "group"), by.meaning()))
	}
	return d
}

// meaning says what the interfaces of a group have in common.
func (g GroupBy) meaning() string {
	const chains = " whose sessions have the same filters and targets."
	switch {
	case g == BySubnet:
		return "A group has the interfaces of one subnet" + chains
	case g == ByVPC:
		return "A group has the interfaces of one VPC" + chains
	case g == ByFilter:
		return "A group has the interfaces whose sessions have the same filters."
	case g == ByTarget:
		return "A group has the interfaces whose sessions have the same targets."
	case g == everything:
		return "All interfaces are one group."
	case strings.HasPrefix(string(g), string(ByTag)):
		return fmt.Sprintf("A group has the interfaces with the same value of tag %s,", strings.TrimPrefix(string(g), string(ByTag))) + chains
	}
	return "A group has the interfaces" + chains
}

// Rows returns the interfaces in groups: those with a session first, and what is alike side by
// side. A group of one interface is that interface.
func (w *World) Rows(by GroupBy) []Row {
	var rows []Row
	at := map[string]int{}
	for _, i := range w.Interfaces {
		place, key := by.of(i)
		if by == Ungrouped {
			key += " " + i.ID
		}
		index, found := at[key]
		if !found {
			index = len(rows)
			at[key] = index
			rows = append(rows, Row{Key: key, Place: place})
		}
		rows[index].Interfaces = append(rows[index].Interfaces, i)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(min(b.sessions(), 1), min(a.sessions(), 1)), cmp.Compare(a.Key, b.Key))
	})
	for i := range rows {
		slices.SortFunc(rows[i].Interfaces, func(a, b *Interface) int { return cmp.Compare(a.ID, b.ID) })
		if len(rows[i].Interfaces) == 1 {
			rows[i].Key = ""
		}
	}
	return rows
}

// of returns what an interface has in common with those of its group, and the key of the group.
func (g GroupBy) of(i *Interface) (place, key string) {
	filters, targets := i.lists()
	chain := filters + " to " + targets
	switch {
	case g == BySubnet:
		place = cmp.Or(i.SubnetID, "subnet not known")
	case g == ByVPC:
		place = cmp.Or(i.VPCID, "VPC not known")
	case g == ByFilter:
		chain = filters
	case g == ByTarget:
		chain = targets
	case g == everything:
		chain = ""
	case strings.HasPrefix(string(g), string(ByTag)):
		tag := strings.TrimPrefix(string(g), string(ByTag))
		place = "no tag " + tag
		if value, found := i.Tags[tag]; found {
			place = tag + " = " + value
		}
	}
	return place, chain + " in " + place
}

// lists returns the filters and the targets of the sessions in the order in which they are tried.
func (i *Interface) lists() (filters, targets string) {
	for _, s := range i.Sessions {
		filters += s.FilterID + " "
		targets += s.TargetID + " "
	}
	return filters, targets
}

// sessions returns how many sessions the interfaces of the row have.
func (r Row) sessions() int {
	n := 0
	for _, i := range r.Interfaces {
		n += len(i.Sessions)
	}
	return n
}

// places returns the sessions at each place in the order in which they are tried. If the filters
// of the interfaces differ, all sessions are at one place.
func (r Row) places() [][]*Session {
	if r.sessions() == 0 {
		return nil
	}
	first, _ := r.Interfaces[0].lists()
	places := make([][]*Session, len(r.Interfaces[0].Sessions))
	var all []*Session
	isAlike := true
	for _, i := range r.Interfaces {
		filters, _ := i.lists()
		isAlike = isAlike && filters == first
		all = append(all, i.Sessions...)
		for place, s := range i.Sessions {
			if place < len(places) {
				places[place] = append(places[place], s)
			}
		}
	}
	if isAlike {
		return places
	}
	return [][]*Session{all}
}
