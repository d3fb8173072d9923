package provider

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A session may take a number that another one gives up in the same run. Nothing
// orders the two, so that the first waits.

// vacancies are what sessions wait for, by network interface. The zero value is ready
// to use.
type vacancies struct {
	mu          sync.Mutex
	byInterface map[string]*vacancy
}

// A vacancy is what the sessions of one interface know of each other.
type vacancy struct {
	changed chan struct{} // closed when one of them has changed or gone
	going   int           // how many are being deleted
	vain    bool          // one has waited until its patience was over
}

// of calls f with what is known of an interface. Only f may use it.
func (v *vacancies) of(interfaceID string, f func(*vacancy)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byInterface == nil {
		v.byInterface = map[string]*vacancy{}
	}
	if v.byInterface[interfaceID] == nil {
		v.byInterface[interfaceID] = &vacancy{changed: make(chan struct{})}
	}
	f(v.byInterface[interfaceID])
}

// change wakes those who wait.
func (v *vacancy) change() {
	close(v.changed)
	v.changed = make(chan struct{})
}

// delete notes that a session is being deleted, and returns what notes its end.
func (v *vacancies) delete(interfaceID string) (end func()) {
	v.of(interfaceID, func(v *vacancy) { v.going++ })
	return func() {
		v.of(interfaceID, func(v *vacancy) {
			v.going--
			v.change()
		})
	}
}

// take calls f until EC2 does not refuse the session number any more. It gives up
// when nothing has changed on the interface for as long as its patience, and at once
// where another session has waited in vain before.
func (v *vacancies) take(ctx context.Context, interfaceID string, f func() error) error {
	pause, quiet := firstPause, time.Duration(0)
	for {
		var changed chan struct{}
		var hopeless bool
		v.of(interfaceID, func(v *vacancy) {
			v.vain = v.vain || quiet >= patience && v.going == 0
			changed, hopeless = v.changed, v.vain && v.going == 0
		})
		err := f()
		if err == nil {
			v.of(interfaceID, (*vacancy).change)
		}
		if hopeless || !isNumberTaken(err) {
			return err
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return err // says more than a deadline does
		case <-changed:
			pause, quiet = firstPause, 0
		case <-time.After(pause):
			quiet += pause
			pause = min(2*pause, longestPause, max(patience-quiet, firstPause))
		}
	}
}
