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

// A session may need a number that another session of the interface gives up in the
// same run. Nothing orders the two changes, so that the first one waits. Where sessions
// need each other's numbers in a cycle, all of them wait, and one of them moves aside.

// numberWaiters is what the sessions of one interface know of each other in a run.
type numberWaiters struct {
	changed      chan struct{}  // closed when something has changed
	wanted       map[string]int // the numbers that sessions wait for, by session ID
	deleting     int            // how many sessions are being deleted
	patienceUsed bool           // one session has waited for Patience, and nothing has changed
}

// sessionNumbers has the sessions of an interface that need a number wait for each other.
type sessionNumbers struct {
	account *account.Account
	clock   account.Clock

	mu          sync.Mutex
	byInterface map[string]*numberWaiters
}

// with calls f with what is known of an interface, while nobody else uses it.
func (n *sessionNumbers) with(interfaceID string, f func(*numberWaiters)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byInterface[interfaceID] == nil {
		n.byInterface[interfaceID] = &numberWaiters{changed: make(chan struct{}), wanted: map[string]int{}}
	}
	f(n.byInterface[interfaceID])
}

// wake wakes all that wait.
func (w *numberWaiters) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// deleting notes that a session is being deleted, and returns what has to be
// called when the delete has ended.
func (n *sessionNumbers) deleting(interfaceID string) (end func()) {
	n.with(interfaceID, func(w *numberWaiters) { w.deleting++ })
	return func() {
		n.with(interfaceID, func(w *numberWaiters) {
			w.deleting--
			w.wake()
		})
	}
}

// waiting notes which number a session waits for, and returns what has to be called when
// it does not wait any more.
func (n *sessionNumbers) waiting(s mirror.Session) (end func()) {
	if s.ID == "" {
		return func() {} // a session that is created has no number that others could wait for
	}
	n.with(s.InterfaceID, func(w *numberWaiters) {
		w.wanted[s.ID] = s.Number
		w.wake()
	})
	return func() { n.with(s.InterfaceID, func(w *numberWaiters) { delete(w.wanted, s.ID) }) }
}

// nextChange returns a channel that is closed at the next change on an interface, and
// whether there is nothing left to wait for. idleFor is how long nothing has changed.
func (n *sessionNumbers) nextChange(interfaceID string, idleFor time.Duration) (changed <-chan struct{}, isLastTry bool) {
	n.with(interfaceID, func(w *numberWaiters) {
		w.patienceUsed = w.patienceUsed || idleFor >= Patience && w.deleting == 0
		changed, isLastTry = w.changed, w.patienceUsed && w.deleting == 0
	})
	return changed, isLastTry
}

// take calls take, which asks EC2 for the number of a session, until EC2
// does not refuse the number. It gives up when nothing has changed on the interface for
// Patience, and at once where another session has waited for that long before. moveAside
// gives the session another number; a session that is created needs none.
func (n *sessionNumbers) take(ctx context.Context, s mirror.Session, take func() error, moveAside func(number int) error) error {
	defer n.waiting(s)()
	pause, idleFor := account.FirstPause, time.Duration(0)
	for {
		changed, isLastTry := n.nextChange(s.InterfaceID, idleFor)
		err := take()
		if err == nil {
			n.with(s.InterfaceID, (*numberWaiters).wake)
		}
		if isLastTry || !account.IsNumberTaken(err) {
			return err
		}
		if number := n.numberToBreakCycle(ctx, s); number != 0 && moveAside(number) == nil {
			n.with(s.InterfaceID, (*numberWaiters).wake)
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

// numberToBreakCycle returns the highest free number of the interface of a session, if
// sessions need each other's numbers in a cycle and this session has the lowest number of
// the cycle: when that session moves to the end, the others get its packets. Otherwise it
// returns 0.
func (n *sessionNumbers) numberToBreakCycle(ctx context.Context, s mirror.Session) int {
	if s.ID == "" {
		return 0 // a session that is created has no number that another could wait for
	}
	sessions, err := n.account.Sessions(ctx, account.OnInterface(s.InterfaceID))
	if err != nil {
		return 0
	}
	var wanted map[string]int
	n.with(s.InterfaceID, func(w *numberWaiters) { wanted = maps.Clone(w.wanted) })
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
