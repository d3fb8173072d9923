package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// A legend says what a color or a border means.
type legend struct {
	kind  string // of the box
	words string
}

// legends are all that a drawing can need.
var legends = []legend{
	{"added", "will be created"},
	{"changed", "will change, be replaced or leave the state"},
	{"removed", "will be deleted"},
	{string(Good), "works"},
	{string(Warn), "not known, or works in part"},
	{string(Bad), "does not work"},
}

// changeKinds are the classes of what a plan changes.
var changeKinds = map[Change]string{Created: "added", Updated: "changed", Replaced: "changed", Deleted: "removed", Forgotten: "changed"}

// legend says what the colors and the borders of the drawing mean.
func (d *Drawing) legend() []legend {
	return slices.DeleteFunc(slices.Clone(legends), func(l legend) bool {
		return !slices.ContainsFunc(d.Nodes, func(n Node) bool { return slices.Contains(n.kinds(), l.kind) })
	})
}

// isTone reports whether a kind is a color.
func isTone(kind string) bool { return slices.Contains([]Tone{Good, Warn, Bad}, Tone(kind)) }

// sentences are the summary and the notes.
func (d *Drawing) sentences() []string {
	if d.Summary == "" {
		return d.Notes
	}
	return append([]string{d.Summary}, d.Notes...)
}

// summary says how many objects a plan changes.
func (w *World) summary() string {
	if !w.IsPlan {
		return ""
	}
	all, changed := 0, newTally()
	seen := map[string]bool{}
	count := func(c Change) {
		if all++; c != Unchanged {
			changed.add(c.words(), Neutral)
		}
	}
	for _, i := range w.Interfaces {
		seen[i.ID] = true
		count(i.Change)
		for _, s := range i.Sessions {
			count(s.Change)
		}
	}
	for _, f := range w.Filters {
		count(f.Change)
	}
	for id, t := range w.Targets {
		count(t.Change)
		for _, n := range w.Receivers(id) {
			if !n.Absent && !seen[n.key] {
				seen[n.key] = true
				count(n.Change)
			}
		}
	}
	verb := "change"
	if changed.sum() == 1 {
		verb = "changes"
	}
	text := fmt.Sprintf("%d of %s %s", changed.sum(), wording.Count(all, "object"), verb)
	if changed.sum() > 0 {
		text += ": " + strings.Join(changed.lines(), ", ")
	}
	return text + "."
}
