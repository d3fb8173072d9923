package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// needQuery skips a test if the CLI has no command query: Terraform before 1.14, and OpenTofu.
func (w *workspace) needQuery(t *testing.T) {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), w.program, "-help").Output()
	if err != nil || !regexp.MustCompile(`(?m)^\s+query\s`).Match(text) {
		t.Skip("the CLI has no command query: run with TERRAFORM=<path of Terraform 1.14 or later>")
	}
}

// query writes list blocks, and returns what the CLI shows of them.
func (w *workspace) query(t *testing.T, lists, flags string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, "main.tfquery.hcl"), []byte(lists), 0o600); err != nil {
		t.Fatal(err)
	}
	return w.run(t, "query "+flags)
}

// What `terraform query` generates is imported, and nothing else happens.
func TestAccQuery(t *testing.T) {
	space := newWorkspace(t)
	space.needQuery(t)
	h := newHandmade(t)
	space.write(t, h.config(""))
	list := func(kind, beside, config string) string {
		return "list \"" + kind + "\" \"all\" {\n  provider = trafficmirror\n" + beside + "  config {\n" + config + "  }\n}\n"
	}
	generated := filepath.Join(space.folder, "generated.tf")
	for name, c := range map[string]struct{ lists, plan string }{
		"maps":           {list(targetKind, "", "") + list(filterKind, "", "") + list(sessionKind, "", ""), "Plan: 9 to import, 0 to add, 0 to change, 0 to destroy."},
		"separate rules": {list(filterKind, "", "separate_rules = true\n") + list(ruleKind, "", ""), "Plan: 6 to import, 0 to add, 0 to change, 0 to destroy."},
		"unmanaged":      {list(sessionKind, "", "unmanaged = true\nmanaged_by_tag = { key = \"managed\" }\n"), "Plan: 2 to import, 0 to add, 0 to change, 0 to destroy."},
	} {
		shown := space.query(t, c.lists, "-generate-config-out=generated.tf")
		if output, code := space.try(t, "plan"); code != 0 || !strings.Contains(output, c.plan) {
			t.Errorf("%s: the plan is not clean:\n%s\n%s", name, shown, output)
		}
		if err := os.Remove(generated); err != nil {
			t.Fatal(err)
		}
	}
	shown := words(space.query(t, list(sessionKind, "  limit = 2\n  include_resource = true\n", ""), ""))
	if strings.Count(shown, "account_id=") != 2 || !strings.Contains(shown, "3 traffic mirror sessions meet the conditions, but limit is 2. Set limit = 3") {
		t.Errorf("with a limit:\n%s", shown)
	}
	for _, kind := range []string{targetKind, filterKind, ruleKind, sessionKind} {
		text, err := os.ReadFile(listExample(kind))
		if err != nil {
			t.Fatal(err)
		}
		if shown := space.query(t, string(text), ""); !strings.Contains(shown, "list."+kind+".") {
			t.Errorf("the example of %s:\n%s", kind, shown)
		}
	}
}
