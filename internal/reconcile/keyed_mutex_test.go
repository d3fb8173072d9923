package reconcile

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// While another create chooses a number on an interface, a cancelled one ends, and says for
// what it has waited. Other interfaces are free.
func TestNumbering_cancelled(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t)
	unlock, err := x.Numbering.creating.Lock(t.Context(), "eni-00000000000000001")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := mirror.Session{InterfaceID: "eni-00000000000000001"}
	_, err = x.Numbering.create(ctx, s, nil)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "a session number of eni-00000000000000001") {
		t.Errorf("the create ends with %v", err)
	}
	if x.Numbering.renumberHolder(ctx, s) {
		t.Error("a session was renumbered")
	}
	other, err := x.Numbering.creating.Lock(t.Context(), "eni-00000000000000002")
	if err != nil {
		t.Fatal(err)
	}
	other()
	unlock()
	// It has its turn now, and fails because there is no such interface.
	if _, err = x.Numbering.create(t.Context(), s, nil); errors.Is(err, context.Canceled) || account.Code(err) == "" {
		t.Errorf("after that the create ends with %v", err)
	}
}
