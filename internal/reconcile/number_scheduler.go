package reconcile

import (
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A numberScheduler coordinates the separate rules of one filter that need a number. The
// caller changes rules one by one, several at a time, and EC2 gives no number to two rules.
// The scheduler plans all of these rules together, as ConvergeFilter plans the rules of a
// filter, and decides which rule makes which call when. Each rule makes its own calls, so
// that its caller gets the result, whatever happens to the other rules.
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
// If no waiter can do anything for Patience, the waiters of that time have waited long enough.
// Each gives up as soon as a rule that is no waiter has its number, or if every order of the
// waiters would leak a packet. That needs rules that do not change: they can leave no room
// for the rejects that change. A waiter that joins later waits for Patience itself: the rule
// that it needs may change later too.
//
// A waiter that gives up first moves its rule away: to a number that no rule needs. This
// frees the old number of the rule, so that in the next run the swap can finish.
// alreadyMoved says that an earlier run has done this: the rule does not move again.
type numberScheduler struct {
	clock account.Clock

	mu sync.Mutex
	waiterQueue
	isRead          bool          // the rules have been read since the last rest
	plan            []ruleStep    // the next steps of the waiters
	active          *waiter       // the waiter that has a task, or nil
	pause           pause         // what the scheduler waits for if no waiter is active
	timerGeneration int           // number of the last pause; timers of earlier pauses are ignored
	idleFor         time.Duration // how long nothing has changed
	nextPause       time.Duration
}

type pause int

const (
	noPause pause = iota
	gathering
	resting
)

// gatherTime is how long the scheduler waits for more waiters after the last one, before the
// first call. A caller that changes several rules starts them at about the same time.
const gatherTime = 300 * time.Millisecond

// A waiter is a rule that needs a number, and may have to wait for it.
type waiter struct {
	change       ruleChange // from is updated after each call; it is nil for a new rule
	alreadyMoved bool       // an earlier run gave up and moved the rule away from its number
	tasks        chan task  // holds one
	refusal      error      // EC2's last refusal of the number, or nil
	made         []ruleStep // the calls that it has made
	waitedEnough bool       // nothing changed for Patience while it waited
}

// A task is the next action of a waiter: give up (after a step, if there is one), make a
// step, or read the rules of the filter.
type task struct {
	giveUp      *mirror.Rule // the rule that has the number and keeps it
	noSafeOrder bool         // give up because every order of the waiters would leak a packet
	step        *ruleStep
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

// leave removes a waiter that has not got its number.
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
		// The caller may now start another change, for example of a rule that the others wait for.
		s.wait(gathering, gatherTime)
	}
}

// progress resets the wait after a change.
func (s *numberScheduler) progress() { s.plan, s.idleFor, s.nextPause = nil, 0, account.FirstPause }

// delete records that a rule is being deleted. The caller calls end when the delete has
// ended.
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

// written records that this run has written a rule that is not a waiter.
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

// movedAway ends the task of a waiter that gives up, after its rule has moved away.
func (s *numberScheduler) movedAway(w *waiter, rule mirror.Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, w.change.from = nil, &rule
	s.refresh()
}

// stepDone ends the task of a waiter that has made its step. The waiter leaves if this was its
// last step.
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

// refused ends the task of a waiter whose number EC2 has refused: the rules that were read
// are out of date, or EC2 does not have all changes yet. It reports whether to try again.
func (s *numberScheduler) refused(w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.waitedEnough && len(s.deleting) == 0 {
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
		if p == resting && s.idleFor >= Patience && len(s.deleting) == 0 {
			s.setWaitedEnough()
		}
		s.decide()
	})
}

// rest waits for a number to become free, and then lets a waiter read the rules again. Only a
// read shows changes by other programs.
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
	if w, holder := s.givesUp(); w != nil {
		s.give(w, task{step: s.moveAside(w), giveUp: &holder})
		return
	}
	if w := s.longestWaiter(); w != nil && !s.isBlocked() {
		s.give(w, task{noSafeOrder: true})
		return
	}
	s.rest()
}

func (s *numberScheduler) give(w *waiter, t task) {
	s.active = w
	w.tasks <- t
}
