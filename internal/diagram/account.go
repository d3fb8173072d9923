package diagram

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// An Account is what a world of an account is made of.
type Account struct {
	Fleet     *inventory.Fleet
	Endpoints map[string]mirror.Endpoint               // by the ID of the target
	Sessions  map[string]inventory.SessionCoverage     // by ID
	Page      func(kind mirror.Kind, id string) string // the page of an object; nil: there are none
}

// hidden says that EC2 does not show an object.
const hidden = "EC2 does not show it"

// World returns the world of interfaces, with the filters and targets of the account.
func (a Account) World(interfaces []inventory.InterfaceCoverage) *World {
	w := &World{Filters: map[string]*Filter{}, Targets: map[string]*Target{}}
	for _, f := range a.Fleet.Filters {
		filter := &Filter{Object: a.object(mirror.KindFilter, f.Noun.ID, f.Noun.Description, f.Tags), HasDNS: len(f.Noun.NetworkServices) > 0}
		filter.Ingress, filter.Egress = rulesOf(f.Noun)
		w.Filters[f.Noun.ID] = filter
	}
	for _, t := range a.Fleet.Targets {
		w.Targets[t.Noun.ID] = a.target(t)
	}
	for _, i := range interfaces {
		w.Interfaces = append(w.Interfaces, a.iface(i))
		for _, s := range i.Source.Sessions {
			w.hide(s.Noun)
		}
	}
	return w
}

// hide makes the filter and the target of a session if EC2 does not show them.
func (w *World) hide(s mirror.Session) {
	if w.Filters[s.FilterID] == nil {
		w.Filters[s.FilterID] = &Filter{Object: Object{ID: s.FilterID, Hidden: hidden}}
	}
	if w.Targets[s.TargetID] == nil {
		w.Targets[s.TargetID] = &Target{Object: Object{ID: s.TargetID, Hidden: hidden}}
	}
}

func (a Account) object(kind mirror.Kind, id, description string, tags map[string]string) Object {
	o := Object{ID: id, Name: inventory.Title("", description, tags)}
	if a.Page != nil {
		o.Href = a.Page(kind, id)
	}
	return o
}

func (a Account) iface(i inventory.InterfaceCoverage) *Interface {
	of := i.Source.Interface
	n := &Interface{
		Object: a.object(mirror.KindInterface, of.ID, cmp.Or(of.Description, i.Source.Instance.Tags["Name"]), of.Tags), VPCID: of.VPCID, SubnetID: of.SubnetID, InstanceID: of.InstanceID, Tags: of.Tags,
		Word: classWord(i.Class), Tone: classTone(i.Class), Reason: i.Reason,
	}
	if _, isSeen := a.Fleet.Interface(of.ID); !isSeen {
		n.Href = ""
	}
	for _, s := range i.Source.Sessions {
		n.Sessions = append(n.Sessions, a.session(s))
	}
	return n
}

func (a Account) session(s account.Tagged[mirror.Session]) *Session {
	n := &Session{
		Object: a.object(mirror.KindSession, s.Noun.ID, s.Noun.Description, s.Tags), Number: s.Noun.Number,
		VNI: s.Noun.VirtualNetworkID, PacketLength: s.Noun.PacketLength, FilterID: s.Noun.FilterID, TargetID: s.Noun.TargetID,
	}
	known, isKnown := a.Sessions[s.Noun.ID]
	if !isKnown {
		known.Status = inventory.StatusUnknown
	}
	n.Word, n.Tone = statusWords(known.Status)
	if known.Idle != "" && known.Status.IsLive() { // else the status says it
		n.Word, n.Tone = joined(", ", n.Word, "idle: "+string(known.Idle)), Bad
	}
	return n
}

// statusWords is how a status is drawn. That of a session of which all is well, or of which a file
// says nothing, has no word.
func statusWords(s inventory.Status) (string, Tone) {
	switch {
	case s == "" || s == inventory.Active:
		return "", Neutral
	case s.IsLive():
		return "status: " + string(s), Warn
	}
	return "status: " + string(s), Bad
}

// classWord is what people read of a class.
func classWord(c inventory.Class) string {
	if c == inventory.Partly {
		return "mirrored partly"
	}
	return c.Word()
}

// classTone is the tone of an interface. One that cannot be mirrored is no fault, and one of which a
// part is mirrored may be as its filter wants it.
func classTone(c inventory.Class) Tone {
	switch c {
	case inventory.Mirrored:
		return Good
	case inventory.NotMirrored:
		return Bad
	case inventory.Cannot, inventory.Partly:
		return Neutral
	}
	return Warn
}

func (a Account) target(t account.Tagged[mirror.Target]) *Target {
	n := &Target{Object: a.object(mirror.KindTarget, t.Noun.ID, t.Noun.Description, t.Tags), Type: t.Noun.Type(), Backing: t.Noun.Backing()}
	if e, isRead := a.Endpoints[t.Noun.ID]; isRead {
		n.Endpoint, n.Registered = &e, a.registered(e)
	}
	if t.Noun.InterfaceID != "" {
		n.Receiver = a.receiver(t.Noun.InterfaceID, n.Endpoint)
	}
	return n
}

// registered returns the interfaces of what is registered behind a load balancer: those of its
// facts, and else those with its address.
func (a Account) registered(e mirror.Endpoint) map[string]*Object {
	all := map[string]*Object{}
	for _, g := range e.TargetGroups {
		for _, r := range g.Targets {
			for _, i := range a.Fleet.Interfaces {
				if i.ID == r.InterfaceID || r.InterfaceID == "" && r.Address.IsValid() && i.PrivateIPAddress == r.Address && (i.InstanceID == r.ID || i.VPCID == g.VPCID) {
					instance, _ := a.Fleet.Instance(i.InstanceID)
					all[registration(&r)] = new(a.object(mirror.KindInterface, i.ID, cmp.Or(i.Description, instance.Tags["Name"]), i.Tags))
				}
			}
		}
	}
	return all
}

// receiver returns the interface that backs a target.
func (a Account) receiver(id string, e *mirror.Endpoint) *Receiver {
	i, found := a.Fleet.Interface(id)
	if !found {
		return &Receiver{Object: Object{ID: id, Hidden: hidden}}
	}
	instance, _ := a.Fleet.Instance(i.InstanceID)
	r := &Receiver{Object: a.object(mirror.KindInterface, id, cmp.Or(i.Description, instance.Tags["Name"]), i.Tags), InstanceID: i.InstanceID}
	if i.PrivateIPAddress.IsValid() {
		r.Address = i.PrivateIPAddress.String()
	}
	r.Down = mirror.Receiver{Interface: i.Interface, InstanceState: instance.State}.Obstacle()
	if r.Down == "" && e != nil {
		r.Down = e.Down
	}
	return r
}

// OfCoverage returns the world of an account: the interfaces that have a session, also those that
// EC2 does not show, and a note about the others.
func OfCoverage(f *inventory.Fleet, endpoints map[string]mirror.Endpoint, c *inventory.Coverage) *World {
	a := Account{Fleet: f, Endpoints: endpoints, Sessions: map[string]inventory.SessionCoverage{}}
	for _, s := range c.Sessions {
		a.Sessions[s.Session.Noun.ID] = s
	}
	var sources []inventory.InterfaceCoverage
	without := newTally()
	for _, i := range slices.Concat(c.Interfaces, f.Unseen()) {
		if len(i.Source.Sessions) == 0 {
			without.add(classWord(i.Class), Neutral)
			continue
		}
		sources = append(sources, i)
	}
	w := a.World(sources)
	w.HasIDs = true
	if n := without.sum(); n > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%s without a session %s not drawn: %s.", wording.Count(n, "network interface"), wording.Is(n), strings.Join(without.lines(), ", ")))
	}
	return w
}

// SessionTitle says which session of its interface it is.
func SessionTitle(s account.Tagged[mirror.Session]) string {
	return sessionTitle(inventory.Title("", s.Noun.Description, s.Tags), s.Noun.Number)
}

func sessionTitle(name string, number int) string {
	switch {
	case name == "" && number > 0:
		return "session " + strconv.Itoa(number)
	case name == "":
		return "session"
	case number > 0:
		return "session " + strconv.Itoa(number) + ": " + name
	}
	return name
}
