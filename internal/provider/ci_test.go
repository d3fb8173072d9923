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

// The commands of the workflow succeed, after init: the example tests itself, and its
// expectations hold for its plan.
func TestAccCI_workflow(t *testing.T) {
	space := newProcesses(t, nil)
	if err := os.CopyFS(space.folder, os.DirFS(testYourMirror)); err != nil {
		t.Fatal(err)
	}
	script := strings.Join(workflowCommands(t, testYourMirror), "\n")
	output, err := space.shell(t, script).CombinedOutput()
	if err != nil || !strings.Contains(string(output), "3 passed, 0 failed.") {
		t.Fatalf("%s\nends with %v:\n%s", script, err, output)
	}
	for name, want := range map[string]string{
		"results.xml": `tests="4" failures="0" errors="0"`,
		"summary.md":  "4 of 4 expectations hold.",
	} {
		if got := string(readFile(t, space.folder, name)); !strings.Contains(got, want) {
			t.Errorf("%s is\n%s", name, got)
		}
	}
}

// shell runs a script in the workspace, with the CLI as terraform, and this program where init
// puts the provider.
func (w *workspace) shell(t *testing.T, script string) *exec.Cmd {
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
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
	cmd.Dir = w.folder
	cmd.Env = append(slices.Clone(w.env), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY=summary.md", asCommand+"=1")
	return cmd
}

// workflowCommands are the commands of the GitHub workflow of an example, without init: nothing is
// installed in the tests.
func workflowCommands(t *testing.T, example string) []string {
	t.Helper()
	workflow := string(readFile(t, example, ".github/workflows/mirror.yml"))
	var commands []string
	for _, step := range regexp.MustCompile(`(?m) run: (?:(\w.*)|\|\n((?: {10}.*\n)+))`).FindAllStringSubmatch(workflow, -1) {
		commands = append(commands, strings.Split(strings.TrimSpace(strings.ReplaceAll(step[1]+step[2], strings.Repeat(" ", 10), "")), "\n")...)
	}
	if commands[0] != "terraform init -input=false" {
		t.Fatalf("the workflow begins with %s", commands[0])
	}
	return commands[1:]
}

// GitLab runs what GitHub runs, with a report of the tests.
func TestCI_gitLab(t *testing.T) {
	t.Parallel()
	joined := regexp.MustCompile(`\s*\\?\s+`)
	file := joined.ReplaceAllString(string(readFile(t, testYourMirror, ".gitlab-ci.yml")), " ")
	github := joined.ReplaceAllString(strings.Join(workflowCommands(t, testYourMirror), "\n"), " ")
	script := strings.NewReplacer(" -junit-xml=tests.xml", "", "summary.md artifacts:", "\"$GITHUB_STEP_SUMMARY\" artifacts:").Replace(file)
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
