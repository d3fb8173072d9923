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
//
// A rule that needs a number joins the exchange of its filter as a member. When no
// other has come for a while, decide gives one member after the other a turn: to read
// the rules, to make one call, or to give up. The member tells how that went (saw,
// did, failed, yielded), and decide goes on. When no member can do anything, the
// exchange rests, has the rules read again, and so on until its patience is over. A
// member leaves when it has come to its end, with success or without.

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
		x.byFilter[filterID] = &exchange{after: after, ruleView: newRuleView()}
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
	members []*member // in the order in which they came
	ruleView
	read  bool          // whether the rules have been read since the last rest
	plan  []ruleStep    // what the members are going to do
	turn  *member       // whose turn it is
	pause pause         // what is waited for when it is nobody's turn
	alarm int           // the number of the last pause, which tells its end from that of an earlier one
	quiet time.Duration // how long nothing has changed
	next  time.Duration // how long to rest next
	vain  bool          // the members have waited once until their patience was over
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
		e.doubt(m.change.from)
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
		e.deleted(id, gone)
		if gone {
			e.progress()
		}
		if e.pause == resting {
			e.pause = noPause
			e.decide()
		}
	}
}

// note notes what EC2 has made of a rule that is no member.
func (e *exchange) note(rule mirror.Rule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.became(rule)
	e.plan = nil
}

// saw ends the turn of a member that has read the filter's rules.
func (e *exchange) saw(rules []mirror.Rule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turn, e.read, e.plan = nil, true, nil
	e.show(rules)
	for _, m := range e.members {
		m.change.from = e.now(m.change.from)
	}
	e.decide()
}

// yielded ends the turn of a member that gives up and has stepped aside.
func (e *exchange) yielded(m *member, rule mirror.Rule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turn, m.change.from = nil, &rule
	e.became(rule)
}

// did ends the turn of a member whose step has been made, and its membership if that
// was the last.
func (e *exchange) did(m *member, step ruleStep, last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turn, m.change.from = nil, &step.rule
	e.became(step.rule)
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
