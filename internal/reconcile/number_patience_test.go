package reconcile

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// After a rule has waited for Patience without success, a rule that comes later waits as long: what
// it needs may still be freed.
func TestNumberScheduler_laterRulesWaitAgain(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2, 3, 4)
	var rested atomic.Int64
	x.clock.mu.Lock()
	x.clock.ends = func(d time.Duration) bool {
		if d != gatherTime {
			rested.Add(int64(d))
		}
		return true
	}
	x.clock.mu.Unlock()
	for i, wanted := range []int{2, 3, 4} { // each is that of a rule that stays
		rested.Store(0)
		x.wanted[i].Number = wanted
		at, _, err := x.ChangeRule(t.Context(), x.rules[i], x.wanted[i], true)
		var taken *NumberTakenError
		if !errors.As(err, &taken) {
			t.Fatalf("rule %d: %v", i, err)
		}
		x.rules[i] = at
		if got := time.Duration(rested.Load()); got < Patience {
			t.Errorf("rule %d has waited for %s, want %s", i, got, Patience)
		}
	}
}
