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
  "s3 cp") to=$(place "$5"); [ -d "$to" ] || mkdir -p "$(dirname "$to")"; cp "$(place "$4")" "$to" ;;
  *) echo "no such command: $*" >&2; exit 2 ;;
esac
`

// kubernetesCase is the example with a folder in place of the bucket.
type kubernetesCase struct {
	simulateCase
	store string
	parts int
}

func newKubernetesCase(t *testing.T, parts int) kubernetesCase {
	t.Helper()
	c := kubernetesCase{newDealtCase(t, 6), "", parts}
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
			args[i] = strings.NewReplacer("/work/", work+"/", "/config/", c.path("config")+"/").Replace(arg)
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
		"PATH=" + c.path("bin") + ":" + os.Getenv("PATH"), "STORE=" + c.store, "BUCKET=example-captures", "WORK=" + work, fmt.Sprintf("PARTS=%d", c.parts), index,
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

// More parts than captures are an error before anything is simulated, as is a job without an index.
func TestExampleKubernetes_refuses(t *testing.T) {
	t.Parallel()
	for index, want := range map[string]string{"JOB_COMPLETION_INDEX=0": "There are 6 captures for 7 parts", "NONE=": "there is no index"} {
		if status, _, stderr := newKubernetesCase(t, 7).runJob(t, "simulate.yaml", index); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: ends with %d: %s", index, status, stderr)
		}
	}
}

// The manifests have one number of parts.
func TestExampleKubernetes_parts(t *testing.T) {
	t.Parallel()
	var found []string
	for _, manifest := range []string{"simulate.yaml", "merge/merge.yaml"} {
		text, err := os.ReadFile(filepath.Join(kubernetesExample, manifest))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range yamlParts.FindAllStringSubmatch(string(text), -1) {
			found = append(found, match[1]+match[2])
		}
	}
	if len(found) != 3 || found[0] != found[1] || found[0] != found[2] {
		t.Errorf("the parts are %q", found)
	}
}
