package sharedfile

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

var testFormat = Format{Name: "the test's file", Kind: "a file of the test", Mark: "test", Version: "1"}

// newFile returns the path of a new file.
func newFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	if err := New(path, testFormat, time.Second).Create(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBusyFileNamesItsLockOwner(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	s := New(path, testFormat, 20*time.Millisecond)
	held, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(*bbolt.Tx) error { return nil })
	want := "lsof"
	if runtime.GOOS == "linux" {
		want = fmt.Sprintf("process %d (", os.Getpid())
	}
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the path and has %q", err, want)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.View(t.Context(), func(*bbolt.Tx) error { return nil }); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}
