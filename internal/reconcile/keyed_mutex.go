package reconcile

import (
	"context"
	"sync"
)

// keyedMutex is a mutex for each key. The zero value is ready to use.
type keyedMutex struct {
	mu    sync.Mutex
	locks map[string]chan struct{} // full while it is locked
}

// Lock locks the mutex of a key and returns what unlocks it. When ctx ends it stops waiting,
// and returns why ctx has ended.
func (m *keyedMutex) Lock(ctx context.Context, key string) (unlock func(), err error) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks = map[string]chan struct{}{}
	}
	if m.locks[key] == nil {
		m.locks[key] = make(chan struct{}, 1)
	}
	lock := m.locks[key]
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
