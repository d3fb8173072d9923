//go:build unix

package regularfile_test

import (
	"path/filepath"
	"syscall"
	"testing"
)

// streams returns paths on which an open or a read could wait forever, and what they
// are.
func streams(t *testing.T, folder string) map[string]string {
	t.Helper()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{pipe: "a named pipe", "/dev/null": "a device"}
}
