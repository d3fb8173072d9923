package check

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A role is the use that an object makes of a thing: an ID, or an ID with a number.
type role int

const (
	asRuleNumber    role = iota // a rule takes its number
	asSessionNumber             // a session takes its number
	asSource                    // a session mirrors an interface
	asBacking                   // an interface or a load balancer backs a target
	asInline                    // a filter owns the rules of a direction
	asSeparate                  // a separate rule is in a direction
	asOutput                    // a simulation writes a file
	asCapture                   // a simulation reads a file
	asLeaving                   // a separate rule is in a direction until the plan destroys it
	asDestroyed                 // the plan destroys a target or filter
	asLeft                      // a session gets another target or filter than this one
	asMoving                    // a separate rule is in a direction until the plan changes its direction
)

// excludes has the roles that two objects cannot have for one thing.
var excludes = map[role][]role{
	asRuleNumber:    {asRuleNumber},
	asSessionNumber: {asSessionNumber},
	asSource:        {asBacking},
	asBacking:       {asBacking, asSource},
	asInline:        {asSeparate, asMoving},
	asSeparate:      {asInline},
	asOutput:        {asOutput, asCapture},
	asCapture:       {asOutput},
	asMoving:        {asInline},
}

// A reservation says that an object uses a thing after all changes of the plan.
type reservation struct {
	thing string
	as    role
}

// A collision is a reservation that excludes the reservation of another object.
type collision struct {
	reservation
	with role
	by   string // the other object
	same bool   // both are new and may have the same configuration: perhaps it is one that is planned twice
}

// other names the other object.
func (c collision) other() string {
	if strings.HasPrefix(c.by, newPrefix) {
		return aNewOne
	}
	return c.by
}

// aNewOne names an object that has no ID yet, for users.
const aNewOne = "a new one"

// newPrefix is the prefix of the names of objects that have no ID yet.
const newPrefix = "new-"

// reservations are the reservations of one plan. The zero value is ready to use.
type reservations struct {
	mu       sync.Mutex
	count    int                          // how many names newObjectID has returned
	configs  map[string]map[string]string // of new objects, by the name
	byThing  map[string]map[string][]role // by thing, then by object
	byObject map[string][]reservation
	moves    map[string]plannedMove // of targets and rules, by object
	warned   map[string]bool
	planned  chan struct{} // closed when the next object is planned; nil: nobody waits
}

// A plannedMove changes the backing resource of a target, or the number of a rule.
type plannedMove struct{ from, to string }

// newObjectID returns a name for an object that has no ID yet.
func (r *reservations) newObjectID(config map[string]string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	name := newPrefix + strconv.Itoa(r.count)
	if r.configs == nil {
		r.configs = map[string]map[string]string{}
	}
	r.configs[name] = config
	return name
}

// reserve replaces the reservations of an object, and returns the collisions of the new
// ones. It replaces them because an object may be planned twice.
func (r *reservations) reserve(objectID string, wanted ...reservation) []collision {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replace(objectID, wanted)
	var found []collision
	for _, w := range wanted {
		found = append(found, r.collisions(w, objectID)...)
	}
	return found
}

func (r *reservations) replace(objectID string, wanted []reservation) {
	if r.byThing == nil {
		r.byThing, r.byObject = map[string]map[string][]role{}, map[string][]reservation{}
	}
	for _, old := range r.byObject[objectID] {
		delete(r.byThing[old.thing], objectID)
	}
	r.byObject[objectID] = wanted
	delete(r.moves, objectID)
	for _, w := range wanted {
		if r.byThing[w.thing] == nil {
			r.byThing[w.thing] = map[string][]role{}
		}
		r.byThing[w.thing][objectID] = append(r.byThing[w.thing][objectID], w.as)
	}
	if r.planned != nil {
		close(r.planned)
		r.planned = nil
	}
}

func (r *reservations) collisions(w reservation, objectID string) []collision {
	var found []collision
	for _, other := range slices.Sorted(maps.Keys(r.byThing[w.thing])) {
		for _, as := range r.byThing[w.thing][other] {
			if other != objectID && slices.Contains(excludes[w.as], as) {
				found = append(found, collision{w, as, other, r.mayBeOne(objectID, other)})
			}
		}
	}
	return found
}

// mayBeOne reports whether two objects are new, and no argument that is known of both differs.
func (r *reservations) mayBeOne(one, other string) bool {
	a, b := r.configs[one], r.configs[other]
	for name, value := range a {
		if known, ok := b[name]; ok && known != value {
			return false
		}
	}
	return a != nil && b != nil
}

// isPlanned reports whether an object has been planned so far.
func (r *reservations) isPlanned(objectID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, found := r.byObject[objectID]
	return found
}

// countOf returns how many objects need a thing in a role.
func (r *reservations) countOf(thing string, as role) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, roles := range r.byThing[thing] {
		if slices.Contains(roles, as) {
			n++
		}
	}
	return n
}

// moveTarget records that a target gets another backing resource. If the moves form a
// cycle, it returns the other targets of the cycle. Otherwise it returns none: some order
// of the moves works.
func (r *reservations) moveTarget(targetID string, own plannedMove) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(targetID, own)
	var cycle []string
	for at := own; len(cycle) < len(r.moves); {
		next := r.movesAwayFrom(at.to)
		switch next {
		case "":
			return nil
		case targetID:
			return cycle
		}
		cycle = append(cycle, next)
		at = r.moves[next]
	}
	return nil
}

func (r *reservations) note(objectID string, own plannedMove) {
	if r.moves == nil {
		r.moves = map[string]plannedMove{}
	}
	r.moves[objectID] = own
}

// moveRule records that a rule of a filter gets another number. It returns how many rules
// of the filter swap numbers so far: a rule that takes the number of another one, or whose
// number another one takes.
func (r *reservations) moveRule(ruleID, filterID string, own plannedMove) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(ruleID, own)
	left, needed := map[string]bool{}, map[string]bool{}
	for _, m := range r.moves {
		left[m.from], needed[m.to] = true, true
	}
	count := 0
	for _, m := range r.moves {
		if strings.HasPrefix(m.from, filterID+" ") && (left[m.to] || needed[m.from]) {
			count++
		}
	}
	return count
}

// warnOnce reports whether a warning is new. A warning that is true of many objects of a
// plan is reported once.
func (r *reservations) warnOnce(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.warned == nil {
		r.warned = map[string]bool{}
	}
	first := !r.warned[key]
	r.warned[key] = true
	return first
}

// movesAwayFrom returns the target that leaves a backing resource, or "".
func (r *reservations) movesAwayFrom(backing string) string {
	for _, id := range slices.Sorted(maps.Keys(r.moves)) {
		if m := r.moves[id]; m.from == backing && m.from != m.to {
			return id
		}
	}
	return ""
}

// The things that are not IDs: the rules of a direction, and a number in a place.

func ruleDirection(filterID string, d mirror.Direction) string { return filterID + " " + string(d) }

func withNumber(thing string, n int) string { return thing + " " + strconv.Itoa(n) }
