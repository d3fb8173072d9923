package account

import "sync"

// A progress says what a run has done so far.
type progress struct {
	mu           sync.Mutex
	hasBegun     bool // a write has begun
	hasRefreshed bool // an object of an earlier run was read
}

// begin notes that a write begins. Its object may have no ID yet.
func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hasBegun = true
}

// refresh notes that an object of an earlier run is refreshed.
func (p *progress) refresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hasRefreshed = true
}

// soFar reports whether the run has refreshed an object, and whether a write has begun.
func (p *progress) soFar() (hasRefreshed, hasBegun bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hasRefreshed, p.hasBegun
}
