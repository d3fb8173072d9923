package console

import (
	"fmt"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// classTitles are the classes as the pages call them.
var classTitles = map[inventory.Class]string{
	inventory.Mirrored:     "mirrored",
	inventory.OneWay:       "one way",
	inventory.Partly:       "partly mirrored",
	inventory.NotMirrored:  "not mirrored",
	inventory.Cannot:       "cannot be mirrored",
	inventory.ClassUnknown: "not known",
}

func classTitle(c inventory.Class) string { return classTitles[c] }

// sessionTitle says which session of its interface it is.
func sessionTitle(s account.Tagged[mirror.Session]) string {
	title := inventory.Title("", s.Noun.Description, s.Tags)
	if title == "" {
		return "session " + strconv.Itoa(s.Noun.Number)
	}
	return fmt.Sprintf("%d %s", s.Noun.Number, title)
}

func vniText(vni int) string { return "VNI " + strconv.Itoa(vni) }

// placeText says which place in the order of the sessions it is.
func placeText(place int) string {
	if place == 0 {
		return "tried first"
	}
	return "tried as number " + strconv.Itoa(place+1)
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

func grouped(n int) string { return simulation.Grouped(int64(n)) }

// counted says how many things there are.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}
