package reconcile

import (
	"context"
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
// Numbers of separate rules work differently, because the order of rule changes decides
// which packets leak: see numberScheduler.

// sessionWaiters is the shared state of the sessions of one interface that wait for numbers.
type sessionWaiters struct {
	changed      chan struct{}  // closed when something has changed
	wanted       map[string]int // the numbers that sessions wait for, by session ID
	deleting     int            // how many sessions are being deleted
	patienceUsed bool           // one session has waited for Patience, and nothing has changed
}

// sessionNumbers lets the sessions of an interface that need numbers wait for each other.
type sessionNumbers struct {
	account *account.Account
	clock   account.Clock

	mu          sync.Mutex
	byInterface map[string]*sessionWaiters
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

// wake wakes all waiting sessions.
func (w *sessionWaiters) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// deleting records that a session is being deleted. The caller calls end when the
// delete has ended.
func (n *sessionNumbers) deleting(interfaceID string) (end func()) {
	n.with(interfaceID, func(w *sessionWaiters) { w.deleting++ })
	return func() {
		n.with(interfaceID, func(w *sessionWaiters) {
			w.deleting--
			w.wake()
		})
	}
}

// waiting records which number a session waits for. The caller calls end when it does not
// wait any more.
func (n *sessionNumbers) waiting(s mirror.Session) (end func()) {
	if s.ID == "" {
		return func() {} // a new session has no number that others could wait for
	}
	n.with(s.InterfaceID, func(w *sessionWaiters) {
		w.wanted[s.ID] = s.Number
		w.wake()
	})
	return func() { n.with(s.InterfaceID, func(w *sessionWaiters) { delete(w.wanted, s.ID) }) }
}

// nextChange returns a channel that is closed at the next change on an interface, and
// whether the next try is the last one. idleFor is how long nothing has changed.
func (n *sessionNumbers) nextChange(interfaceID string, idleFor time.Duration) (changed <-chan struct{}, isLastTry bool) {
	n.with(interfaceID, func(w *sessionWaiters) {
		w.patienceUsed = w.patienceUsed || idleFor >= Patience && w.deleting == 0
		changed, isLastTry = w.changed, w.patienceUsed && w.deleting == 0
	})
	return changed, isLastTry
}

// take calls take, which sends the session with its number to EC2, until EC2
// does not refuse the number. It fails when nothing has changed on the interface for
// Patience, or at once if another session has already waited that long. moveAside gives the
// session another number to break a cycle; it may be nil for a new session.
func (n *sessionNumbers) take(ctx context.Context, s mirror.Session, take func() error, moveAside func(number int) error) error {
	defer n.waiting(s)()
	pause, idleFor := account.FirstPause, time.Duration(0)
	for {
		changed, isLastTry := n.nextChange(s.InterfaceID, idleFor)
		err := take()
		if err == nil {
			n.with(s.InterfaceID, (*sessionWaiters).wake)
		}
		if isLastTry || !account.IsNumberTaken(err) {
			return err
		}
		if number := n.numberToBreakCycle(ctx, s); number != 0 && moveAside(number) == nil {
			n.with(s.InterfaceID, (*sessionWaiters).wake)
		}
		select {
		case <-ctx.Done():
			return whyStopped(ctx, err)
		case <-changed:
			pause, idleFor = account.FirstPause, 0
		case <-account.After(n.clock, pause):
			idleFor += pause
			pause = min(2*pause, account.LongestPause, max(Patience-idleFor, account.FirstPause))
		}
	}
}

// numberToBreakCycle returns the highest free number of the interface, if sessions need each
// other's numbers in a cycle and this session has the lowest number of the cycle. Otherwise
// it returns 0. While this session has the highest number, the others copy its packets.
func (n *sessionNumbers) numberToBreakCycle(ctx context.Context, s mirror.Session) int {
	if s.ID == "" {
		return 0 // a new session has no number that another could wait for
	}
	sessions, err := n.account.Sessions(ctx, account.OnInterface(s.InterfaceID))
	if err != nil {
		return 0
	}
	var wanted map[string]int
	n.with(s.InterfaceID, func(w *sessionWaiters) { wanted = maps.Clone(w.wanted) })
	holder := map[int]mirror.Session{}
	for _, other := range sessions {
		holder[other.Number] = other
	}
	var cycle []int
	for next := s; len(cycle) < len(wanted) && wanted[next.ID] != 0; {
		next = holder[wanted[next.ID]]
		cycle = append(cycle, next.Number)
		if next.ID == s.ID {
			return highestFree(next.Number, cycle, holder)
		}
	}
	return 0
}

// highestFree returns the highest number that no session has, if number is the lowest of
// the cycle, and otherwise 0.
func highestFree(number int, cycle []int, holder map[int]mirror.Session) int {
	if number != slices.Min(cycle) {
		return 0
	}
	free := int(mirror.SessionNumbers.Max)
	for holder[free].ID != "" {
		free--
	}
	return free
}
