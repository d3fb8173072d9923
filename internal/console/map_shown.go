package console

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A shownInterface is an interface that the bar keeps, with those of its sessions that it keeps.
type shownInterface struct {
	inventory.InterfaceCoverage
	sessions []account.Tagged[mirror.Session] // in the order in which they are tried
}

// shownBy returns what a bar keeps, in the order of the IDs of the interfaces. An interface without
// a session that is kept is shown if the bar keeps the interface by itself.
func shownBy(s *snapshot, b bar) []shownInterface {
	var shown []shownInterface
	for _, i := range append(slices.Clone(s.coverage().Interfaces), s.Unseen()...) {
		var sessions []account.Tagged[mirror.Session]
		for _, session := range i.Source.Sessions {
			if b.keepsSession(s, session) {
				sessions = append(sessions, session)
			}
		}
		if len(sessions) > 0 || b.keepsInterface(s, i.Source.Interface) {
			shown = append(shown, shownInterface{i, sessions})
		}
	}
	slices.SortFunc(shown, func(x, y shownInterface) int { return cmp.Compare(x.Source.Interface.ID, y.Source.Interface.ID) })
	return shown
}

// interfaceTitle is what people call an interface.
func interfaceTitle(i account.NetworkInterface) string {
	return inventory.Title(i.ID, i.Description, i.Tags)
}

func filterTitle(s *snapshot, id string) string {
	f, _ := s.Filter(id)
	return inventory.Title(id, f.Noun.Description, f.Tags)
}
