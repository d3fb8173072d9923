//go:build unix

package simulation_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A pipe, on which an open or a read could wait forever, is refused, and stays. No test may
// name a device here: a test that fails would remove it.
func TestFiles_pipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(pipe)
	if err != nil {
		t.Fatal(err)
	}
	_, errCreate := simulation.CreateOutputFile(pipe)
	_, errOpen := simulation.OpenCaptureFile(t.Context(), pipe)
	_, errDigest := simulation.FileDigest(t.Context(), pipe)
	for name, err := range map[string]error{
		"CreateOutputFile": errCreate, "OpenCaptureFile": errOpen, "FileDigest": errDigest, "RemoveOutputFile": simulation.RemoveOutputFile(pipe),
	} {
		if err == nil || err.Error() != pipe+" is a named pipe: write the path of a file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, err := os.Stat(pipe); err != nil || !os.SameFile(before, after) {
		t.Errorf("the pipe does not stay: %v", err)
	}
}
