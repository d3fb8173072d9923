package check

import (
	"slices"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// planned has the objects that the plan has planned so far, with the values they have after
// the apply. The keys are the names of the objects in the plan. The zero value is ready to
// use.
type planned struct {
	mu       sync.Mutex
	filters  map[string]plannedFilter
	targets  map[string]Object[mirror.Target]
	rules    map[string]plannedRule
	sessions map[string]plannedSession
	existing bool // some object exists already
}

type plannedFilter struct {
	Filter
	changes bool // the plan changes its rules
}

type plannedRule struct {
	Object[mirror.Rule]
	filter reference
}

type plannedSession struct {
	Object[mirror.Session]
	filter, target reference
}

// A reference says which filter or target an object uses.
//
// If the ID is known only after apply, the object can use only a filter or target that was
// planned before: Terraform plans what others use first. If the plan has one new one so far,
// the object uses that one, unless its ID comes from another provider.
type reference struct {
	key     string // an ID, or newKey of the name of a new object; empty: not known
	isGuess bool   // the only new one so far
}

// newKey returns the key of an object whose ID is known only after apply.
func newKey(objectID string) string { return newKeyPrefix + objectID }

const newKeyPrefix = "new object "

func isNewKey(key string) bool { return strings.HasPrefix(key, newKeyPrefix) }

// put adds an object, or replaces it.
func put[V any](p *planned, all *map[string]V, objectID string, value V) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *all == nil {
		*all = map[string]V{}
	}
	(*all)[objectID] = value
	p.existing = p.existing || !strings.HasPrefix(objectID, newPrefix)
}

// forget removes an object that the plan deletes.
func (p *planned) forget(objectID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.filters, objectID)
	delete(p.targets, objectID)
	delete(p.rules, objectID)
	delete(p.sessions, objectID)
	p.existing = true
}

// filterOf returns the reference to a filter.
func (p *planned) filterOf(id string, isKnown bool) reference {
	return referenceTo(id, isKnown, p.newFilters())
}

// targetOf returns the reference to a target.
func (p *planned) targetOf(id string, isKnown bool) reference {
	return referenceTo(id, isKnown, p.newTargets())
}

func referenceTo(id string, isKnown bool, created []string) reference {
	switch {
	case isKnown:
		return reference{key: id}
	case len(created) == 1:
		return reference{created[0], true}
	}
	return reference{}
}

// newFilters returns the keys of the filters whose IDs are known only after apply.
func (p *planned) newFilters() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return newKeys(p.filters, func(f plannedFilter) string { return f.Noun.ID })
}

// newTargets is newFilters for targets. A target that gets another backing resource gets a
// new ID too.
func (p *planned) newTargets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return newKeys(p.targets, func(t Object[mirror.Target]) string { return t.Noun.ID })
}

func newKeys[V any](all map[string]V, id func(V) string) []string {
	var keys []string
	for objectID, value := range all {
		if id(value) == "" {
			keys = append(keys, newKey(objectID))
		}
	}
	slices.Sort(keys)
	return keys
}

// filter returns the planned filter with a key.
func (p *planned) filter(key string) (plannedFilter, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return lookUp(p.filters, key, func(f plannedFilter) string { return f.Noun.ID })
}

// target returns the planned target with a key.
func (p *planned) target(key string) (Object[mirror.Target], bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return lookUp(p.targets, key, func(t Object[mirror.Target]) string { return t.Noun.ID })
}

func lookUp[V any](all map[string]V, key string, id func(V) string) (V, bool) {
	objectID, isNew := strings.CutPrefix(key, newKeyPrefix)
	value, found := all[objectID]
	return value, found && (id(value) == "") == isNew
}

// rulesOf returns the separate rules of a filter.
func (p *planned) rulesOf(key string) []plannedRule {
	return pick(p, &p.rules, func(r plannedRule) bool { return r.filter.key == key })
}

// rulesOfNewFilters returns the separate rules whose filter IDs are known only after apply.
func (p *planned) rulesOfNewFilters() []plannedRule {
	return pick(p, &p.rules, func(r plannedRule) bool { return !r.isKnown("traffic_mirror_filter_id") })
}

// sessionsOn returns the sessions of an interface.
func (p *planned) sessionsOn(interfaceID string) []plannedSession {
	return pick(p, &p.sessions, func(s plannedSession) bool {
		return s.isKnown("network_interface_id") && s.Noun.InterfaceID == interfaceID
	})
}

// sessionsOf returns the sessions of a target.
func (p *planned) sessionsOf(targetKey string) []plannedSession {
	return pick(p, &p.sessions, func(s plannedSession) bool { return s.target.key == targetKey })
}

// pick returns the objects that a condition accepts, in the order of their names.
func pick[V any](p *planned, all *map[string]V, accepts func(V) bool) []V {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name, value := range *all {
		if accepts(value) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	picked := make([]V, len(names))
	for i, name := range names {
		picked[i] = (*all)[name]
	}
	return picked
}

// hasExisting reports whether the plan has had an object that exists already.
func (p *planned) hasExisting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.existing
}

// SessionNumbers returns the numbers of an interface that the sessions planned so far have
// after the apply.
func (p *Plan) SessionNumbers(interfaceID string) []int {
	var numbers []int
	for _, s := range p.planned.sessionsOn(interfaceID) {
		if s.isKnown("session_number") {
			numbers = append(numbers, s.Noun.Number)
		}
	}
	return numbers
}
