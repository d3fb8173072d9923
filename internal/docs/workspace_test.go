//go:build unix

package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

const root = "../.."

// programName is the name of the binary, as the pages write it.
const programName = "terraform-provider-trafficmirror"

// builtFolder is what TestMain removes.
var builtFolder string

// built is the folder of a binary of this tree.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "docs-binary")
	if err != nil {
		return "", err
	}
	builtFolder = folder
	output, err := exec.Command("go", "build", "-ldflags=-s -w -X main.version="+version, "-o", filepath.Join(folder, programName), root).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return folder, nil
})

// version is that of the binary. It is the one that make gives it.
const version = "0.1.0"

func TestMain(m *testing.M) {
	code := m.Run()
	if builtFolder != "" {
		os.RemoveAll(builtFolder)
	}
	os.Exit(code)
}

// A workspace is a folder in which the blocks of a page run.
type workspace struct {
	folder string
	env    []string
	cli    string // Terraform or OpenTofu
	port   string // of the embedded EC2 that the page serves
	stop   func(end func())
}

// newWorkspace returns a workspace. With mirror, the CLI installs the provider from a folder, as from a
// registry, and needs an init. Without, it uses the binary as it is.
func newWorkspace(t *testing.T, mirror bool) *workspace {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Fatal("TF_ACC_TERRAFORM_PATH is not set: run make test")
	}
	w := &workspace{folder: t.TempDir(), cli: cli, stop: t.Cleanup}
	settings := fmt.Sprintf("dev_overrides {\n%q = %q\n}\n", "trafficmirror/trafficmirror", binary)
	if mirror {
		settings = installed(t, filepath.Join(binary, programName))
	}
	programs := t.TempDir()
	writeFile(t, filepath.Join(programs, "terraform.rc"), "provider_installation {\n"+settings+"}\n")
	for name, program := range map[string]string{programName: filepath.Join(binary, programName), "terraform-cli": cli, "terraform": cli} {
		if err := os.Symlink(program, filepath.Join(programs, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "PATH=") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "PATH="+programs+":"+os.Getenv("PATH"), "TF_CLI_CONFIG_FILE="+filepath.Join(programs, "terraform.rc"),
		"CHECKPOINT_DISABLE=1", "AWS_EC2_METADATA_DISABLED=true", "LC_ALL=C.UTF-8", "HOME="+w.folder)
	w.copyWorld(t)
	return w
}

// installed makes a folder from which a CLI installs the provider, and returns the settings that name it.
func installed(t *testing.T, binary string) string {
	t.Helper()
	folder := t.TempDir()
	platform := goEnv(t, "GOOS") + "_" + goEnv(t, "GOARCH")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(folder, host, "trafficmirror/trafficmirror", version, platform)
		if err := os.MkdirAll(place, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(binary, filepath.Join(place, programName+"_v"+version)); err != nil {
			t.Fatal(err)
		}
	}
	settings := fmt.Sprintf("filesystem_mirror {\npath = %q\ninclude = [%q]\n}\n", folder, "trafficmirror/trafficmirror")
	if others := os.Getenv("TRAFFICMIRROR_AWS_PROVIDER"); others != "" {
		settings += fmt.Sprintf("filesystem_mirror {\npath = %q\nexclude = [%q]\n}\n", others, "trafficmirror/trafficmirror")
	}
	return settings
}

var goEnv = func(t *testing.T, name string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(output))
}

// copyWorld writes what the pages take for granted: the topology, the examples and bin/.
func (w *workspace) copyWorld(t *testing.T) {
	t.Helper()
	writeFile(t, filepath.Join(w.folder, "topology.json"), readFile(t, "testdata/topology.json"))
	if err := os.CopyFS(filepath.Join(w.folder, "examples"), os.DirFS(filepath.Join(root, "examples"))); err != nil {
		t.Fatal(err)
	}
	binary, _ := built()
	if err := os.Symlink(binary, filepath.Join(w.folder, "bin")); err != nil {
		t.Fatal(err)
	}
}

// loadExisting puts the objects that the pages import into the embedded EC2.
func (w *workspace) loadExisting(t *testing.T) {
	t.Helper()
	e, err := emulator.New(emulator.Options{Path: filepath.Join(w.folder, "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Load(t.Context(), strings.NewReader(readFile(t, "testdata/existing.json"))); err != nil {
		t.Fatal(err)
	}
}

// run runs a command of a shell. It returns its output and its exit status.
func (w *workspace) run(ctx context.Context, command string) (string, int, error) {
	ctx, stop := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the command did not end within %s; a server needs the directive %q", patience, Serve))
	defer stop()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	endWithChildren(cmd)
	cmd.Dir, cmd.Env = w.folder, w.env
	cmd.Stdin = strings.NewReader("yes\nyes\n") // answers the question of apply and destroy
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil {
		return output.String(), 0, context.Cause(ctx)
	}
	if errors.As(err, &exit) {
		return output.String(), exit.ExitCode(), nil
	}
	return output.String(), 0, err
}

// patience is how long a command may take: also one that takes minutes, on a machine that does other work.
const patience = 15 * time.Minute

// endWithChildren makes the end of a command's context end the programs that it has started too.
func endWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
