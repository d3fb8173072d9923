//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const kubernetesExample = "../../examples/kubernetes"

// storeScript is the aws of the AWS CLI, as far as the example uses it, over a folder.
const storeScript = `#!/bin/sh
set -eu
place() { case $1 in s3://example-captures/*) echo "$STORE/${1#s3://example-captures/}" ;; *) echo "$1" ;; esac; }
case "$1 $2" in
  "s3api list-objects-v2") cd "$STORE" && find captures -type f | LC_ALL=C sort ;;
  "s3api put-object") # --bucket B --key K --body FILE --if-none-match *
    mkdir -p "$STORE/$(dirname "$6")"; (set -C; cat "$8" >"$STORE/$6") || { echo "(PreconditionFailed)" >&2; exit 254; } ;;
  "s3 cp") to=$(place "$5"); [ -d "$to" ] || mkdir -p "$(dirname "$to")"; cp "$(place "$4")" "$to" ;;
  *) echo "no such command: $*" >&2; exit 2 ;;
esac
`

// kubernetesCase is the example with a folder in place of the bucket.
type kubernetesCase struct {
	simulateCase
	store string
	parts int
	name  string // of the run
}

func newKubernetesCase(t *testing.T, parts int) kubernetesCase {
	t.Helper()
	c := kubernetesCase{newDealtCase(t, 6), "", parts, "1"}
	c.store = c.path("store")
	for _, folder := range []string{"store/captures/b", "bin", "config"} {
		if err := os.MkdirAll(c.path(folder), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	captures, err := filepath.Glob(c.path("part-*.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range captures {
		to := filepath.Base(name)
		if i%3 == 0 {
			to = "b/" + to
		}
		if err := os.Rename(name, filepath.Join(c.store, "captures", to)); err != nil {
			t.Fatal(err)
		}
	}
	c.write(t, "bin/aws", []byte(storeScript))
	if err := os.Chmod(c.path("bin/aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mirror.json", "fetch.sh", "upload.sh", "merge/results.sh"} {
		text, err := os.ReadFile(filepath.Join(kubernetesExample, name))
		if err != nil {
			t.Fatal(err)
		}
		c.write(t, "config/"+filepath.Base(name), text)
	}
	return c
}

var (
	yamlCommand = regexp.MustCompile(`(?m)^ +(?:command|args): (\[.*\])$`)
	yamlRun     = regexp.MustCompile(`(?m)name: RUN, value: "([^"]+)"`)
	yamlParts   = regexp.MustCompile(`(?m)^  completions: (\d+) |name: PARTS, value: "(\d+)"`)
)

// runJob runs the commands of a manifest, one container after the other, in a folder of its own.
func (c kubernetesCase) runJob(t *testing.T, manifest, index string) (status int, stdout, stderr string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(kubernetesExample, manifest))
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	for _, match := range yamlCommand.FindAllStringSubmatch(string(text), -1) {
		var args []string
		if err := json.Unmarshal([]byte(match[1]), &args); err != nil {
			t.Fatalf("%s: %v", match[1], err)
		}
		for i, arg := range args {
			args[i] = strings.NewReplacer("/data/", work+"/", "/config/", c.path("config")+"/").Replace(arg)
		}
		if args[0] == "sh" {
			status, stdout, stderr = c.runScript(t, args[1], work, index)
		} else {
			status, stdout, stderr = run(t, args...)
		}
		if status != 0 {
			break
		}
	}
	return status, stdout, stderr
}

func (c kubernetesCase) runScript(t *testing.T, script, work, index string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	cmd := exec.CommandContext(t.Context(), "sh", script)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = []string{
		"PATH=" + c.path("bin") + ":" + os.Getenv("PATH"), "STORE=" + c.store, "BUCKET=example-captures", "WORK=" + work, fmt.Sprintf("PARTS=%d", c.parts), "RUN=" + c.name, index,
	}
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// The parts of an indexed Job, merged, are one run over all captures of the store. So are those of
// an array job of AWS Batch.
func TestExampleKubernetes(t *testing.T) {
	t.Parallel()
	for parts, index := range map[int]string{3: "JOB_COMPLETION_INDEX=%d", 2: "AWS_BATCH_JOB_ARRAY_INDEX=%d"} {
		c := newKubernetesCase(t, parts)
		if status, _, stderr := c.runJob(t, "merge/merge.yaml", ""); status == 0 {
			t.Errorf("merging succeeds without results: %s", stderr)
		}
		for i := range parts {
			if status, _, stderr := c.runJob(t, "simulate.yaml", fmt.Sprintf(index, i)); status != 0 {
				t.Fatalf("part %d of %d ends with %d: %s", i, parts, status, stderr)
			}
		}
		status, got, stderr := c.runJob(t, "merge/merge.yaml", "")
		if status != 0 {
			t.Fatalf("merging ends with %d: %s", status, stderr)
		}
		_, want, _ := run(t, "simulate", "--config", c.path("config/mirror.json"), "--json",
			"--in", filepath.Join(c.store, "captures/*.pcap"), "--in", filepath.Join(c.store, "captures/b/*.pcap"))
		if got != want || !strings.Contains(want, `"packets": 500,`) {
			t.Errorf("%d parts:\n%s\nin place of\n%s", parts, got, want)
		}
	}
}

// runPart runs a part of the Job, which has to succeed.
func (c kubernetesCase) runPart(t *testing.T, part int) {
	t.Helper()
	if status, _, stderr := c.runJob(t, "simulate.yaml", fmt.Sprintf("JOB_COMPLETION_INDEX=%d", part)); status != 0 {
		t.Fatalf("part %d of %d ends with %d: %s", part, c.parts, status, stderr)
	}
}

// refusesToMerge checks that the second Job fails with a message.
func (c kubernetesCase) refusesToMerge(t *testing.T, message string) {
	t.Helper()
	if status, stdout, stderr := c.runJob(t, "merge/merge.yaml", ""); status == 0 || !strings.Contains(stderr, message) {
		t.Errorf("merging ends with %d, want %q: %s%s", status, message, stderr, stdout)
	}
}

// A capture that comes while a Job runs is not in its result, and moves no other to another part.
func TestExampleKubernetes_captureComes(t *testing.T) {
	t.Parallel()
	c := newKubernetesCase(t, 2)
	_, want, _ := run(t, "simulate", "--config", c.path("config/mirror.json"), "--json",
		"--in", filepath.Join(c.store, "captures/*.pcap"), "--in", filepath.Join(c.store, "captures/b/*.pcap"))
	c.runPart(t, 0)
	c.write(t, "store/captures/a.pcap", c.read(t, "in.pcap")) // before all others
	c.runPart(t, 1)
	if status, got, stderr := c.runJob(t, "merge/merge.yaml", ""); status != 0 || got != want {
		t.Errorf("merging ends with %d: %s%s\nin place of\n%s", status, stderr, got, want)
	}
}

// Without a damaged capture, another run has other parts. It never takes a result of the run before.
func TestExampleKubernetes_captureGoes(t *testing.T) {
	t.Parallel()
	c := newKubernetesCase(t, 2)
	c.runPart(t, 0)
	c.runPart(t, 1)
	if err := os.Remove(filepath.Join(c.store, "captures/part-b.pcap")); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for part := range c.parts {
		if status, _, _ := c.runJob(t, "simulate.yaml", fmt.Sprintf("JOB_COMPLETION_INDEX=%d", part)); status != 0 {
			failed++
		}
	}
	if failed == 0 {
		t.Error("the same run goes on without captures of its list")
	}
	c.name = "2"
	c.runPart(t, 0)
	c.refusesToMerge(t, "Part 1 of run 2 has no result")
	c.runPart(t, 1)
	_, want, _ := run(t, "simulate", "--config", c.path("config/mirror.json"), "--json",
		"--in", filepath.Join(c.store, "captures/*.pcap"), "--in", filepath.Join(c.store, "captures/b/*.pcap"))
	if status, got, stderr := c.runJob(t, "merge/merge.yaml", ""); status != 0 || got != want {
		t.Errorf("merging ends with %d: %s%s\nin place of\n%s", status, stderr, got, want)
	}
}

// A result that is not of the captures of its part is refused, and so are results of another number of
// parts.
func TestExampleKubernetes_otherParts(t *testing.T) {
	t.Parallel()
	c := newKubernetesCase(t, 2)
	c.runPart(t, 0)
	c.runPart(t, 1)
	more := c
	more.parts = 3
	more.runPart(t, 0)
	more.refusesToMerge(t, "Part 1 of run 1 has no result")
	whole := string(c.read(t, "store/results/1/1-of-2.json"))
	fewer := strings.Replace(whole, `"files": 3,`, `"files": 2,`, 1)
	if fewer == whole {
		t.Fatalf("the part has not 3 captures: %s", whole)
	}
	c.write(t, "store/results/1/1-of-2.json", []byte(fewer))
	c.refusesToMerge(t, "Part 1 of run 1 has the counts of 2 captures, and its list has 3")
}

// More parts than captures are an error before anything is simulated, as is a job without an index.
func TestExampleKubernetes_refuses(t *testing.T) {
	t.Parallel()
	for index, want := range map[string]string{"JOB_COMPLETION_INDEX=0": "There are 6 captures for 7 parts", "NONE=": "there is no index"} {
		if status, _, stderr := newKubernetesCase(t, 7).runJob(t, "simulate.yaml", index); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: ends with %d: %s", index, status, stderr)
		}
	}
}

// The manifests have one number of parts, and one name of the run.
func TestExampleKubernetes_parts(t *testing.T) {
	t.Parallel()
	var found, runs []string
	for _, manifest := range []string{"simulate.yaml", "merge/merge.yaml"} {
		text, err := os.ReadFile(filepath.Join(kubernetesExample, manifest))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range yamlParts.FindAllStringSubmatch(string(text), -1) {
			found = append(found, match[1]+match[2])
		}
		for _, match := range yamlRun.FindAllStringSubmatch(string(text), -1) {
			runs = append(runs, match[1])
		}
	}
	if len(found) != 3 || found[0] != found[1] || found[0] != found[2] {
		t.Errorf("the parts are %q", found)
	}
	if len(runs) != 2 || runs[0] != runs[1] {
		t.Errorf("the runs are %q", runs)
	}
}
