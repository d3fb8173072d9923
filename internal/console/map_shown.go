package console

import (
	"cmp"
	"fmt"
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
	for _, i := range append(slices.Clone(s.coverage().Interfaces), unseenOf(s)...) {
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

// unseenOf returns the interfaces that EC2 does not show, but whose sessions it shows, such as
// those of other accounts that use a target of this account.
func unseenOf(s *snapshot) []inventory.InterfaceCoverage {
	at := map[string]int{}
	var unseen []inventory.InterfaceCoverage
	for _, session := range s.Sessions {
		id := session.Noun.InterfaceID
		if _, isSeen := s.Interface(id); isSeen {
			continue
		}
		if _, isAdded := at[id]; !isAdded {
			at[id] = len(unseen)
			i := inventory.InterfaceCoverage{Class: inventory.ClassUnknown, Reason: fmt.Sprintf("EC2 does not show %s to this account.", id)}
			i.Source.Interface.ID = id
			unseen = append(unseen, i)
		}
		source := &unseen[at[id]].Source
		source.Sessions = append(source.Sessions, session)
	}
	return unseen
}

// interfaceTitle is what people call an interface.
func interfaceTitle(i account.NetworkInterface) string {
	return inventory.Title(i.ID, i.Description, i.Tags)
}

func filterTitle(s *snapshot, id string) string {
	f, _ := s.Filter(id)
	return inventory.Title(id, f.Noun.Description, f.Tags)
}

func targetTitle(s *snapshot, id string) string {
	t, _ := s.Target(id)
	return inventory.Title(id, t.Noun.Description, t.Tags)
}

// An appliance is what receives the copies for a target.
type appliance struct {
	interfaceID string // "": it has only an address
	text        string
	state       string // stateUnknown: EC2 does not show what it is; stateGone: there is none
}

// appliancesOf returns what receives the copies for a target. What EC2 does not show is said.
func appliancesOf(s *snapshot, targetID string) []appliance {
	target, found := s.Target(targetID)
	endpoint, isRead := s.endpoints[targetID]
	switch {
	case !found:
		return []appliance{{text: "EC2 does not show the target", state: stateUnknown}}
	case isRead && endpoint.Gone:
		return []appliance{{text: "what backs the target is deleted", state: stateGone}}
	case target.Noun.InterfaceID != "":
		return []appliance{receiverOf(s, target.Noun.InterfaceID)}
	case !isRead || endpoint.Appliances == nil:
		return []appliance{{text: "EC2 does not show what is behind it", state: stateUnknown}}
	case len(endpoint.Appliances) == 0:
		return []appliance{{text: "nothing is registered", state: stateGone}}
	}
	all := make([]appliance, len(endpoint.Appliances))
	for i, address := range endpoint.Appliances {
		all[i] = appliance{text: address.String()}
	}
	return all
}

// receiverOf returns the interface that backs a target.
func receiverOf(s *snapshot, id string) appliance {
	i, found := s.Interface(id)
	if !found {
		return appliance{interfaceID: id, text: id + ", not shown by EC2", state: stateUnknown}
	}
	text := interfaceTitle(i)
	if i.PrivateIPAddress.IsValid() {
		text += " " + i.PrivateIPAddress.String()
	}
	return appliance{interfaceID: id, text: text}
}
