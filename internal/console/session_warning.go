package console

import (
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// vniWarnings says which other session has the VNI of a session.
func vniWarnings(s *snapshot, of mirror.Session) []string {
	for _, other := range s.Sessions {
		vni := other.Noun.VirtualNetworkID
		if of.VirtualNetworkID == nil || vni == nil || *vni != *of.VirtualNetworkID || other.Noun.ID == of.ID {
			continue
		}
		text := fmt.Sprintf("The copies of session %s have the VNI %d too.", other.Noun.ID, *vni)
		if other.Noun.TargetID == of.TargetID {
			text += " The receiver cannot tell them apart by the VNI."
		}
		return []string{text + fmt.Sprintf(" The lowest VNI that no session has is %d.", s.freeVNI())}
	}
	return nil
}

// idleWarnings says which sessions of the interface do nothing once a new session is there: the new
// one, and those that do something now.
func idleWarnings(s *snapshot, created mirror.Session) (warnings []string) {
	const newID = "the new session"
	created.ID = newID
	if created.Number == 0 {
		created.Number = s.freeNumber(created.InterfaceID)
	}
	facts := s.Facts
	facts.Sessions = append(slices.Clone(s.SessionsOf(created.InterfaceID)), account.Tagged[mirror.Session]{Noun: created})
	slices.SortStableFunc(facts.Sessions, func(a, b account.Tagged[mirror.Session]) int { return a.Noun.Number - b.Noun.Number })
	idle := inventory.IdleSessions(inventory.NewFleet(facts, s.Rules), s.endpoints)
	for _, id := range slices.Sorted(maps.Keys(idle)) {
		if _, isIdle := s.index().idle[id]; isIdle {
			continue
		}
		name := "Session " + id
		if id == newID {
			name = "The new session"
		}
		warnings = append(warnings, name+" then does nothing. "+idle[id].Detail)
	}
	return warnings
}
