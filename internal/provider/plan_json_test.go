package provider_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
)

// plan writes the JSON of a plan of the workspace, and returns its path.
func (w *workspace) planJSON(t *testing.T, arguments string) string {
	t.Helper()
	w.run(t, "plan -out tfplan "+arguments)
	return w.showJSON(t, "tfplan")
}

// showJSON writes the JSON of a plan file, or of the state, and returns its path.
func (w *workspace) showJSON(t *testing.T, plan string) string {
	t.Helper()
	text, err := w.output(t, strings.TrimSpace("show -json "+plan))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.folder, "shown"+plan+".json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// command of the provider's own program: its exit status, and what it prints.
func commandLine(t *testing.T, arguments ...string) (int, string, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := cli.Main(t.Context(), "0.0.0", arguments, strings.NewReader(""), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// simulate with the plan of the quickstart, before its first apply, shows the table that the
// simulation has after the apply. So does the state.
func TestAccPlanJSON_quickstart(t *testing.T) {
	space := newProcesses(t, nil)
	for _, name := range []string{"topology.json", "quickstart.pcap"} {
		if err := os.WriteFile(filepath.Join(space.folder, name), readFile(t, quickstart, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The command simulates the recording only.
	config := string(readFile(t, quickstart, "main.tf"))
	for _, part := range []string{`(?s)  packets = \[.*?\n  \]\n`, `(?s)  expect = \[.*?\n  \]\n`} {
		config = regexp.MustCompile(part).ReplaceAllString(config, "")
	}
	if err := os.WriteFile(filepath.Join(space.folder, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(space.folder, "quickstart.pcap")
	simulate := func(flag, file string) string {
		status, stdout, stderr := commandLine(t, "simulate", flag, file, "--interface", "eni-0a3f6c9e1b7d25840",
			"--topology", filepath.Join(space.folder, "topology.json"), "--in", capture)
		if status != 0 || stderr != "" {
			t.Fatalf("simulate %s ends with %d: %s", flag, status, stderr)
		}
		return strings.TrimSpace(strings.TrimPrefix(stdout, capture+": "))
	}
	before := simulate("--plan", space.planJSON(t, ""))
	space.run(t, "apply -auto-approve")
	applied := strings.TrimSpace(space.run(t, "output -raw table"))
	if before != applied {
		t.Errorf("the plan gives\n%s\nthe simulation after the apply\n%s", before, applied)
	}
	if after := simulate("--state", space.showJSON(t, "")); after != applied {
		t.Errorf("the state gives\n%s\nthe simulation\n%s", after, applied)
	}
}

// The example finds a port that is forgotten, and one that must not be mirrored.
func TestAccPlanJSON_testYourMirror(t *testing.T) {
	space := newProcesses(t, nil)
	if err := os.CopyFS(space.folder, os.DirFS(testYourMirror)); err != nil {
		t.Fatal(err)
	}
	file := func(name string) string { return filepath.Join(space.folder, name) }
	plan := space.planJSON(t, "-var ports=[443] -var on_failure=warn")
	status, stdout, stderr := commandLine(t, "simulate", "--plan", plan, "--topology", file("topology.json"), "--in", file("web.pcap"), "--expect", file("expectations.json"))
	if status != 2 || !strings.Contains(stderr, "destination_port = 80 }") {
		t.Errorf("without HTTP, simulate ends with %d: %s%s", status, stdout, stderr)
	}
	// The assertions of the filter are proved in the plan.
	if output, code := space.try(t, "plan -var ports=[22,443] -var on_failure=warn"); code == 0 || !strings.Contains(output, "The filter breaks its assertions") {
		t.Errorf("with SSH, the plan ends with %d:\n%s", code, output)
	}
}
