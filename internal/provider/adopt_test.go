package provider_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
)

// adopt runs the subcommand on the account.
func (a *account) adopt(t testing.TB, flags ...string) (stdout, stderr string, status int) {
	t.Helper()
	args := append([]string{"adopt", "--region", "us-east-1", "--emulator", a.path("ec2.db"), "--topology", a.path("topology.json")}, flags...)
	var out, errs bytes.Buffer
	status = cli.Main(t.Context(), "test", args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), status
}

// What adopt writes of objects that were made by hand is imported, and nothing else happens.
func TestAccAdopt(t *testing.T) {
	space := newWorkspace(t)
	h := newHandmade(t)
	for name, c := range map[string]struct {
		flags []string
		plan  string
	}{
		"maps":           {nil, "Plan: 9 to import, 0 to add, 0 to change, 0 to destroy."},
		"separate rules": {[]string{"--kind", "session", "--kind", "target", "--kind", "filter", "--kind", "filter_rule"}, "Plan: 12 to import, 0 to add, 0 to change, 0 to destroy."},
		"an interface":   {[]string{"--interface", source, "--tag", "team=netsec"}, "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy."},
	} {
		written, messages, status := h.adopt(t, c.flags...)
		if status != 0 {
			t.Fatalf("%s: exit %d\n%s", name, status, messages)
		}
		space.write(t, h.config("%s", written))
		if output := space.run(t, "plan"); !strings.Contains(output, c.plan) {
			t.Errorf("%s: the plan is not clean:\n%s\n%s", name, output, written)
		}
	}
}
