package reconcile

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The delete of a separate rule leaves a rule of a direction that the filter owns, and a
// filter that owns a direction too late learns that it may miss rules.
func TestDeleteRule_owned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []mirror.Direction // what the filter owns before and after the delete
		isDeleted     bool
		missesRules   bool
	}{
		"owned before":        {[]mirror.Direction{mirror.Ingress}, []mirror.Direction{mirror.Ingress}, false, false},
		"owned after":         {nil, []mirror.Direction{mirror.Ingress}, true, true},
		"the other direction": {[]mirror.Direction{mirror.Egress}, []mirror.Direction{mirror.Egress}, true, false},
		"not owned":           {nil, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
			if err != nil {
				t.Fatal(err)
			}
			clock := &testClock{}
			r := New(accountOf(emulator.Transport(handler), clock), clock)
			filter, err := r.account.CreateFilter(t.Context(), "", nil, account.NewToken())
			if err != nil {
				t.Fatal(err)
			}
			rule := numbered(1)[0]
			rule.FilterID = filter.Noun.ID
			created, err := r.CreateRule(t.Context(), rule, nil)
			if err != nil {
				t.Fatal(err)
			}
			if OwnRules(r, filter.Noun.ID, c.before) {
				t.Error("nothing was deleted yet")
			}
			if err := r.DeleteRule(t.Context(), created.Noun, time.Time{}); err != nil {
				t.Fatal(err)
			}
			if got := OwnRules(r, filter.Noun.ID, c.after); got != c.missesRules {
				t.Errorf("misses rules: %t, want %t", got, c.missesRules)
			}
			now, err := r.account.Filter(t.Context(), filter.Noun.ID)
			if isDeleted := len(now.Noun.Rules) == 0; err != nil || isDeleted != c.isDeleted {
				t.Errorf("deleted: %t, %v; want %t", isDeleted, err, c.isDeleted)
			}
		})
	}
}
