//go:build unix

package simulation_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A file on which an open or a read could wait forever is refused, and stays.
// Without the check, the test hangs.
func TestFiles_streams(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		pipe:        pipe + " is a named pipe: write the path of a file",
		"/dev/null": "/dev/null is a device: write the path of a file",
	} {
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		_, errCreate := simulation.CreateOutputFile(path)
		_, errOpen := simulation.OpenCaptureFile(t.Context(), path)
		_, errDigest := simulation.FileDigest(t.Context(), path)
		for name, err := range map[string]error{
			"CreateOutputFile": errCreate, "OpenCaptureFile": errOpen, "FileDigest": errDigest, "RemoveOutputFile": simulation.RemoveOutputFile(path),
		} {
			if err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s does not stay: %v", path, err)
		}
	}
}
