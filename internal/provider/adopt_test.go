package provider_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
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
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--kind", "session", "--kind", "target", "--kind", "filter", "--kind", "filter_rule"}, "Plan: 12 to import, 0 to add, 0 to change, 0 to destroy."},
		{[]string{"--interface", source, "--tag", "team=netsec", "--name-prefix", "old_"}, "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy."},
		{nil, "Apply complete! Resources: 9 imported, 0 added, 0 changed, 0 destroyed."},
	} {
		written, messages, status := h.adopt(t, c.flags...)
		if status != 0 {
			t.Fatalf("%v: exit %d\n%s", c.flags, status, messages)
		}
		space.write(t, h.config("%s", written))
		command := "plan"
		if c.flags == nil {
			command = "apply -auto-approve"
		}
		if output := space.run(t, command); !strings.Contains(output, c.want) {
			t.Errorf("%v: %s\n%s", c.flags, output, written)
		}
	}
	space.planIsEmpty(t)
}

// fragments are what a text can have that a configuration has to escape.
var fragments = []string{
	"${", "%{", "$${", "%%{ if true }", "}", "\"", "\\", "\\n", "\n", "\r\n", "\t", "'", "#", "//", "/*", "<<EOT\nx\nEOT\n", "=", "&amp;", "<x/>", "]]>",
	"\u00e9", "e\u0301", "\u00a0", "\u200d", "\u202e", "\u2028", "\ufeff", "\U0001f469\u200d\U0001f680", "\u540d\u524d", " ", "a", "for", "null", "0",
}

// Texts that have to be escaped come through adopt as they are.
func TestAccAdopt_texts(t *testing.T) {
	space := newWorkspace(t)
	h := newHandmade(t)
	seed := sample.Seed(t)
	random := rand.New(rand.NewPCG(seed, 13))
	text := func(longest int) string {
		var all string
		for range 1 + random.IntN(8) {
			if next := all + fragments[random.IntN(len(fragments))]; utf8.RuneCountInString(next) <= longest {
				all = next
			}
		}
		return all
	}
	tags := func() map[string]string {
		all := map[string]string{}
		for len(all) < 20 {
			all[text(mirror.MaxTagKeyLength)] = text(mirror.MaxTagValueLength)
		}
		return all
	}
	h.makeFilter(t, text(255), tags())
	h.makeTarget(t, mirror.Target{InterfaceID: sensor2, Description: text(255)}, tags())
	h.makeRule(t, mirror.Rule{FilterID: h.filter, Direction: mirror.Egress, Number: 8, Action: mirror.Accept, Description: text(255)}, tags())
	h.makeSession(t, mirror.Session{InterfaceID: source, TargetID: h.target, FilterID: h.filter, Number: 9, Description: text(255)}, tags())
	for _, flags := range [][]string{nil, {"--kind", "filter_rule"}} {
		written, messages, status := h.adopt(t, flags...)
		if status != 0 {
			t.Fatalf("exit %d\n%s", status, messages)
		}
		space.write(t, h.config("")+written)
		if output := space.run(t, "plan"); !strings.Contains(output, " to import, 0 to add, 0 to change, 0 to destroy.") {
			t.Errorf("TRAFFICMIRROR_SEED=%d: %s\n%s", seed, output, written)
		}
	}
}
