package emulator_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hashicorp/aws builds a network and a mirror in it, sees no difference to what it
// asked for, changes everything in place, and takes it down.
func TestHashicorpAWS(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	program := os.Getenv("TERRAFORM")
	if program == "" {
		program = "terraform"
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("Terraform is not installed")
	}
	folder := t.TempDir()
	fatal(t, os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "hashicorp-aws"))))
	server := httptest.NewServer(newEmulator(t))
	t.Cleanup(server.Close)
	terraform := func(words ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program, words...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_VAR_endpoint="+server.URL)
		output, err := cmd.CombinedOutput()
		return string(output), err
	}
	if output, err := terraform("init", "-no-color"); err != nil {
		t.Skipf("the provider hashicorp/aws cannot be installed: %s", output)
	}
	for _, step := range []struct{ words, want string }{
		{"apply -no-color -auto-approve", "11 added, 0 changed, 0 destroyed"},
		{"plan -no-color", "No changes."},
		{"apply -no-color -auto-approve -var second=true", "0 added, 8 changed, 0 destroyed"},
		{"plan -no-color -var second=true", "No changes."},
		{"destroy -no-color -auto-approve -var second=true", "11 destroyed"},
	} {
		output, err := terraform(strings.Fields(step.words)...)
		if err != nil || !strings.Contains(output, step.want) {
			t.Fatalf("terraform %s: %v, want %q\n%s", step.words, err, step.want, output)
		}
	}
}
