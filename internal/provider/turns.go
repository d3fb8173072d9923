package provider

import "sync"

// turns lets one caller at a time do what concerns one key.
type turns struct {
	mu     sync.Mutex
	queues map[string]*sync.Mutex
}

// take waits for the turn of the caller and returns what ends it.
func (t *turns) take(key string) (end func()) {
	t.mu.Lock()
	if t.queues == nil {
		t.queues = map[string]*sync.Mutex{}
	}
	queue := t.queues[key]
	if queue == nil {
		queue = &sync.Mutex{}
		t.queues[key] = queue
	}
	t.mu.Unlock()
	queue.Lock()
	return queue.Unlock
}
