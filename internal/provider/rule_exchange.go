package provider

import (
	"slices"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Terraform changes rules of their own one by one, as many at a time as
// -parallelism says, and EC2 gives no number to two rules. So rules that exchange
// numbers meet here: those of one filter that are under way at the same time are
// planned together, as inline rules are, and each makes its own calls when its turn
// comes. What a rule has become is then in the state of that rule, whatever happens
// to the others.

// exchanges are those of one run, by filter. The zero value is ready to use.
type exchanges struct {
	mu       sync.Mutex
	byFilter map[string]*exchange
	after    func(time.Duration, func()) // a clock for tests; nil means that of the machine
}

func (x *exchanges) of(filterID string) *exchange {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.byFilter == nil {
		x.byFilter = map[string]*exchange{}
	}
	if x.byFilter[filterID] == nil {
		after := x.after
		if after == nil {
			after = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
		}
		x.byFilter[filterID] = &exchange{after: after, going: map[string]bool{}, settled: map[string]bool{}}
	}
	return x.byFilter[filterID]
}

// gatherTime is how long after the last rule has come others are waited for before
// the first call: Terraform starts what it can start at once.
const gatherTime = 300 * time.Millisecond

// patience is how long a number that another object has is waited for while nothing
// changes that could give it up. Nobody can tell whether the plan is about to change
// that object: Terraform asks for one change after the other. A variable for the
// tests alone.
var patience = 30 * time.Second

// An exchange orders the changes of one filter's rules that take a number.
type exchange struct {
	after func(time.Duration, func())

	mu      sync.Mutex
	members []*member       // in the order in which they came
	going   map[string]bool // rules that are being deleted, by ID
	settled map[string]bool // rules that this run has changed, and does not change again
	rules   []mirror.Rule   // what the filter has, if read
	used    []ruleChange    // the numbers that rules of the filter have had, as if they came back
	read    bool
	plan    []ruleStep // what the members are going to do
	turn    *member    // whose turn it is
	pause   pause
	alarm   int           // the number of the last pause
	quiet   time.Duration // how long nothing has changed
	next    time.Duration // how long to rest next
	vain    bool          // the members have waited once until their patience was over
}

// A pause is what an exchange waits for when it is nobody's turn.
type pause int

const (
	noPause   pause = iota
	gathering       // for members that are about to come
	resting         // for a number to become free
)

// A member is a rule that has to take a number, and may have to wait for it.
type member struct {
	change ruleChange // from follows each call; the rule is created if there is none
	aside  bool       // an earlier run has parked the rule already
	turns  chan turn  // holds one
	denied error      // how EC2 refused the number last, if it did
}

// A turn is what a member shall do: to give up, maybe after a step, to make a step,
// or else to read the filter's rules.
type turn struct {
	giveUp *mirror.Rule // the rule that has the number, and stays
	step   *ruleStep
}

// join adds a member.
func (e *exchange) join(change ruleChange, aside bool) *member {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := &member{change: change, aside: aside, turns: make(chan turn, 1)}
	e.members = append(e.members, m)
	e.progress()
	if e.turn == nil {
		e.wait(gathering, gatherTime)
	}
	return m
}

// leave ends the membership of m, if it has not come to its end.
func (e *exchange) leave(m *member) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.remove(m) {
		return
	}
	if e.turn == m {
		e.turn, e.read = nil, false // nobody knows what became of its call
	}
	if e.turn == nil {
		// Terraform can change another rule now, which may be the one that is missing.
		e.wait(gathering, gatherTime)
	}
}

func (e *exchange) remove(m *member) bool {
	i := slices.Index(e.members, m)
	if i < 0 {
		return false
	}
	e.members = slices.Delete(e.members, i, i+1)
	e.plan = nil
	if m.change.from != nil {
		e.settled[m.change.from.ID] = true
	}
	return true
}

// progress notes that something has changed, so that it is worth waiting again.
func (e *exchange) progress() { e.plan, e.quiet, e.next = nil, 0, firstPause }

// delete notes that a rule is being deleted, and returns what tells the outcome.
func (e *exchange) delete(id string) (end func(gone bool)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.going[id] = true
	return func(gone bool) {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.going, id)
		e.settled[id] = true
		if gone {
			e.rules = slices.DeleteFunc(slices.Clone(e.rules), func(r mirror.Rule) bool { return r.ID == id })
			e.progress()
		}
		if e.pause == resting {
			e.pause = noPause
			e.decide()
		}
	}
}

// outdate notes that a rule has become another without taking part.
func (e *exchange) outdate() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.read, e.plan = false, nil
}

// saw ends the turn of a member that has read the filter's rules.
func (e *exchange) saw(rules []mirror.Rule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turn, e.rules, e.read, e.plan = nil, rules, true, nil
	for _, r := range rules {
		if !taken(finals(e.used), r, "") {
			e.used = append(e.used, ruleChange{to: &r})
		}
	}
	for _, m := range e.members {
		if m.change.from == nil {
			continue
		}
		if i := slices.IndexFunc(rules, func(r mirror.Rule) bool { return r.ID == m.change.from.ID }); i >= 0 {
			found := rules[i]
			m.change.from = &found
		}
	}
	e.decide()
}

// did ends the turn of a member whose step has been made, and its membership if that
// was the last.
func (e *exchange) did(m *member, step ruleStep, last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turn = nil
	e.rules = applyStep(e.rules, step)
	m.change.from = &step.rule
	rest := e.plan
	if len(rest) > 0 {
		rest = rest[1:]
	}
	e.progress()
	if last {
		e.remove(m)
	}
	e.plan = rest
	e.decide()
}

// failed ends the turn of a member to which EC2 said that the number is taken, so
// that what was read is not true any more, or not yet. It reports whether that is
// worth another try.
func (e *exchange) failed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.vain && len(e.going) == 0 {
		return false // the turn ends when the member leaves
	}
	e.turn, e.plan = nil, nil
	e.rest()
	return true
}

func (e *exchange) wait(p pause, d time.Duration) {
	e.alarm++
	e.pause = p
	alarm := e.alarm
	e.after(d, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.alarm != alarm || e.pause != p {
			return
		}
		e.pause = noPause
		e.vain = e.vain || p == resting && e.quiet >= patience && len(e.going) == 0
		e.decide()
	})
}

// rest waits for a number to become free, and has the rules read again then: what
// others do is seen by reading alone.
func (e *exchange) rest() {
	e.read = false
	d := e.next
	if left := patience - e.quiet; left > 0 {
		d = min(d, left)
	}
	e.next = min(2*e.next, longestPause)
	e.quiet += d
	e.wait(resting, d)
}

// decide says whose turn it is, if it is anybody's.
func (e *exchange) decide() {
	if e.turn != nil || e.pause != noPause || len(e.members) == 0 {
		return
	}
	if !e.read {
		e.give(e.members[0], turn{})
		return
	}
	if len(e.plan) == 0 {
		e.plan = e.steps()
	}
	if len(e.plan) > 0 {
		step := e.plan[0]
		e.give(e.owner(step), turn{step: &step})
		return
	}
	m, holder := e.stuck()
	if m == nil || e.going[holder.ID] || !e.vain && !e.settled[holder.ID] {
		e.rest()
		return
	}
	e.give(m, turn{step: e.park(m), giveUp: &holder})
}

func (e *exchange) give(m *member, t turn) {
	e.turn = m
	m.turns <- t
}

// owner returns the member whose step it is.
func (e *exchange) owner(step ruleStep) *member {
	i := slices.IndexFunc(e.members, func(m *member) bool {
		if m.change.from == nil {
			return step.call == createCall && sameRule(*m.change.to, step.rule)
		}
		return m.change.from.ID == step.rule.ID
	})
	return e.members[i]
}

// holder returns the rule that has the number which a member shall take.
func (e *exchange) holder(m *member) (mirror.Rule, bool) {
	i := slices.IndexFunc(e.rules, func(r mirror.Rule) bool {
		return r.Direction == m.change.to.Direction && r.Number == m.change.to.Number && (m.change.from == nil || m.change.from.ID != r.ID)
	})
	if i < 0 {
		return mirror.Rule{}, false
	}
	return e.rules[i], true
}

// member returns the member that stands for a rule, or nil.
func (e *exchange) member(id string) *member {
	i := slices.IndexFunc(e.members, func(m *member) bool { return m.change.from != nil && m.change.from.ID == id })
	if i < 0 {
		return nil
	}
	return e.members[i]
}

// stuck returns a member whose number a rule has that is no member, and that rule.
func (e *exchange) stuck() (*member, mirror.Rule) {
	for _, m := range e.members {
		if holder, held := e.holder(m); held && e.member(holder.ID) == nil {
			return m, holder
		}
	}
	return nil, mirror.Rule{}
}

// steps plans the members that can come to their end among themselves.
func (e *exchange) steps() []ruleStep {
	wanted := slices.Clone(e.rules)
	var changes []ruleChange
	for _, m := range e.members {
		if !e.movable(m) || taken(finals(changes), *m.change.to, "") {
			continue // two that want one number come one after the other
		}
		changes = append(changes, m.change)
		wanted = applyStep(wanted, finalStep(m.change))
	}
	return changeSteps(e.rules, wanted, changes)
}

func finals(changes []ruleChange) []mirror.Rule {
	rules := make([]mirror.Rule, len(changes))
	for i, c := range changes {
		rules[i] = *c.to
	}
	return rules
}

// movable reports whether the number of a member is free, or held by members that
// can make room in their turn. A circle of them can: one of them steps aside.
func (e *exchange) movable(m *member) bool {
	for range e.members {
		holder, held := e.holder(m)
		if !held {
			return true
		}
		if m = e.member(holder.ID); m == nil {
			return false
		}
	}
	return true
}

// park returns the step that moves a rule which gives up out of the way of others, so
// that the number which it has is free for the rest of the run: rules that do not
// meet could not exchange their numbers in any number of runs otherwise. It goes to a
// number that no rule has had, which another could be about to take. A reject that
// would let something through wherever it went stays.
func (e *exchange) park(m *member) *ruleStep {
	if m.change.from == nil || m.aside {
		return nil
	}
	s := ruleSearch{present: e.rules, wanted: e.rules, rules: e.rules, pending: slices.Clone(e.used)}
	for _, other := range e.members {
		s.pending = append(s.pending, other.change)
	}
	var safe *ruleStep
	for _, number := range s.gaps(m.change.from.Direction) {
		step := ruleStep{modifyCall, *m.change.from}
		step.rule.Number = number
		after := applyStep(e.rules, step)
		switch {
		case !s.isSafe(after, step.rule.Direction):
		case s.isLossless(after, step.rule.Direction):
			return &step
		case safe == nil:
			safe = &step
		}
	}
	return safe
}
