package account

import (
	"context"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// EC2 is eventually consistent: for some time after a change, a request may see the old
// state. The SDK repeats requests that are throttled, fail or lose their answer, with one
// client token, so that nothing is created twice. This file handles answers that are wrong
// only because they are too early
// (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).

// The pauses between two tries.
const (
	FirstPause   = 250 * time.Millisecond
	LongestPause = 5 * time.Second
)

// visibleAfter is how long after its creation an object may be invisible: until then, an
// answer that it does not exist is not believed.
const visibleAfter = 20 * time.Second

// Retry calls f again, with growing pauses, as long as it fails and passes reports that the
// error may be temporary. When ctx ends it returns the last error, which explains more than
// the deadline.
func (a *Account) Retry(ctx context.Context, passes func(error) bool, f func() error) error {
	for pause := FirstPause; ; pause = min(2*pause, LongestPause) {
		err := f()
		if err == nil || !passes(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-After(a.clock, pause):
		}
	}
}

// RetryFor is Retry for at most d.
func (a *Account) RetryFor(ctx context.Context, d time.Duration, passes func(error) bool, f func() error) error {
	end := a.clock.Now().Add(d)
	return a.Retry(ctx, func(err error) bool { return a.clock.Now().Before(end) && passes(err) }, f)
}

// untilVisible calls f until EC2 finds the objects with the IDs, as far as this run
// has written them. Any other ID that EC2 does not find fails at once, because it is
// mistyped.
func (a *Account) untilVisible(ctx context.Context, f func() error, ids ...string) error {
	early := func(err error) bool {
		kind, missing := NotFound(err)
		return missing && slices.ContainsFunc(ids, func(id string) bool { return kind.Is(id) && a.written.exists(id) })
	}
	return a.Retry(ctx, early, f)
}

// Refresh is ReadNew for the refresh of an object of an earlier run. Only a plan refreshes, so
// that older answers may answer later reads.
func Refresh[T any](ctx context.Context, a *Account, created time.Time, read func(context.Context, string) (T, error), id string) (T, error) {
	a.written.run.refresh()
	return ReadNew(ctx, a, created, read, id)
}

// ReadNew reads an object that was created at a time. Until visibleAfter has passed, it does
// not report that the object does not exist: a refresh that reported it would make Terraform
// create the object twice.
func ReadNew[T any](ctx context.Context, a *Account, created time.Time, read func(context.Context, string) (T, error), id string) (T, error) {
	var found T
	err := a.Retry(ctx, a.isEarly(created), func() (err error) {
		found, err = read(ctx, id)
		return err
	})
	return found, err
}

// isEarly returns what decides whether an answer is early: it says that an object
// does not exist which was created only just now.
func (a *Account) isEarly(created time.Time) func(error) bool {
	return func(err error) bool { return IsNotFound(err) && a.clock.Now().Sub(created) < visibleAfter }
}

// beginWrite notes that a change begins: from now on, no snapshot answers a read.
func (a *Account) beginWrite() {
	if !a.dryRun {
		a.written.run.begin()
	}
}

// modifyObject changes an object as soon as EC2 finds the objects with the IDs. call
// returns what the object has become.
func (a *Account) modifyObject(ctx context.Context, kind mirror.Kind, id string, call func() (any, error), ids ...string) error {
	if a.dryRun {
		_, err := call()
		return err
	}
	a.written.touch(kind, id)
	var noun any
	err := a.untilVisible(ctx, func() (err error) {
		noun, err = call()
		return err
	}, ids...)
	switch {
	case err == nil:
		a.written.set(kind, id, noun)
	case !isRefusal(err):
		a.written.setState(kind, id, uncertain)
	}
	return err
}

// deleteObject deletes an object that may be gone already. If it was created a moment ago and
// EC2 does not show it yet, deleteObject waits: otherwise the object would remain.
func (a *Account) deleteObject(ctx context.Context, kind mirror.Kind, id string, created time.Time, call func() error) error {
	if a.dryRun {
		return call()
	}
	if last := a.written.lastWrite(id); last.After(created) {
		created = last
	}
	a.written.setState(kind, id, deleting)
	err := a.Retry(ctx, a.isEarly(created), call)
	if err != nil && !IsNotFound(err) {
		a.written.setState(kind, id, uncertain)
		return err
	}
	a.written.setState(kind, id, deleted)
	return nil
}
