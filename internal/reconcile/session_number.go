package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file changes session numbers. A session may need a number that another session of the
// interface frees in the same run. The two changes come in any order, so the session waits.
// If sessions need each other's numbers in a cycle, all of them wait, and the session with
// the lowest number moves aside: it gets a free number for a moment.
//
// Some sessions may not be able to wait at the same time, because the caller changes only a
// few objects at a time. If nothing changes on any interface for Patience, one waiting
// session gives up, so that the change of another one can begin. It moves aside before it
// fails. Then its old number is free, and every session gets its number in this run or in
// the next one.
//
// Numbers of separate rules work differently, because the order of rule changes decides
// which packets leak: see numberScheduler.

// nextPatience replaces Patience after the first session of a run has given up: the run is
// then known to be stuck.
const nextPatience = 2 * time.Second

// asideTime is how long a session may take to move aside when its own time is over.
const asideTime = 30 * time.Second

// sessionWaiters is the shared state of the sessions of one interface that wait for numbers.
type sessionWaiters struct {
	changed  chan struct{}  // closed when something has changed
	wanted   map[string]int // the numbers that sessions wait for, by session ID
	deleting int            // how many sessions are being deleted
}

// sessionNumbers lets the sessions that need numbers wait for each other.
type sessionNumbers struct {
	account *account.Account
	clock   account.Clock

	mu           sync.Mutex
	byInterface  map[string]*sessionWaiters
	changes      int  // counts the changes on all interfaces
	patienceUsed bool // a session has given up
}

// A sessionWait is the wait of one session.
type sessionWait struct {
	pause     time.Duration // the next pause
	idleFor   time.Duration // how long nothing has changed on any interface
	changes   int           // sessionNumbers.changes when idleFor was 0
	isBlocked bool          // the number belongs to a session that is not waiting
}

// with calls f with the waiters of an interface, while nobody else uses them.
func (n *sessionNumbers) with(interfaceID string, f func(*sessionWaiters)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byInterface[interfaceID] == nil {
		n.byInterface[interfaceID] = &sessionWaiters{changed: make(chan struct{}), wanted: map[string]int{}}
	}
	f(n.byInterface[interfaceID])
}

// change records a change on an interface, and wakes all sessions that wait there.
func (n *sessionNumbers) change(interfaceID string, f func(*sessionWaiters)) {
	n.with(interfaceID, func(w *sessionWaiters) {
		f(w)
		n.changes++
		close(w.changed)
		w.changed = make(chan struct{})
	})
}

// changed records that a session of an interface has got another number.
func (n *sessionNumbers) changed(interfaceID string) { n.change(interfaceID, func(*sessionWaiters) {}) }

// deleting records that a session is being deleted. The caller calls end when the
// delete has ended.
func (n *sessionNumbers) deleting(interfaceID string) (end func()) {
	n.with(interfaceID, func(w *sessionWaiters) { w.deleting++ })
	return func() { n.change(interfaceID, func(w *sessionWaiters) { w.deleting-- }) }
}

// waiting records which number a session waits for. The caller calls end when it does not
// wait any more.
func (n *sessionNumbers) waiting(s mirror.Session) (end func()) {
	if s.ID == "" {
		return func() {} // a new session has no number that others could wait for
	}
	n.change(s.InterfaceID, func(w *sessionWaiters) { w.wanted[s.ID] = s.Number })
	return func() { n.with(s.InterfaceID, func(w *sessionWaiters) { delete(w.wanted, s.ID) }) }
}

// nextChange returns a channel that is closed at the next change on an interface, and
// whether the session has to give up if its next try fails. Of all waiting sessions, only
// one gives up at a time.
func (n *sessionNumbers) nextChange(interfaceID string, wait *sessionWait) (changed <-chan struct{}, givesUp bool) {
	n.with(interfaceID, func(w *sessionWaiters) {
		changed = w.changed
		if wait.changes != n.changes {
			wait.changes, wait.idleFor = n.changes, 0
		}
		limit := Patience
		if n.patienceUsed {
			limit = nextPatience
		}
		if givesUp = wait.isBlocked && wait.idleFor >= limit && w.deleting == 0; givesUp {
			n.patienceUsed = true
			n.changes++
		}
	})
	return changed, givesUp
}

// take calls take, which sends the session with its number to EC2, until EC2 does not
// refuse the number. moveAside gives the session another number, to break a cycle or to
// give up. It is nil for a new session. alreadyMoved says that an earlier run has given up:
// then the session keeps its number if it has to give up again.
func (n *sessionNumbers) take(ctx context.Context, s mirror.Session, take func() error, moveAside func(ctx context.Context, number int) error, alreadyMoved bool) error {
	defer n.waiting(s)()
	wait := sessionWait{pause: account.FirstPause}
	giveUp := func(ctx context.Context, err error) error {
		if moveAside != nil && !alreadyMoved {
			if number := n.look(ctx, s).free; number != 0 && moveAside(ctx, number) == nil {
				n.changed(s.InterfaceID)
				return &MovedAsideError{err, number}
			}
		}
		return err
	}
	for {
		changed, givesUp := n.nextChange(s.InterfaceID, &wait)
		err := take()
		switch {
		case err == nil:
			n.changed(s.InterfaceID)
			return nil
		case !account.IsNumberTaken(err):
			return err
		case givesUp:
			return giveUp(ctx, err)
		}
		view := n.look(ctx, s)
		wait.isBlocked = view.isBlocked
		if view.breaksCycle && moveAside != nil && moveAside(ctx, view.free) == nil {
			n.changed(s.InterfaceID)
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), asideTime)
			defer cancel()
			return giveUp(late, err)
		case <-changed:
			wait.pause, wait.idleFor = account.FirstPause, 0
		case <-account.After(n.clock, wait.pause):
			wait.idleFor += wait.pause
			wait.pause = min(2*wait.pause, account.LongestPause, max(Patience-wait.idleFor, account.FirstPause))
		}
	}
}

// A sessionView is what a waiting session sees of its interface.
type sessionView struct {
	isBlocked   bool // its number belongs to a session that is not waiting
	breaksCycle bool // it has the lowest number of sessions that need each other's numbers
	free        int  // the highest free number, or 0: while a session has it, the others copy its packets
}

func (n *sessionNumbers) look(ctx context.Context, s mirror.Session) sessionView {
	sessions, err := n.account.Sessions(ctx, account.OnInterface(s.InterfaceID))
	if err != nil {
		return sessionView{isBlocked: true}
	}
	var wanted map[string]int
	n.with(s.InterfaceID, func(w *sessionWaiters) { wanted = maps.Clone(w.wanted) })
	holder := map[int]mirror.Session{}
	for _, other := range sessions {
		holder[other.Number] = other
	}
	view := sessionView{free: int(mirror.SessionNumbers.Max)}
	for holder[view.free].ID != "" {
		view.free--
	}
	var cycle []int
	for next := s; len(cycle) < len(sessions); {
		number := s.Number
		if len(cycle) > 0 {
			number = wanted[next.ID]
		}
		next = holder[number]
		if wanted[next.ID] == 0 {
			view.isBlocked = len(cycle) == 0
			return view
		}
		cycle = append(cycle, next.Number)
		if next.ID == s.ID {
			view.breaksCycle = next.Number == slices.Min(cycle)
			return view
		}
	}
	return view
}
