package diagram

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

// OfPlan returns the world of a plan or of a state. What it does not show is drawn as unknown.
func OfPlan(o *planfile.Overview) *World {
	w := &World{Filters: map[string]*Filter{}, Targets: map[string]*Target{}, HasIDs: true}
	interfaces := map[string]*Interface{}
	for at := range o.Interfaces {
		i := &o.Interfaces[at]
		known := interfaces[i.Key]
		if known == nil {
			known = &Interface{}
			interfaces[i.Key] = known
		}
		if known.ID == "" || !i.IsPrimary { // it can be in the file by itself and as that of its instance
			known.Object, known.VPCID, known.SubnetID, known.Tags = plannedObject(&i.Planned), i.VPCID, i.SubnetID, i.Tags
		}
		known.InstanceID = cmp.Or(known.InstanceID, i.InstanceID)
	}
	for at := range o.Filters {
		f := &o.Filters[at]
		filter := &Filter{Object: plannedObject(&f.Planned), HasDNS: len(f.NetworkServices) > 0, Unknown: f.Unknown}
		filter.Ingress, filter.Egress = rulesOf(f.Filter)
		w.Filters[f.Key] = filter
	}
	hasBalancer := false
	for at := range o.Targets {
		t := &o.Targets[at]
		w.Targets[t.Key] = plannedTarget(t, interfaces)
		hasBalancer = hasBalancer || t.Endpoint != nil && t.Endpoint.LoadBalancer != nil
	}
	for _, s := range o.Sessions {
		session := plannedSession(s)
		from := cmp.Or(s.Interface, "the interface of "+s.Address)
		i := interfaces[from]
		if i == nil {
			i = &Interface{Object: Object{ID: from}}
			if s.Interface == "" {
				i.Name, i.Hidden, i.Tone = "not known", vague, Warn
			}
			interfaces[from] = i
		}
		if len(i.Sessions) == 0 {
			w.Interfaces = append(w.Interfaces, i)
		}
		i.Sessions = append(i.Sessions, session)
		w.stub(session)
	}
	for _, i := range w.Interfaces {
		slices.SortStableFunc(i.Sessions, func(a, b *Session) int { return cmp.Compare(a.Number, b.Number) })
	}
	slices.SortFunc(w.Interfaces, func(a, b *Interface) int { return cmp.Compare(a.ID, b.ID) })
	if hasBalancer {
		w.Notes = append(w.Notes, "Of load balancers, the diagram has the listeners and the registered targets that are in the same file. It does not have their health.")
	}
	return w
}

// Why a file shows nothing of an object.
const (
	notInFile = "not in this file"
	vague     = "this file does not show which one"
)

// stub makes the filter and the target of a session if the file does not have them.
func (w *World) stub(s *Session) {
	unknown := Object{Hidden: vague, Name: "not known"}
	if s.FilterID == "" {
		s.FilterID = "filter of " + s.ID
		w.Filters[s.FilterID] = &Filter{Object: unknown}
	}
	if s.TargetID == "" {
		s.TargetID = "target of " + s.ID
		w.Targets[s.TargetID] = &Target{Object: unknown}
	}
	if w.Filters[s.FilterID] == nil {
		w.Filters[s.FilterID] = &Filter{Object: Object{ID: s.FilterID, Hidden: notInFile}}
	}
	if w.Targets[s.TargetID] == nil {
		w.Targets[s.TargetID] = &Target{Object: Object{ID: s.TargetID, Hidden: notInFile}}
	}
}

// plannedObject names an object by its tag, or by its address.
func plannedObject(p *planfile.Planned) Object {
	return Object{ID: p.Key, Name: cmp.Or(p.Name, p.Address), Address: p.Address, Change: Change(p.Change), Old: p.Old}
}

func rulesOf(f mirror.Filter) (ingress, egress Rules) {
	for _, r := range f.Rules {
		of := &egress
		if r.Direction == mirror.Ingress {
			of = &ingress
		}
		if r.Action == mirror.Accept {
			of.Accept++
		} else {
			of.Reject++
		}
	}
	return ingress, egress
}

// words say how many rules accept and reject.
func (r Rules) words() string {
	var parts []string
	if r.Accept > 0 {
		parts = append(parts, strconv.Itoa(r.Accept)+" accept")
	}
	if r.Reject > 0 {
		parts = append(parts, strconv.Itoa(r.Reject)+" reject")
	}
	return cmp.Or(strings.Join(parts, ", "), "no rule")
}

func plannedSession(s planfile.PlannedSession) *Session {
	session := &Session{
		Object: plannedObject(&s.Planned), Number: s.Number, VNI: s.VNI, PacketLength: s.PacketLength,
		FilterID: s.Filter, TargetID: s.Target, Reason: joined(" ", s.Reason, strings.Join(s.Vague, " ")),
	}
	session.Name = s.Name // "session 1" says more than an address
	session.Word, session.Tone = statusWords(inventory.Status(s.Status))
	if s.Disabled {
		session.Word, session.Tone = statusWords(inventory.Disabled)
	}
	return session
}

func plannedTarget(t *planfile.PlannedTarget, interfaces map[string]*Interface) *Target {
	target := &Target{Object: plannedObject(&t.Planned), Backing: t.Backing, Endpoint: t.Endpoint}
	if t.Endpoint == nil {
		return target
	}
	target.Type, target.IsOpen, target.Registered = t.Endpoint.Type, t.IsOpen, map[string]*Object{}
	target.Gateway = t.Gateway
	if t.Balancer != nil {
		target.Balancer = plannedObject(t.Balancer)
	}
	for _, a := range t.Registered {
		key := registration(a.Target)
		if target.Registered[key] != nil {
			continue // another registration of it stays
		}
		target.Registered[key] = new(plannedObject(&a.Planned))
		if a.IsLeaving {
			target.Leaving = append(target.Leaving, *a.Target)
		}
	}
	if target.Type != mirror.NetworkInterface || t.Backing == "" {
		return target
	}
	target.Receiver = &Receiver{Object: Object{ID: t.Backing}}
	if i := interfaces[t.Backing]; i != nil {
		target.Receiver.Object, target.Receiver.InstanceID = i.Object, i.InstanceID
	}
	if t.Endpoint.Address.IsValid() {
		target.Receiver.Address = t.Endpoint.Address.String()
	}
	return target
}
