package provider_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/plugin"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// A workspace is a folder in which a real CLI works.
type workspace struct {
	folder   string
	program  string
	env      []string
	attached bool // the provider is served by this process
}

// newWorkspace returns a workspace in which this process serves the provider. In a sample
// of the tests, the CLI starts processes instead: see newProcesses.
func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	w := newProcesses(t, nil)
	w.attached = !sample.Has(t, 20)
	return w
}

// newProcesses returns a workspace in which the CLI starts this very program as the
// provider: see TestMain. It does so three times for a plan and four times for an apply,
// which takes three times the CPU of the CLI itself. What happens between processes, and to
// them, shows nowhere else. others are further providers, by address, with the folder of each.
func newProcesses(t *testing.T, others map[string]string) *workspace {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run where TF_ACC is set: make testacc")
	}
	t.Parallel()
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program = "terraform"
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("no Terraform CLI: %v", err)
	}
	w := &workspace{folder: t.TempDir(), program: program}
	overrides := fmt.Sprintf("%q = %q\n", "trafficmirror/trafficmirror", ownProgram(t, "terraform-provider-trafficmirror"))
	for address, folder := range others {
		overrides += fmt.Sprintf("%q = %q\n", address, folder)
	}
	// The CLI needs no init for providers that are overridden.
	settings := filepath.Join(w.folder, "terraform.rc")
	if err := os.WriteFile(settings, []byte("provider_installation {\ndev_overrides {\n"+overrides+"}\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AWS_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "AWS_EC2_METADATA_DISABLED=true")
	return w
}

// ownProgram is a folder with this program in it, under another name.
func ownProgram(t *testing.T, name string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(program, filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
	return folder
}

const ownSource = `
terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}
`

// write makes config the configuration of the workspace.
func (w *workspace) write(t *testing.T, config string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, "main.tf"), []byte(ownSource+config), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *workspace) command(ctx context.Context, words string) *exec.Cmd {
	name, rest, _ := strings.Cut(words, " ")
	cmd := exec.CommandContext(ctx, w.program, append([]string{name, "-no-color"}, strings.Fields(rest)...)...)
	cmd.Dir, cmd.Env = w.folder, w.env
	return cmd
}

// try runs the CLI. It returns its output without frames and line breaks, and how
// it exits.
func (w *workspace) try(t *testing.T, words string) (string, int) {
	t.Helper()
	var output bytes.Buffer
	err := w.execute(t, words, &output, &output)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Error(err)
		return "", -1
	}
	code := 0
	if exit != nil {
		code = exit.ExitCode()
	}
	return unframed(output.String()), code
}

// output runs the CLI. It returns what the CLI writes to stdout. An error has what it
// writes to stderr.
func (w *workspace) output(t *testing.T, words string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := w.execute(t, words, &stdout, &stderr)
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", words, err, unframed(stderr.String()))
	}
	return stdout.String(), err
}

func (w *workspace) execute(t *testing.T, words string, stdout, stderr io.Writer) error {
	t.Helper()
	cmd := w.command(t.Context(), words)
	if w.attached {
		variable, stop := attach(t)
		defer stop()
		cmd.Env = append(slices.Clone(cmd.Env), variable)
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd.Run()
}

// run runs the CLI, which must succeed.
func (w *workspace) run(t *testing.T, words string) string {
	t.Helper()
	output, code := w.try(t, words)
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", words, code, output)
	}
	return output
}

// planIsEmpty checks that there is nothing left to do.
func (w *workspace) planIsEmpty(t *testing.T) {
	t.Helper()
	if output, code := w.try(t, "plan -detailed-exitcode"); code != 0 {
		t.Fatalf("the plan is not empty: exit %d\n%s", code, output)
	}
}

// unframed takes the frame from around each diagnostic, which would split words
// that belong together.
func unframed(output string) string {
	lines := strings.Split(output, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(strings.TrimLeft(line, "│╷╵"), " ")
	}
	return strings.Join(lines, "\n")
}

// words joins the lines of a text, so that a sentence can be looked for.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// servePlugin serves the provider that a CLI has started this program for. The
// requests then name the process that sends them, for a test that kills it.
func servePlugin() error {
	if filepath.Base(os.Args[0]) == "terraform-provider-aws" {
		return providerserver.Serve(context.Background(), func() frameworkprovider.Provider { return awsStandIn{} },
			providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/aws"})
	}
	if err := os.Setenv("TF_APPEND_USER_AGENT", "pid/"+strconv.Itoa(os.Getpid())); err != nil {
		return err
	}
	return plugin.Serve("registry.terraform.io/trafficmirror/trafficmirror", provider.NewServer(newProvider))
}
