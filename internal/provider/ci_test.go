package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

const (
	testYourMirror = "../../examples/test-your-mirror"
	testWithAWS    = "../../examples/test-with-aws"
)

// The steps of the workflow succeed, after init: the example tests itself, and its expectations
// hold for its plan.
func TestAccCI_workflow(t *testing.T) {
	space := newProcesses(t, nil)
	output, red := runWorkflow(t, space, "")
	if red != nil || !strings.Contains(output, "3 passed, 0 failed.") {
		t.Fatalf("the steps %q fail:\n%s", red, output)
	}
	checkReports(t, space)
}

// A test that fails makes the workflow fail, and the pull request still has its summary.
func TestAccCI_workflowRedTest(t *testing.T) {
	space := newProcesses(t, nil)
	output, red := runWorkflow(t, space, "== 2 * length(var.ports)")
	if !slices.Equal(red, []string{"terraform test"}) || !strings.Contains(output, "2 passed, 1 failed") {
		t.Fatalf("the steps %q fail:\n%s", red, output)
	}
	checkReports(t, space)
}

// checkReports checks what the step Simulate has written.
func checkReports(t *testing.T, space *workspace) {
	t.Helper()
	for name, want := range map[string]string{
		"results.xml": `tests="4" failures="0" errors="0"`,
		"summary.md":  "4 of 4 expectations hold.",
	} {
		if got := string(readFile(t, space.folder, name)); !strings.Contains(got, want) {
			t.Errorf("%s is\n%s", name, got)
		}
	}
}

// runWorkflow runs the steps of the workflow of the example as GitHub does, and returns what they
// print and those that fail. The condition in the tests is made wrong, if it is not empty.
func runWorkflow(t *testing.T, space *workspace, condition string) (output string, red []string) {
	t.Helper()
	if err := os.CopyFS(space.folder, os.DirFS(testYourMirror)); err != nil {
		t.Fatal(err)
	}
	if condition != "" {
		test := string(readFile(t, space.folder, "tests/mirror.tftest.hcl"))
		test = strings.Replace(test, condition, "== -1", 1)
		if err := os.WriteFile(filepath.Join(space.folder, "tests/mirror.tftest.hcl"), []byte(test), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := space.workflowEnv(t)
	for _, s := range workflowSteps(t, testYourMirror) {
		if !s.runs(t, red) {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", s.script)
		cmd.Dir, cmd.Env = space.folder, env
		printed, err := cmd.CombinedOutput()
		if output += string(printed); err != nil {
			red = append(red, s.name)
		}
	}
	return output, red
}

// workflowEnv is the environment of a step: the CLI is terraform, and this program is where init
// puts the provider.
func (w *workspace) workflowEnv(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	installed := filepath.Join(w.folder, ".terraform", "providers", "own")
	if err := os.MkdirAll(installed, 0o750); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(ownProgram(t, "terraform-provider-trafficmirror"), "terraform-provider-trafficmirror")
	cli, err := exec.LookPath(w.program)
	if err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{filepath.Join(installed, filepath.Base(own)): own, filepath.Join(bin, "terraform"): cli} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	return append(slices.Clone(w.env), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY=summary.md", asCommand+"=1")
}

// A workflowStep is a step of a GitHub workflow that runs a script.
type workflowStep struct {
	name      string // or the script, if it has none
	condition string
	script    string
}

// runs reports whether GitHub runs a step after those that failed.
func (s workflowStep) runs(t *testing.T, red []string) bool {
	t.Helper()
	switch s.condition {
	case "":
		return red == nil
	case "${{ !cancelled() }}":
		return true
	case "${{ !cancelled() && steps.plan.outcome == 'success' }}":
		return !slices.Contains(red, "Plan")
	}
	t.Fatalf("the condition %s is new", s.condition)
	return false
}

// workflowSteps are the steps of the GitHub workflow of an example that run a script, without init:
// nothing is installed in the tests.
func workflowSteps(t *testing.T, example string) []workflowStep {
	t.Helper()
	workflow := string(readFile(t, example, ".github/workflows/mirror.yml"))
	var steps []workflowStep
	for _, text := range strings.Split(workflow, "\n      - ")[1:] {
		script := regexp.MustCompile(`(?m)(?:^| )run: (?:(\w.*)|\|\n((?: {10}.*(?:\n|$))+))`).FindStringSubmatch(text)
		if script == nil {
			continue
		}
		s := workflowStep{script: strings.TrimSpace(strings.ReplaceAll(script[1]+script[2], strings.Repeat(" ", 10), ""))}
		s.name = s.script
		if name := regexp.MustCompile(`(?m)^name: (.*)$`).FindStringSubmatch(text); name != nil {
			s.name = name[1]
		}
		if condition := regexp.MustCompile(`(?m)^ +if: (.*)$`).FindStringSubmatch(text); condition != nil {
			s.condition = condition[1]
		}
		steps = append(steps, s)
	}
	if steps[0].script != "terraform init -input=false" {
		t.Fatalf("the workflow begins with %s", steps[0].script)
	}
	return steps[1:]
}

// GitLab runs what GitHub runs, with a report of the tests. It is one script, which fails at its end
// if a test has failed.
func TestCI_gitLab(t *testing.T) {
	t.Parallel()
	joined := regexp.MustCompile(`\s*\\?\s+`)
	file := joined.ReplaceAllString(string(readFile(t, testYourMirror, ".gitlab-ci.yml")), " ")
	var scripts []string
	for _, s := range workflowSteps(t, testYourMirror) {
		scripts = append(scripts, s.script)
	}
	github := joined.ReplaceAllString(strings.Join(scripts, "\n"), " ")
	script := strings.NewReplacer(" -junit-xml=tests.xml || failed=$?", "", "summary.md - exit \"${failed:-0}\"", "\"$GITHUB_STEP_SUMMARY\"").Replace(file)
	_, script, _ = strings.Cut(script, "script: - terraform init -input=false ")
	script, _, _ = strings.Cut(script, " artifacts:")
	script = regexp.MustCompile(`(?:# .*?\. )?- (?:>- )?(terraform |provider=|"\$provider")`).ReplaceAllString(script, "$1")
	if script != github {
		t.Errorf("GitLab runs\n%s\nGitHub runs\n%s", script, github)
	}
}

// An action is named by the commit, with its version for people: a tag can be moved.
func TestCI_actions(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, example := range []string{testYourMirror, testWithAWS} {
		workflow := string(readFile(t, example, ".github/workflows/mirror.yml"))
		actions := regexp.MustCompile(`(?m) uses: (.*)$`).FindAllStringSubmatch(workflow, -1)
		if len(actions) < 2 {
			t.Errorf("%s uses %d actions", example, len(actions))
		}
		for _, uses := range actions {
			if !pinned.MatchString(uses[1]) {
				t.Errorf("%s uses %s", example, uses[1])
			}
		}
	}
}

// hashicorp/aws is mocked, and this provider mirrors the interfaces of the topology file.
func TestAccTestWithAWS_mocked(t *testing.T) {
	testTogether(t, "mocked_aws", "")
}

// hashicorp/aws makes instances in the embedded EC2 in which this provider mirrors them.
func TestAccTestWithAWS_emulator(t *testing.T) {
	ec2 := newRelayOf(t, "{}")
	testTogether(t, "emulator", ec2.url)
	for _, action := range []string{"RunInstances", "CreateTrafficMirrorSession", "DeleteTrafficMirrorSession", "TerminateInstances"} {
		if !slices.Contains(ec2.actions(0), action) {
			t.Errorf("the embedded EC2 got no %s: %v", action, ec2.actions(0))
		}
	}
}

// testTogether runs a test file of the example with hashicorp/aws.
func testTogether(t *testing.T, name, url string) {
	t.Helper()
	sample.SkipUnless(t, 4) // hashicorp/aws takes 10 to 20 seconds of CPU
	space := newProcesses(t, map[string]string{"hashicorp/aws": awsProvider(t, "5")})
	if err := os.CopyFS(space.folder, os.DirFS(testWithAWS)); err != nil {
		t.Fatal(err)
	}
	file := "tests/" + name + ".tftest.hcl"
	test := strings.ReplaceAll(string(readFile(t, space.folder, file)), "http://127.0.0.1:4566", url)
	if err := os.WriteFile(filepath.Join(space.folder, file), []byte(test), 0o600); err != nil {
		t.Fatal(err)
	}
	if output := space.run(t, "test -filter="+file); !strings.Contains(output, "1 passed, 0 failed.") {
		t.Errorf("terraform test:\n%s", output)
	}
}
