package cli_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const diagramPlan = "../planfile/testdata/quickstart-plan.json"

// The ending of --out chooses the format. Standard output gets Mermaid, and a file of Markdown a
// block of it.
func TestDiagram_formats(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for flags, want := range map[string]string{
		"":                           "flowchart LR\n",
		"--format mermaid":           "flowchart LR\n",
		"--format dot":               "digraph mirror {\n",
		"--format svg":               "<svg ",
		"--out x.mmd":                "flowchart LR\n",
		"--out x.md":                 "## Plan ../planfile/testdata/quickstart-plan.json\n\n7 of 11 objects change: 7 will be created.\n\n```mermaid\nflowchart LR\n",
		"--out x.gv":                 "digraph mirror {\n",
		"--out x.svg":                "<svg ",
		"--out x.txt --format dot":   "digraph mirror {\n",
		"--out - --format svg --all": "<svg ",
	} {
		args := strings.Fields("diagram --plan " + diagramPlan + " " + flags)
		for i, a := range args {
			if strings.HasPrefix(a, "x.") {
				args[i] = filepath.Join(folder, strings.ReplaceAll(flags, " ", "")+a[1:])
			}
		}
		status, out, errs := run(t, args...)
		if i := strings.Index(flags, "--out x"); i >= 0 {
			text, err := os.ReadFile(args[4])
			if err != nil {
				t.Fatal(err)
			}
			out = string(text)
		}
		if status != 0 || errs != "" || !strings.HasPrefix(strings.ReplaceAll(out, "\\_", "_"), want) || !strings.Contains(out, "will be created") {
			t.Errorf("%s: status %d, %s, output %.100s", flags, status, errs, out)
		}
		if want == "<svg " {
			if err := xml.NewDecoder(strings.NewReader(out)).Decode(new(struct{})); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", flags, err)
			}
		}
	}
}

// The command says what is wrong with its arguments, and overwrites no input.
func TestDiagram_errors(t *testing.T) {
	t.Parallel()
	plan := filepath.Join(t.TempDir(), "plan.svg")
	text, err := os.ReadFile(diagramPlan)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(plan, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for flags, want := range map[string]string{
		"":                                   "it is not said what is drawn: write --plan FILE",
		"--plan a --state b":                 "none of the others can be",
		"--plan a --region eu-west-1":        "--region and --profile are of an account",
		"--plan a --topology b":              "--topology is of the embedded EC2. Add --path, or remove it",
		"--plan a --format png":              `--format is "png". Write mermaid, dot or svg`,
		"--plan a --out b.png":               "the name b.png does not show the format",
		"--plan a --group colour":            `--group: "colour" groups nothing. Write one of subnet, vpc, filter, target, tag:KEY`,
		"--plan a --group vpc --all":         "none of the others can be",
		"--plan a --only=":                   "--only is empty",
		"--path missing.db":                  "--path: stat missing.db",
		"--plan PLAN --only tmt-x":           `--only: no session, filter or target of the diagram has to do with "tmt-x"`,
		"--plan PLAN --out PLAN":             "they are the same file",
		"--state PLAN":                       "this is a plan: write --plan instead of --state",
		"--plan PLAN --out PLAN/x.svg":       "not a directory",
		"--path PLAN --out x.svg --region x": "Error: ",
	} {
		status, _, errs := run(t, append([]string{"diagram"}, strings.Fields(strings.ReplaceAll(flags, "PLAN", plan))...)...)
		if status != 1 || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %s, not %s", flags, status, errs, want)
		}
	}
	if after, err := os.ReadFile(plan); err != nil || string(after) != string(text) {
		t.Errorf("the input was changed, or %v", err)
	}
}

// Only a part is drawn, and groups that are asked for.
func TestDiagram_part(t *testing.T) {
	t.Parallel()
	_, all, _ := run(t, "diagram", "--plan", diagramPlan)
	status, part, errs := run(t, "diagram", "--plan", diagramPlan, "--only", "trafficmirror_target.sensors")
	if status != 0 || errs != "" || strings.Count(part, "session 2<br/>") != 1 || strings.Count(all, "session 1<br/>") != 2 || strings.Contains(part, "session 1<br/>") {
		t.Errorf("status %d, %s, the part is\n%s", status, errs, part)
	}
	if status, out, errs := run(t, "diagram", "--plan", diagramPlan, "--group", "target"); status != 0 || errs != "" || !strings.Contains(out, "flowchart") {
		t.Errorf("status %d, %s%s", status, errs, out)
	}
}

// An account is drawn with the status of its sessions, and the file of the embedded EC2 stays as
// it is.
func TestDiagram_account(t *testing.T) {
	t.Parallel()
	path := adoptable(t)
	status, out, errs := run(t, "diagram", "--path", path)
	if status != 0 || !strings.Contains(errs, "It shows Region us-east-1") {
		t.Fatalf("status %d, %s", status, errs)
	}
	for _, want := range []string{"accTitle: Embedded EC2 in ", "account 123456789012, Region us-east-1", "<br/>tms-", "<br/>VNI ", "ingress: ", "status: "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if _, again, _ := run(t, "diagram", "--path", path); again != out {
		t.Errorf("the same account has two diagrams:\n%s", again)
	}
	if status, _, errs := run(t, "diagram", "--path", path, "--format", "svg", "--out", path); status != 1 || !strings.Contains(errs, "they are the same file") {
		t.Errorf("status %d, %s", status, errs)
	}
}

// A diagram has the title that is asked for, in each format.
func TestDiagram_title(t *testing.T) {
	t.Parallel()
	const title = "Mirrors of eu-west-1: <today>"
	for format, want := range map[string]string{"mermaid": "  accTitle: Mirrors of eu-west-1: today\n", "dot": `label="` + title, "svg": ">Mirrors of eu-west-1: &lt;today&gt;</text>"} {
		if status, out, errs := run(t, "diagram", "--plan", diagramPlan, "--title", title, "--format", format); status != 0 || errs != "" || !strings.Contains(out, want) {
			t.Errorf("%s: status %d, %s, output %.300s", format, status, errs, out)
		}
	}
	file := filepath.Join(t.TempDir(), "x.md")
	if status, _, errs := run(t, "diagram", "--plan", diagramPlan, "--title", title, "--out", file); status != 0 {
		t.Fatal(errs)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "## Mirrors of eu-west-1: \\<today\\>\n\n") {
		t.Errorf("%v, %.200s", err, text)
	}
	if status, _, errs := run(t, "diagram", "--plan", diagramPlan, "--title="); status != 1 || !strings.Contains(errs, "--title") {
		t.Errorf("status %d, %s", status, errs)
	}
}

// The block of Mermaid in the guide is the diagram of the quickstart.
func TestDiagram_guide(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/diagram.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```mermaid\nflowchart LR\n")
	block, _, _ = strings.Cut(block, "```")
	if _, out, errs := run(t, "diagram", "--plan", diagramPlan); block == "" || !strings.Contains(out, block) {
		t.Errorf("the guide has\n%s\nnot\n%s%s", block, out, errs)
	}
}
