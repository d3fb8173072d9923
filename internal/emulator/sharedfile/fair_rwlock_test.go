package sharedfile

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func mustLock(t *testing.T, l *fairRWLock, writer bool) (unlock func()) {
	t.Helper()
	unlock, err := l.lock(t.Context(), writer)
	if err != nil {
		t.Fatal(err)
	}
	return unlock
}

// Readers share the lock, a writer has it alone, and both are served in order.
func TestFairRWLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newFairRWLock()
		first, second := mustLock(t, l, false), mustLock(t, l, false)
		var order []string
		wait := func(name string, writer bool) {
			go func() {
				unlock, err := l.lock(context.Background(), writer)
				order = append(order, name)
				if err == nil {
					unlock()
				}
			}()
			synctest.Wait()
		}
		wait("writer", true)
		wait("reader", false) // there is room, but the writer asked first
		if len(order) > 0 {
			t.Errorf("%v got the lock beside the readers", order)
		}
		first()
		synctest.Wait()
		if len(order) > 0 {
			t.Errorf("%v got the lock beside the second reader", order)
		}
		second()
		synctest.Wait()
		if len(order) != 2 || order[0] != "writer" {
			t.Errorf("the order is %v, want the writer and then the reader", order)
		}
		mustLock(t, l, true)()
	})
}

// Who stops waiting leaves nothing taken.
func TestFairRWLock_canceled(t *testing.T) {
	t.Parallel()
	l := newFairRWLock()
	unlock := mustLock(t, l, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// A canceled context may still get a free slot, but never all of them.
	if _, err := l.lock(ctx, true); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	unlock()
	mustLock(t, l, true)()
}
