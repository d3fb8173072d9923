package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

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

// plainMeaning is a meaning without the marks of Markdown.
func plainMeaning(text string) string { return strings.ReplaceAll(text, "`", "") }
