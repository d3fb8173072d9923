package emulator

import (
	"testing"
	"time"
)

// What was written is kept for as long as a fault may look back, and not any longer.
func TestFaultsReach(t *testing.T) {
	t.Parallel()
	f := newFaults([]Fault{{Kind: FaultStale, Duration: time.Second}, {Kind: FaultStale, Duration: time.Minute}, {Kind: FaultLatency, Duration: time.Hour}}, 0)
	if got := f.reach(); got != time.Minute {
		t.Errorf("the faults look back %s, want 1m", got)
	}
	f.set(nil)
	if got := f.reach(); got != 0 {
		t.Errorf("no fault looks back %s", got)
	}
}
