//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
)

func (c simulateCase) pipe(t *testing.T, name string) string {
	t.Helper()
	if err := syscall.Mkfifo(c.path(name), 0o600); err != nil {
		t.Fatal(err)
	}
	return c.path(name)
}

// Shells give the output of a command as the path of a pipe. Devices work too.
func TestSimulate_pipes(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	config, in, out := c.pipe(t, "config"), c.pipe(t, "in"), c.pipe(t, "out")
	for path, content := range map[string][]byte{config: c.read(t, "mirror.json"), in: c.read(t, "in.pcap")} {
		go func() {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Error(err)
			}
		}()
	}
	copies := make(chan []byte, 1)
	go func() {
		content, err := os.ReadFile(out)
		if err != nil {
			t.Error(err)
		}
		copies <- content
	}()
	status, _, stderr := run(t, "simulate", "--config", config, "--in", in, "--out", out, "--verdicts", os.DevNull)
	if status != 0 || stderr != "" {
		t.Fatalf("ends with %d: %s", status, stderr)
	}
	if lengths, _ := framesOf(t, <-copies); len(lengths) != 3 {
		t.Errorf("%d copies", len(lengths))
	}
}

// A command does not wait for the other end of a pipe after it was interrupted.
func TestPipes_interrupted(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	pipe, config, in := c.pipe(t, "pipe"), c.path("mirror.json"), c.path("in.pcap")
	// It has another end, which sends nothing and reads nothing.
	held, err := os.OpenFile(c.pipe(t, "silent"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, args := range map[string][]string{
		"config": {"simulate", "--config", pipe, "--in", in},
		"in":     {"simulate", "--config", config, "--in", pipe},
		"out":    {"simulate", "--config", config, "--in", in, "--out", pipe},
		"silent": {"simulate", "--config", config, "--in", held.Name()},
		"tls":    {"emulator", "--path", c.path("ec2.db"), "--listen", "127.0.0.1:0", "--tls-cert", pipe, "--tls-key", pipe},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan string)
		go func() {
			var stdout, stderr bytes.Buffer
			cli.Main(ctx, "1.2.3", args, strings.NewReader(""), &stdout, &stderr)
			ended <- stderr.String()
		}()
		cancel()
		if stderr := <-ended; !strings.Contains(stderr, context.Canceled.Error()) {
			t.Errorf("%s: %s", name, stderr)
		}
	}
}

// A store and a topology are regular files.
func TestEmulator_pipes(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	pipe, store := c.pipe(t, "pipe"), c.path("ec2.db")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"store":    {[]string{"emulator", "--path", pipe}, "it is a named pipe; choose another path"},
		"dump":     {[]string{"emulator", "dump", "--path", pipe}, "it is a named pipe; choose another path"},
		"load":     {[]string{"emulator", "load", "--path", pipe}, "it is a named pipe; choose another path"},
		"topology": {[]string{"emulator", "--path", store, "--topology", pipe}, pipe + " is a named pipe: write the path of a file"},
	} {
		if status, _, stderr := run(t, test.args...); status != 1 || !strings.Contains(stderr, test.want) {
			t.Errorf("%s ends with %d: %s", name, status, stderr)
		}
	}
}

// What is no file cannot keep the state of the embedded EC2. Each command says what it is,
// at once and in one line.
func TestEmulator_noFile(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	for path, want := range map[string]string{
		c.pipe(t, "pipe"): "it is a named pipe; choose another path",
		os.DevNull:        "it is a device; choose another path",
		t.TempDir():       "it is a folder; choose another path",
	} {
		for _, args := range [][]string{
			{"emulator", "--listen", "127.0.0.1:0", "--path", path},
			{"emulator", "dump", "--path", path},
			{"emulator", "load", "--path", path},
		} {
			status, _, stderr := run(t, args...)
			if status == 0 || !strings.Contains(stderr, "the emulator's store "+path+": "+want+"\n") || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%q ends with %d: %s", args, status, stderr)
			}
		}
	}
}

// The workflow of the example finds the provider also where init links to its folder, as it does
// with a cache or a mirror of providers, and also where an earlier version is still there.
func TestExample_workflow(t *testing.T) {
	t.Parallel()
	workflow, err := os.ReadFile("../../examples/test-your-mirror/.github/workflows/mirror.yml")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ *(provider=.*)$`).FindSubmatch(workflow)
	if line == nil {
		t.Fatalf("the workflow does not look for the provider:\n%s", workflow)
	}
	folder := t.TempDir()
	for _, version := range []string{"0.1.0", "0.1.1"} {
		from := filepath.Join(folder, "cache", version)
		to := filepath.Join(folder, ".terraform", "providers", "registry.terraform.io", "trafficmirror", "trafficmirror", version)
		for _, made := range []string{from, to} {
			if err := os.MkdirAll(made, 0o750); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(from, "terraform-provider-trafficmirror_v"+version), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(from, filepath.Join(to, "linux_amd64")); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", string(line[1])+"\nprintf '%s\\n' \"$provider\"")
	command.Dir = folder
	output, err := command.CombinedOutput()
	if err != nil || strings.Count(string(output), "\n") != 1 || !strings.Contains(string(output), "/terraform-provider-trafficmirror_v") {
		t.Errorf("%v\n%s", err, output)
	}
}
