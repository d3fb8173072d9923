package emulator

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// history remembers the values that recent transactions replaced, so that a stale read
// can see them. It is kept while there is a fault of the kind stale. It belongs to this
// Emulator: the writes of other processes are not in it.
type history struct {
	mu    sync.Mutex
	steps []step
}

// step is a transaction that can be undone.
type step struct {
	region string
	at     time.Time
	undo   []written
}

// written is a value that a transaction replaced; nil: there was none.
type written struct {
	bucket, key string
	old         []byte
}

// add remembers a transaction, and forgets those that are older than keep.
func (h *history) add(region string, now time.Time, keep time.Duration, undo *[]written) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.steps) > 0 && h.steps[0].at.Before(now.Add(-keep)) {
		h.steps = h.steps[1:]
	}
	if undo != nil {
		h.steps = append(h.steps, step{region, now, *undo})
	}
}

// forget forgets the transactions in a Region.
func (h *history) forget(region string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.steps = slices.DeleteFunc(h.steps, func(s step) bool { return s.region == region })
}

// since returns what was written in a Region after a time, the latest first.
func (h *history) since(region string, at time.Time) []written {
	h.mu.Lock()
	defer h.mu.Unlock()
	var undo []written
	for i := len(h.steps) - 1; i >= 0 && h.steps[i].at.After(at); i-- {
		if h.steps[i].region != region {
			continue
		}
		for j := len(h.steps[i].undo) - 1; j >= 0; j-- {
			undo = append(undo, h.steps[i].undo[j])
		}
	}
	return undo
}

// errRollback ends a transaction whose changes must not be kept.
var errRollback = errors.New("the transaction is rolled back")

// asOf runs f on the objects of a Region as they were some time ago. It writes the old
// values in a transaction that is rolled back.
func (e *Emulator) asOf(ctx context.Context, region string, ago time.Duration, writes bool, f func(*tx) error) error {
	undo := e.history.since(region, e.options.Now().Add(-ago))
	if undo == nil && !writes {
		return e.transact(ctx, region, false, f) // makes no Region
	}
	err := e.transact(ctx, region, true, func(*tx) error { return nil }) // prepares the Region
	if err != nil {
		return err
	}
	err = e.store.Update(ctx, func(b *bbolt.Tx) error {
		loading := e.topology.Load()
		if loading.mustPrepare(b, region) { // another process has reset the store since
			if err := e.prepare(b, region, loading); err != nil {
				return err
			}
			undo = nil
		}
		return e.on(b, region, nil, func(t *tx) error { return undoAndRun(t, undo, f) })
	})
	if errors.Is(err, errRollback) {
		return nil
	}
	return err
}

func undoAndRun(t *tx, undo []written, f func(*tx) error) error {
	for _, w := range undo {
		t.write(w.bucket, w.key, w.old)
	}
	if err := f(t); err != nil {
		return err
	}
	return errRollback
}
