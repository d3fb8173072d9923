package reconcile

import (
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A caller changes separate rules one by one, several at a time, and EC2 gives no
// number to two rules. So the rules of one filter that need a number share a scheduler.
// It plans all of them together, as it plans the rules of a whole filter, and tells
// each when to make which call. A rule makes its own calls, so that its caller knows
// what has become of it, whatever happens to the others.
//
// A rule that needs a number joins as a waiter. The scheduler gives one waiter at a
// time a task: to read the rules, to make a call, or to give up. The waiter answers
// with rulesRead, stepDone, refused or movedAway, and leaves when it has its number or has
// failed.
//
//	active | pause     | the scheduler waits for
//	-------+-----------+----------------------------------------------------------
//	nil    | gathering | more waiters, for gatherTime after the last one came
//	nil    | resting   | a number to become free: then the rules are read again
//	set    | noPause   | the answer of the active waiter
//	nil    | noPause   | nothing: there is no waiter
//
// When no waiter can do anything for Patience, patienceUsed is set, and every waiter
// whose number a rule outside of the scheduler has gives up at once.
type numberScheduler struct {
	clock account.Clock

	mu sync.Mutex
	waiterQueue
	isRead          bool          // the rules have been read since the last rest
	plan            []ruleStep    // what the waiters are going to do
	active          *waiter       // has a task
	pause           pause         // what is waited for when no waiter is active
	timerGeneration int           // number of the last pause: a timer of an earlier one is ignored
	idleFor         time.Duration // how long nothing has changed
	nextPause       time.Duration
	patienceUsed    bool
}

type pause int

const (
	noPause pause = iota
	gathering
	resting
)

// gatherTime is how long after the last waiter others are waited for before the first
// call. A caller that changes several rules starts them together.
const gatherTime = 300 * time.Millisecond

// A waiter is a rule that needs a number, and may have to wait for it.
type waiter struct {
	change       ruleChange // from follows each call; the rule is created if there is none
	alreadyMoved bool       // an earlier run has moved the rule away from the number that another rule wanted
	tasks        chan task  // holds one
	refusal      error      // with which EC2 last refused the number, if it did
}

// A task is what a waiter has to do: to give up, maybe after a step, to make a step, or
// else to read the filter's rules.
type task struct {
	giveUp *mirror.Rule // the rule that has the number and keeps it
	step   *ruleStep
}

func newNumberScheduler(clock account.Clock, correct func([]mirror.Rule) []mirror.Rule) *numberScheduler {
	return &numberScheduler{clock: clock, waiterQueue: waiterQueue{ruleView: newRuleView(correct)}}
}

// join adds a waiter.
func (s *numberScheduler) join(change ruleChange, alreadyMoved bool) *waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &waiter{change: change, alreadyMoved: alreadyMoved, tasks: make(chan task, 1)}
	s.waiters = append(s.waiters, w)
	s.progress()
	if s.active == nil {
		s.wait(gathering, gatherTime)
	}
	return w
}

// leave removes a waiter, if it has not got its number.
func (s *numberScheduler) leave(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.remove(w) {
		return
	}
	s.plan = nil
	if s.active == w {
		s.active, s.isRead = nil, false // its call may or may not have been made
	}
	if s.active == nil {
		// The caller can start another change now, maybe of the rule that the others wait for.
		s.wait(gathering, gatherTime)
	}
}

// progress notes a change, which makes it worth waiting again.
func (s *numberScheduler) progress() { s.plan, s.idleFor, s.nextPause = nil, 0, account.FirstPause }

// delete notes that a rule is being deleted, and returns what has to be called when the
// delete has ended.
func (s *numberScheduler) delete(id string) (end func(isDeleted bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleting[id] = true
	return func(isDeleted bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.deleting, id)
		s.final[id] = true
		s.refresh()
		if isDeleted {
			s.progress()
		}
		if s.pause == resting {
			s.pause = noPause
			s.decide()
		}
	}
}

// written notes that this run has written a rule that is no waiter.
func (s *numberScheduler) written() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh()
	s.plan = nil
}

// rulesRead ends the task of a waiter that has read the filter's rules.
func (s *numberScheduler) rulesRead(rules []mirror.Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, s.isRead, s.plan = nil, true, nil
	s.observe(rules)
	for _, w := range s.waiters {
		w.change.from = s.observed(w.change.from)
	}
	s.decide()
}

// movedAway ends the task of a waiter that gives up and has moved away.
func (s *numberScheduler) movedAway(w *waiter, rule mirror.Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, w.change.from = nil, &rule
	s.refresh()
}

// stepDone ends the task of a waiter that has made its step. The waiter leaves if that was
// its last.
func (s *numberScheduler) stepDone(w *waiter, step ruleStep, isLast bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, w.change.from = nil, &step.rule
	s.refresh()
	rest := s.plan
	if len(rest) > 0 {
		rest = rest[1:]
	}
	s.progress()
	if isLast {
		s.remove(w)
	}
	s.plan = rest
	s.decide()
}

// refused ends the task of a waiter whose number EC2 has refused: what was read is not
// true any more, or not yet. It reports whether the waiter should try again.
func (s *numberScheduler) refused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.patienceUsed && len(s.deleting) == 0 {
		return false // the task ends when the waiter leaves
	}
	s.active, s.plan = nil, nil
	s.rest()
	return true
}

func (s *numberScheduler) wait(p pause, d time.Duration) {
	s.timerGeneration++
	s.pause = p
	generation := s.timerGeneration
	s.clock.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.timerGeneration != generation || s.pause != p {
			return
		}
		s.pause = noPause
		s.patienceUsed = s.patienceUsed || p == resting && s.idleFor >= Patience && len(s.deleting) == 0
		s.decide()
	})
}

// rest waits for a number to become free, and then has the rules read again: only a
// read shows what others do.
func (s *numberScheduler) rest() {
	s.isRead = false
	d := s.nextPause
	if left := Patience - s.idleFor; left > 0 {
		d = min(d, left)
	}
	s.nextPause = min(2*s.nextPause, account.LongestPause)
	s.idleFor += d
	s.wait(resting, d)
}

// decide gives a waiter a task, or rests.
func (s *numberScheduler) decide() {
	if s.active != nil || s.pause != noPause || len(s.waiters) == 0 {
		return
	}
	if !s.isRead {
		s.give(s.waiters[0], task{})
		return
	}
	if len(s.plan) == 0 {
		s.plan = s.steps()
	}
	if len(s.plan) > 0 {
		step := s.plan[0]
		s.give(s.waiterOf(step), task{step: &step})
		return
	}
	w, holder := s.blocked()
	if w == nil || s.deleting[holder.ID] || !s.patienceUsed && !s.final[holder.ID] {
		s.rest()
		return
	}
	s.give(w, task{step: s.moveAside(w), giveUp: &holder})
}

func (s *numberScheduler) give(w *waiter, t task) {
	s.active = w
	w.tasks <- t
}
