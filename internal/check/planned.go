package check

import (
	"maps"
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
	targets  map[string]plannedTarget
	rules    table[plannedRule]
	sessions table[plannedSession]
	existing bool // some object exists already
}

// A table has objects of one kind, and finds them by what they use. The zero value is empty.
type table[V user] struct {
	all     map[string]V
	byUsage map[string]map[string]bool // names of objects
}

// A user is an object that uses others.
type user interface {
	usages() []string // by which the object can be found
}

func (t *table[V]) put(name string, value V) {
	t.remove(name)
	if t.all == nil {
		t.all, t.byUsage = map[string]V{}, map[string]map[string]bool{}
	}
	t.all[name] = value
	for _, usage := range value.usages() {
		if t.byUsage[usage] == nil {
			t.byUsage[usage] = map[string]bool{}
		}
		t.byUsage[usage][name] = true
	}
}

func (t *table[V]) remove(name string) {
	if value, found := t.all[name]; found {
		for _, usage := range value.usages() {
			delete(t.byUsage[usage], name)
		}
	}
	delete(t.all, name)
}

// using returns the objects with a usage, in the order of their names.
func (t *table[V]) using(usage string) []V {
	var found []V
	for _, name := range slices.Sorted(maps.Keys(t.byUsage[usage])) {
		found = append(found, t.all[name])
	}
	return found
}

// The usages.
const (
	ofFilter    = "filter "
	ofTarget    = "target "
	onInterface = "interface "
	ofUnknown   = "known only after apply"
)

type plannedFilter struct {
	Filter
	changes bool // the plan changes its rules
	updates bool // the apply writes it
}

type plannedTarget struct {
	Object[mirror.Target]
	moves bool // it exists and gets another backing resource: its sessions move with it
}

type plannedRule struct {
	Object[mirror.Rule]
	objectID string
	filter   reference
	updates  bool // the apply writes it
}

func (r plannedRule) usages() []string {
	usages := []string{ofFilter + r.filter.key}
	if !r.isKnown("traffic_mirror_filter_id") {
		usages = append(usages, ofFilter+ofUnknown)
	}
	return usages
}

type plannedSession struct {
	Object[mirror.Session]
	objectID       string
	filter, target reference
	updates        bool // the apply writes it
}

func (s plannedSession) usages() []string {
	usages := []string{ofTarget + s.target.key}
	if !s.isKnown("traffic_mirror_target_id") {
		usages = append(usages, ofTarget+ofUnknown)
	}
	on := ofUnknown
	if s.isKnown("network_interface_id") {
		on = s.Noun.InterfaceID
	}
	return append(usages, onInterface+on)
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

func (p *planned) putFilter(objectID string, f plannedFilter) {
	putObject(p, objectID, func() {
		if p.filters == nil {
			p.filters = map[string]plannedFilter{}
		}
		p.filters[objectID] = f
	})
}

func (p *planned) putTarget(objectID string, t plannedTarget) {
	putObject(p, objectID, func() {
		if p.targets == nil {
			p.targets = map[string]plannedTarget{}
		}
		p.targets[objectID] = t
	})
}

func (p *planned) putRule(objectID string, r plannedRule) {
	putObject(p, objectID, func() { p.rules.put(objectID, r) })
}

func (p *planned) putSession(objectID string, s plannedSession) {
	putObject(p, objectID, func() { p.sessions.put(objectID, s) })
}

func putObject(p *planned, objectID string, put func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.existing = p.existing || !strings.HasPrefix(objectID, newPrefix)
	put()
}

// forget removes an object that the plan deletes.
func (p *planned) forget(objectID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.filters, objectID)
	delete(p.targets, objectID)
	p.rules.remove(objectID)
	p.sessions.remove(objectID)
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
	return newKeys(p.targets, func(t plannedTarget) string { return t.Noun.ID })
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
func (p *planned) target(key string) (plannedTarget, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return lookUp(p.targets, key, func(t plannedTarget) string { return t.Noun.ID })
}

func lookUp[V any](all map[string]V, key string, id func(V) string) (V, bool) {
	objectID, isNew := strings.CutPrefix(key, newKeyPrefix)
	value, found := all[objectID]
	return value, found && (id(value) == "") == isNew
}

// existingSession returns what the plan has made so far of the session that has the ID now. The
// new session has no ID if it replaces this one.
func existingSession(p *planned, id string) (plannedSession, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, found := p.sessions.all[id]
	return s, found
}

// existingRule is existingSession for a separate rule.
func existingRule(p *planned, id string) (plannedRule, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, found := p.rules.all[id]
	return r, found
}

// existingFilter is existingSession for a filter.
func existingFilter(p *planned, id string) (plannedFilter, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, found := p.filters[id]
	return f, found
}

// existingTarget is existingSession for a target, which also gets a new ID if it moves.
func existingTarget(p *planned, id string) (plannedTarget, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, found := p.targets[id]
	return t, found
}

// hasOpenRules reports whether a rule whose filter is known only after apply can be one of a
// filter that exists: the plan has no new filter.
func hasOpenRules(p *planned) bool { return len(p.newFilters()) == 0 }

// rulesOf returns the separate rules of a filter, or those whose filter IDs are ofUnknown.
func (p *planned) rulesOf(filterKey string) []plannedRule {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rules.using(ofFilter + filterKey)
}

// isReplaced reports whether the plan creates a new session in place of the one with the ID.
func isReplaced(p *planned, id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, found := p.sessions.all[id]
	return found && s.Noun.ID == ""
}

// sessionsOn returns the sessions of an interface, or those whose interfaces are ofUnknown.
func (p *planned) sessionsOn(interfaceID string) []plannedSession {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions.using(onInterface + interfaceID)
}

// sessionsOf returns the sessions of a target, or those whose target IDs are ofUnknown.
func (p *planned) sessionsOf(targetKey string) []plannedSession {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions.using(ofTarget + targetKey)
}

// NoteExisting records that the run has read an object that exists already.
func NoteExisting(p *Plan) {
	p.planned.mu.Lock()
	defer p.planned.mu.Unlock()
	p.planned.existing = true
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
