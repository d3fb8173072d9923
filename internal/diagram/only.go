package diagram

import (
	"fmt"
	"slices"
)

// Only returns the part of the world that leads through any of the objects: an interface, a
// session, a filter, a target, what backs a target, a load balancer or an appliance. They are
// named by their IDs, ARNs, addresses or names.
func (w *World) Only(names []string) (*World, error) {
	if len(names) == 0 {
		return w, nil
	}
	part := *w
	part.Interfaces, part.Filters, part.Targets = nil, map[string]*Filter{}, map[string]*Target{}
	found := matches{}
	for _, i := range w.Interfaces {
		kept := *i
		kept.Sessions = nil
		for _, s := range i.Sessions {
			if found.match(names, w.chainNames(i, s)) {
				kept.Sessions = append(kept.Sessions, s)
				part.Filters[s.FilterID], part.Targets[s.TargetID] = w.Filters[s.FilterID], w.Targets[s.TargetID]
			}
		}
		if len(kept.Sessions) > 0 {
			part.Interfaces = append(part.Interfaces, &kept)
		}
	}
	for id, f := range w.Filters { // also those without a session
		if found.match(names, f.names()) {
			part.Filters[id] = f
		}
	}
	for id, t := range w.Targets {
		if found.match(names, t.allNames()) {
			part.Targets[id] = t
		}
	}
	for _, name := range names {
		if !found[name] {
			return nil, fmt.Errorf("no session, filter or target of the diagram has to do with %q. Write the ID, the ARN, the address or the name of an object that it shows", name)
		}
	}
	return &part, nil
}

// matches are the names that were found.
type matches map[string]bool

// match reports whether any of the names is one of an object.
func (m matches) match(names, of []string) bool {
	isFound := false
	for _, name := range names {
		if slices.Contains(of, name) {
			m[name] = true
			isFound = true
		}
	}
	return isFound
}

func (o *Object) names() []string {
	return slices.DeleteFunc([]string{o.ID, o.Name, o.Address}, func(s string) bool { return s == "" })
}

// chainNames are the names of everything that a session leads through.
func (w *World) chainNames(i *Interface, s *Session) []string {
	names := slices.Concat(i.names(), s.names(), []string{i.InstanceID, s.FilterID, s.TargetID})
	if f := w.Filters[s.FilterID]; f != nil {
		names = append(names, f.names()...)
	}
	if t := w.Targets[s.TargetID]; t != nil {
		names = append(names, t.allNames()...)
	}
	return names
}

// allNames are the names of a target and of everything behind it.
func (t *Target) allNames() []string {
	names := append(t.names(), t.Backing, t.Gateway, t.Balancer.Address)
	for _, o := range t.Registered {
		names = append(names, o.ID, o.Name, o.Address)
	}
	if t.Receiver != nil {
		names = slices.Concat(names, t.Receiver.names(), []string{t.Receiver.InstanceID, t.Receiver.Address})
	}
	if t.Endpoint == nil {
		return names
	}
	if lb := t.Endpoint.LoadBalancer; lb != nil {
		names = append(names, lb.ARN, lb.Name)
	}
	for _, address := range t.Endpoint.Appliances {
		names = append(names, address.String())
	}
	for _, g := range t.Endpoint.TargetGroups {
		names = append(names, g.ARN, g.Name)
		for _, r := range g.Targets {
			names = append(names, r.ID, r.InterfaceID)
			if r.Address.IsValid() {
				names = append(names, r.Address.String())
			}
		}
	}
	return names
}
