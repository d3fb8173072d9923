package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A world is all that mirrors and all that can be mirrored, with what is known of it. It does
// not change.
type world struct {
	fleet     *inventory.Fleet
	endpoints map[string]mirror.Endpoint // by the ID of the target
	coverage  inventory.Coverage

	interfaces []inventory.InterfaceCoverage // those of coverage, and those that only a session names; by ID
	sessions   map[string]inventory.SessionCoverage
	idle       map[string]inventory.Idle // by the ID of the session, as sessions
}

// readWorld reads a world. An error of EC2 fails it: without one of the listings, no answer is
// right.
func readWorld(ctx context.Context, a *account.Account, rules inventory.Rules, managed *inventory.Managed) (*world, error) {
	fleet, err := inventory.Read(ctx, a, rules)
	if err != nil {
		return nil, err
	}
	endpoints, err := inventory.ReadEndpoints(ctx, a, fleet)
	if err != nil {
		return nil, err
	}
	return newWorld(fleet, endpoints, managed), nil
}

func newWorld(fleet *inventory.Fleet, endpoints map[string]mirror.Endpoint, managed *inventory.Managed) *world {
	coverage := inventory.CoverageOf(fleet, inventory.CoverageQuestions{Price: inventory.DefaultPrice, Endpoints: endpoints, Managed: managed})
	w := &world{
		fleet: fleet, endpoints: endpoints, coverage: coverage, interfaces: slices.Clone(coverage.Interfaces),
		sessions: map[string]inventory.SessionCoverage{}, idle: map[string]inventory.Idle{},
	}
	for _, s := range coverage.Sessions {
		w.sessions[s.Session.Noun.ID] = s
	}
	for _, i := range coverage.Idle {
		w.idle[i.Session.Noun.ID] = i
	}
	w.addUnseen()
	slices.SortFunc(w.interfaces, func(x, y inventory.InterfaceCoverage) int {
		return cmp.Compare(x.Source.Interface.ID, y.Source.Interface.ID)
	})
	return w
}

// addUnseen adds the interfaces that EC2 does not show, but whose sessions it shows, such as
// those of other accounts that use a target of this account.
func (w *world) addUnseen() {
	at := map[string]int{}
	for _, s := range w.fleet.Sessions {
		id := s.Noun.InterfaceID
		if _, isSeen := w.fleet.Interface(id); isSeen {
			continue
		}
		if _, isAdded := at[id]; !isAdded {
			at[id] = len(w.interfaces)
			unseen := inventory.InterfaceCoverage{Class: inventory.ClassUnknown, Reason: fmt.Sprintf("EC2 does not show %s to this account.", id)}
			unseen.Source.Interface.ID = id
			w.interfaces = append(w.interfaces, unseen)
		}
		source := &w.interfaces[at[id]].Source
		source.Sessions = append(source.Sessions, s)
	}
}

// title returns what people call an interface.
func interfaceTitle(i account.NetworkInterface) string {
	return inventory.Title(i.ID, i.Description, i.Tags)
}

func (w *world) filterTitle(id string) string {
	if f, found := w.fleet.Filter(id); found {
		return inventory.Title(id, f.Noun.Description, f.Tags)
	}
	return id
}

func (w *world) targetTitle(id string) string {
	if t, found := w.fleet.Target(id); found {
		return inventory.Title(id, t.Noun.Description, t.Tags)
	}
	return id
}

// An appliance is what receives the copies for a target.
type appliance struct {
	id        string // of an interface, or "": it has only an address
	text      string
	isUnknown bool // EC2 does not show what it is
	isGone    bool // there is none
}

// appliances returns what receives the copies for a target. What EC2 does not show is said.
func (w *world) appliances(targetID string) []appliance {
	target, found := w.fleet.Target(targetID)
	endpoint, isRead := w.endpoints[targetID]
	switch {
	case !found:
		return []appliance{{text: "EC2 does not show the target", isUnknown: true}}
	case isRead && endpoint.Gone:
		return []appliance{{text: "what backs the target is deleted", isGone: true}}
	case target.Noun.InterfaceID != "":
		return []appliance{w.receiver(target.Noun.InterfaceID)}
	case !isRead || endpoint.Appliances == nil:
		return []appliance{{text: "EC2 does not show what is behind it", isUnknown: true}}
	case len(endpoint.Appliances) == 0:
		return []appliance{{text: "nothing is registered", isGone: true}}
	}
	all := make([]appliance, len(endpoint.Appliances))
	for i, address := range endpoint.Appliances {
		all[i] = appliance{text: address.String()}
	}
	return all
}

// receiver returns the interface that backs a target.
func (w *world) receiver(id string) appliance {
	i, found := w.fleet.Interface(id)
	if !found {
		return appliance{id: id, text: id + ", not shown by EC2", isUnknown: true}
	}
	text := interfaceTitle(i)
	if i.PrivateIPAddress.IsValid() {
		text += " " + i.PrivateIPAddress.String()
	}
	return appliance{id: id, text: text}
}
