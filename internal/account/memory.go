package account

// This file is about the answers without an object that a plan keeps. In a plan, many objects
// name the same target: its interface that another account owns, or that was deleted, would
// be asked for with each of them. An apply keeps no such answer.
//
//	EC2's answer                       | who relies on it later in the plan
//	-----------------------------------+-----------------------------------
//	the credentials may not make calls | all reads but those of Live
//	an ID is not there                 | those of KeepingAbsent
//
// Permissions to describe are for the whole action, and not for an object.

// KeepingAbsent returns the account, whose reads assume in a plan that an object is still not there.
// A read that waits for an object, or that decides whether one has to be created, needs an
// account without this.
func (a *Account) KeepingAbsent() *Account {
	keeping := *a
	keeping.keepsAbsent = true
	return &keeping
}

// remembers reports whether an answer without an object may answer later reads.
func (a *Account) remembers() bool {
	if a.cache == nil || a.isLive {
		return false
	}
	hasRefreshed, hasBegun := a.written.run.soFar()
	return !hasBegun && (a.isFresh || hasRefreshed)
}

// denied returns the refusal to describe a kind at all, if there was one.
func (a *Account) denied(s *source) error {
	if !a.remembers() {
		return nil
	}
	shot := a.cache.snapshots[s]
	shot.mu.Lock()
	defer shot.mu.Unlock()
	return shot.denial
}

// noteDenied keeps the refusal to describe a kind at all.
func (a *Account) noteDenied(s *source, err error) {
	if !IsDenied(err) || !a.remembers() {
		return
	}
	shot := a.cache.snapshots[s]
	shot.mu.Lock()
	defer shot.mu.Unlock()
	shot.denial = err
}

// isMissing reports whether an object is known not to be there.
func (a *Account) isMissing(s *source, id string) bool {
	if !a.keepsAbsent || !a.remembers() {
		return false
	}
	shot := a.cache.snapshots[s]
	shot.mu.Lock()
	defer shot.mu.Unlock()
	return shot.missing[id]
}

// noteMissing keeps that EC2 was asked for an object by its ID, and that it is not there.
func (a *Account) noteMissing(s *source, id string) {
	if !a.remembers() {
		return
	}
	shot := a.cache.snapshots[s]
	shot.mu.Lock()
	defer shot.mu.Unlock()
	if _, isThere := shot.items[id]; isThere {
		return
	}
	if shot.missing == nil {
		shot.missing = map[string]bool{}
	}
	shot.missing[id] = true
}

// onlyID returns the ID of the only object that a listing asks for, if an earlier answer that
// it is not there may answer.
func (a *Account) onlyID(s *source, where []Where) string {
	if !a.keepsAbsent || !a.remembers() || len(where) != 1 || where[0].name != s.idField || len(where[0].values) != 1 || !isPlain(where[0].values[0]) {
		return ""
	}
	return where[0].values[0]
}
