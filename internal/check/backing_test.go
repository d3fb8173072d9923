package check

import (
	"errors"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// What EC2 does not show of the instance behind a target is said, and not taken for absence.
func TestReceiverWarning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		instance, state string
		managed         bool
		err             error
		want            string
	}{
		"runs":            {"i-1", "running", false, nil, ""},
		"starts":          {"i-1", "pending", false, nil, ""},
		"a new state":     {"i-1", "hibernating", false, nil, ""},
		"stopped":         {"i-1", "stopped", false, nil, "Nothing receives the copies now: eni-1 is attached to i-1, which is stopped. Nothing receives the copies while the instance does not run."},
		"detached":        {"", "", false, nil, "Nothing receives the copies now: eni-1 is attached to no instance now. Nothing receives the copies until it is attached."},
		"of a service":    {"", "", true, nil, ""},
		"not shown":       {"i-1", "", false, &account.NotFoundError{Kind: mirror.KindInstance}, "It is not known whether anything receives the copies: eni-1 is attached to i-1, which EC2 does not show. Whether anything receives the copies is not known."},
		"cannot be asked": {"i-1", "", false, errors.New("no permission"), ""},
	} {
		r := mirror.Receiver{Interface: mirror.Interface{ID: "eni-1", InstanceID: c.instance, RequesterManaged: c.managed}, InstanceState: c.state}
		got, text := receiverWarning(r, c.err)
		if text != "" {
			got += ": " + text
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
