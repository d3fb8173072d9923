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

// What `terraform query` generates is imported, and nothing else happens.
func TestAccQuery(t *testing.T) {
	space := newWorkspace(t)
	space.needQuery(t)
	h := newHandmade(t)
	query := func(lists string) string {
		space.write(t, h.config(""))
		if err := os.WriteFile(filepath.Join(space.folder, "main.tfquery.hcl"), []byte(lists), 0o600); err != nil {
			t.Fatal(err)
		}
		generated := filepath.Join(space.folder, "generated.tf")
		if err := os.RemoveAll(generated); err != nil {
			t.Fatal(err)
		}
		return space.run(t, "query -generate-config-out=generated.tf")
	}
	list := func(kind, config string) string {
		return "list \"" + kind + "\" \"all\" {\n  provider         = trafficmirror\n  include_resource = true\n  config {\n" + config + "  }\n}\n"
	}
	for name, c := range map[string]struct{ lists, plan string }{
		"maps":           {list(targetKind, "") + list(filterKind, "") + list(sessionKind, ""), "Plan: 9 to import, 0 to add, 0 to change, 0 to destroy."},
		"separate rules": {list(filterKind, "separate_rules = true\n") + list(ruleKind, ""), "Plan: 6 to import, 0 to add, 0 to change, 0 to destroy."},
		"unmanaged":      {list(sessionKind, "unmanaged = true\nmanaged_by_tag = { key = \"managed\" }\n"), "Plan: 2 to import, 0 to add, 0 to change, 0 to destroy."},
	} {
		shown := query(c.lists)
		output, code := space.try(t, "plan")
		text, _ := os.ReadFile(filepath.Join(space.folder, "generated.tf"))
		if code != 0 || !strings.Contains(output, c.plan) {
			t.Errorf("%s: the plan is not clean:\n%s\n%s\n%s", name, shown, output, text)
		}
		t.Log(shown, string(text))
	}
}
