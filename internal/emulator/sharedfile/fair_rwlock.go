package sharedfile

import "context"

// fairRWLock is held by one writer or by up to maxReaders readers. It serves them in
// the order in which they ask, and stops waiting when their context ends.
//
// The lock of the file does the same between processes, but only by polling. Within
// a process that would be slow and unfair.
type fairRWLock struct {
	queue chan struct{} // held by the one who waits for slots, so that nobody overtakes
	slots chan struct{} // a reader takes one, a writer all
}

// maxReaders limits how often the file is open at once.
const maxReaders = 16

func newFairRWLock() *fairRWLock {
	return &fairRWLock{queue: make(chan struct{}, 1), slots: make(chan struct{}, maxReaders)}
}

// lock waits for the lock and returns a function that releases it.
func (l *fairRWLock) lock(ctx context.Context, writer bool) (unlock func(), err error) {
	wanted := 1
	if writer {
		wanted = maxReaders
	}
	if err := acquire(ctx, l.queue); err != nil {
		return nil, err
	}
	defer func() { <-l.queue }()
	for taken := range wanted {
		if err := acquire(ctx, l.slots); err != nil {
			l.release(taken)
			return nil, err
		}
	}
	return func() { l.release(wanted) }, nil
}

func (l *fairRWLock) release(n int) {
	for range n {
		<-l.slots
	}
}

func acquire(ctx context.Context, slots chan<- struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
