package reconcile

import "sync"

// keyedMutex is a mutex for each key. The zero value is ready to use.
type keyedMutex struct {
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

// Lock locks the mutex of a key and returns what unlocks it.
func (m *keyedMutex) Lock(key string) (unlock func()) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks = map[string]*sync.Mutex{}
	}
	if m.locks[key] == nil {
		m.locks[key] = &sync.Mutex{}
	}
	lock := m.locks[key]
	m.mu.Unlock()
	lock.Lock()
	return lock.Unlock
}
