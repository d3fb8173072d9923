package emulator

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A VNI that EC2 picks is one that no session has, of the whole range.
func TestPickedVNIs(t *testing.T) {
	t.Parallel()
	path := newFilledStore(t)
	e, err := New(Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	drawn := []int{7, 8, 7, 9}
	err = e.transact(t.Context(), "us-east-1", true, func(tx *tx) error {
		tx.draw = func(r mirror.Range) int {
			if r != mirror.VirtualNetworkIDs {
				t.Errorf("drawn from %v, want %v", r, mirror.VirtualNetworkIDs)
			}
			next := drawn[0]
			drawn = drawn[1:]
			return next
		}
		for i, taken := range []int{7, 8} {
			id := []string{"tms-1", "tms-2"}[i]
			sessions.put(tx, id, mirror.Session{ID: id, OwnerID: tx.account, Number: 1, VirtualNetworkID: new(taken)})
		}
		if got := freeNetwork(tx); got != 9 {
			t.Errorf("picked %d, want 9: sessions have 7 and 8 (A0052)", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
