package account

import "time"

// A Clock is the source of time and waits. Tests use one that runs faster, or one that they
// set by hand.
type Clock interface {
	Now() time.Time

	// AfterFunc calls f in its own goroutine after d.
	AfterFunc(d time.Duration, f func())
}

// SystemClock is the clock of the machine.
type SystemClock struct{}

// Now implements Clock.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc implements Clock.
func (SystemClock) AfterFunc(d time.Duration, f func()) { time.AfterFunc(d, f) }

// After returns a channel that is closed after d.
func After(clock Clock, d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	clock.AfterFunc(d, func() { close(over) })
	return over
}
