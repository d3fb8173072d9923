package provider

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Terraform plans each resource for itself. What two of them cannot both have is
// found here: every object of a plan claims what it will take when all is done.
// Objects that the plan has not reached yet claim nothing, so that what is about
// to be given up is in nobody's way.

// A role is what an object needs a thing for.
type role int

const (
	asRuleNumber    role = iota // a rule takes its number
	asSessionNumber             // a session takes its number
	asSource                    // a session mirrors an interface
	asBacking                   // a target stands on an interface or a load balancer
	asInline                    // a filter owns the rules of a direction
	asSeparate                  // a rule of its own stands in a direction
)

// excludes holds the roles that one thing cannot have for two objects.
var excludes = map[role][]role{
	asRuleNumber:    {asRuleNumber},
	asSessionNumber: {asSessionNumber},
	asSource:        {asBacking},
	asBacking:       {asBacking, asSource},
	asInline:        {asSeparate},
	asSeparate:      {asInline},
}

// A claim says that an object takes a thing.
type claim struct {
	thing string
	as    role
}

// A collision is a claim that another object is in the way of.
type collision struct {
	claim
	with role
	by   string // the token of the other object
}

// holder names the other object.
func (c collision) holder() string {
	if strings.HasPrefix(c.by, freshPrefix) {
		return "one that is to be created"
	}
	return c.by
}

// freshPrefix begins the tokens of objects that have no ID yet.
const freshPrefix = "new-"

// claims are those of one plan, or of one apply. The zero value is ready to use.
type claims struct {
	mu    sync.Mutex
	fresh int
	held  map[string]map[string][]role // by thing and token
	taken map[string][]claim           // by token
	moves map[string]move              // of targets and rules, by token
	told  map[string]bool              // what has been said once and is not said again
}

// A move changes what a target stands on, or the number of a rule.
type move struct{ from, to string }

// newToken returns a token for an object that has no ID yet.
func (c *claims) newToken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fresh++
	return freshPrefix + strconv.Itoa(c.fresh)
}

// stake puts claims in the place of those that the object had, and returns what
// they collide with. Terraform may plan an object twice.
func (c *claims) stake(token string, wanted ...claim) []collision {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held, c.taken = map[string]map[string][]role{}, map[string][]claim{}
	}
	for _, old := range c.taken[token] {
		delete(c.held[old.thing], token)
	}
	c.taken[token] = wanted
	delete(c.moves, token)
	var found []collision
	for _, w := range wanted {
		found = append(found, c.collisions(w, token)...)
		if c.held[w.thing] == nil {
			c.held[w.thing] = map[string][]role{}
		}
		c.held[w.thing][token] = append(c.held[w.thing][token], w.as)
	}
	return found
}

func (c *claims) collisions(t claim, token string) []collision {
	var found []collision
	for _, other := range slices.Sorted(maps.Keys(c.held[t.thing])) {
		for _, as := range c.held[t.thing][other] {
			if other != token && slices.Contains(excludes[t.as], as) {
				found = append(found, collision{t, as, other})
			}
		}
	}
	return found
}

// knows reports whether the plan has come to an object.
func (c *claims) knows(token string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, found := c.taken[token]
	return found
}

// count returns how many objects claim a thing in a role.
func (c *claims) count(thing string, as role) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, roles := range c.held[thing] {
		if slices.Contains(roles, as) {
			n++
		}
	}
	return n
}

// exchange notes that a target moves, and returns the targets that would have to
// move first, in a circle back to it; none if the moves can be put in an order.
func (c *claims) exchange(token string, own move) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(token, own)
	var circle []string
	for at := own; len(circle) < len(c.moves); {
		next := c.standingOn(at.to)
		switch next {
		case "":
			return nil
		case token:
			return circle
		}
		circle = append(circle, next)
		at = c.moves[next]
	}
	return nil
}

func (c *claims) note(token string, own move) {
	if c.moves == nil {
		c.moves = map[string]move{}
	}
	c.moves[token] = own
}

// renumber notes that a rule of a filter moves, and returns how many rules of the
// filter exchange numbers so far: one takes what another gives up.
func (c *claims) renumber(token, filterID string, own move) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(token, own)
	left, taken := map[string]bool{}, map[string]bool{}
	for _, m := range c.moves {
		left[m.from], taken[m.to] = true, true
	}
	count := 0
	for _, m := range c.moves {
		if strings.HasPrefix(m.from, filterID+" ") && (left[m.to] || taken[m.from]) {
			count++
		}
	}
	return count
}

// isFirst reports whether something has not been said yet. What is true of many
// objects of one plan is said once.
func (c *claims) isFirst(said string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told = map[string]bool{}
	}
	first := !c.told[said]
	c.told[said] = true
	return first
}

// standingOn returns the target that moves away from a backing.
func (c *claims) standingOn(backing string) string {
	for _, token := range slices.Sorted(maps.Keys(c.moves)) {
		if m := c.moves[token]; m.from == backing && m.from != m.to {
			return token
		}
	}
	return ""
}

// The things that are not IDs.

func ruleDirection(filterID string, d mirror.Direction) string { return filterID + " " + string(d) }

func withNumber(thing string, n int64) string { return thing + " " + strconv.FormatInt(n, 10) }
