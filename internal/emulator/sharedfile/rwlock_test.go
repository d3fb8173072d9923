package sharedfile

import (
	"testing"
	"time"
)

func TestRWLockKeepsOrder(t *testing.T) {
	t.Parallel()
	g := newGate()
	leaveWriter, err := g.enter(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	inside := make(chan func())
	go func() {
		leave, _ := g.enter(t.Context(), false)
		inside <- leave
	}()
	select {
	case <-inside:
		t.Fatal("a reader came in beside a writer")
	case <-time.After(time.Millisecond):
	}
	leaveWriter()
	leaveReader := <-inside
	secondReader, err := g.enter(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	leaveReader()
	secondReader()
	leaveWriter, err = g.enter(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	leaveWriter()
}
