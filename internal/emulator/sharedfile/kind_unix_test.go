//go:build unix

package sharedfile

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// A pipe is refused at once.
func TestFile_pipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f := New(pipe, testFormat, time.Second)
	for name, err := range map[string]error{
		"Create": f.Create(), "Check": f.Check(t.Context()), "View": f.View(t.Context(), func(*bbolt.Tx) error { return nil }),
	} {
		if err == nil || err.Error() != "the test's file "+pipe+": it is a named pipe; choose another path" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A link stays, and the file to which it leads is made.
func TestFile_link(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	f := New(link, testFormat, time.Second)
	if err := f.Create(); err != nil {
		t.Fatal(err)
	}
	if err := set(f, t, "value"); err != nil {
		t.Fatal(err)
	}
	if got := get(New(path, testFormat, time.Second), t); got != "value" {
		t.Errorf("the file has %q", got)
	}
	if to, err := os.Readlink(link); to != path || err != nil {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}
