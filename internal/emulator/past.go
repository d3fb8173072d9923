package emulator

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// past remembers for a while what recent transactions wrote over, so that a stale
// read can be shown what was there before. It is kept while a fault asks for it,
// and it is this Emulator's own: writes of other processes have no past here.
type past struct {
	mu    sync.Mutex
	steps []step
}

// step is a transaction that can be taken back.
type step struct {
	region string
	at     time.Time
	undo   []written
}

// written is a value that a transaction wrote over; nil: there was none.
type written struct {
	bucket, key string
	old         []byte
}

// add remembers a transaction, and forgets those that are too long ago.
func (p *past) add(region string, now time.Time, keep time.Duration, undo *[]written) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.steps) > 0 && p.steps[0].at.Before(now.Add(-keep)) {
		p.steps = p.steps[1:]
	}
	if undo != nil {
		p.steps = append(p.steps, step{region, now, *undo})
	}
}

// since returns what was written in a Region after a time, the latest first.
func (p *past) since(region string, at time.Time) []written {
	p.mu.Lock()
	defer p.mu.Unlock()
	var undo []written
	for i := len(p.steps) - 1; i >= 0 && p.steps[i].at.After(at); i-- {
		if p.steps[i].region != region {
			continue
		}
		for j := len(p.steps[i].undo) - 1; j >= 0; j-- {
			undo = append(undo, p.steps[i].undo[j])
		}
	}
	return undo
}

// errSeen ends a transaction that must not be kept.
var errSeen = errors.New("nothing is to be written")

// lookBack runs f on the objects of a Region as they were some time ago. The past
// is written into a transaction that is never finished.
func (e *Emulator) lookBack(ctx context.Context, region string, ago time.Duration, f func(*tx) error) error {
	err := e.transact(ctx, region, true, func(*tx) error { return nil }) // prepares the Region
	if err != nil {
		return err
	}
	undo := e.past.since(region, e.options.Now().Add(-ago))
	err = e.store.Update(ctx, func(b *bbolt.Tx) error {
		return e.on(b, region, nil, func(t *tx) error {
			for _, w := range undo {
				t.write(w.bucket, w.key, w.old)
			}
			if err := f(t); err != nil {
				return err
			}
			return errSeen
		})
	})
	if errors.Is(err, errSeen) {
		return nil
	}
	return err
}
