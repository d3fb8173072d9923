package sharedfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// With synctest only a wait takes time, so that a slow machine does not end it earlier.
func TestBusyFileNamesItsLockOwner(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		s := New(path, testFormat, time.Second)
		held, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = s.View(t.Context(), func(*bbolt.Tx) error { return nil })
		want := "lsof"
		if runtime.GOOS == "linux" {
			want = fmt.Sprintf("process %d (", os.Getpid())
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error that names the path and has %q", err, want)
		}
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("it gave up after %s, not after a second", waited)
		}
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.View(t.Context(), func(*bbolt.Tx) error { return nil }); err != nil {
			t.Errorf("after it was closed: %v", err)
		}
	})
}

// A transaction that waits for another process ends with its context, and says what it has
// waited for.
func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	held, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, use := range map[string]func(context.Context, *File) error{
		"View":   func(ctx context.Context, f *File) error { return f.View(ctx, func(*bbolt.Tx) error { return nil }) },
		"Update": func(ctx context.Context, f *File) error { return f.Update(ctx, func(*bbolt.Tx) error { return nil }) },
	} {
		synctest.Test(t, func(t *testing.T) {
			f := New(path, testFormat, time.Hour)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- use(ctx, f) }()
			synctest.Wait() // until it waits for the file
			start := time.Now()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) || err.Error() != "the test's file "+path+": the wait for it ended: context canceled" {
				t.Errorf("%s: %v", name, err)
			}
			if waited := time.Since(start); waited != 0 {
				t.Errorf("%s: it waited for %s more", name, waited)
			}
		})
	}
}

// set stores a value under a key of the program's.
func set(f *File, t *testing.T, value string) error {
	return f.Update(t.Context(), func(tx *bbolt.Tx) error { return Meta(tx).Put([]byte("key"), []byte(value)) })
}

func get(f *File, t *testing.T) string {
	t.Helper()
	var value string
	err := f.View(t.Context(), func(tx *bbolt.Tx) error {
		value = string(Meta(tx).Get([]byte("key")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// A transaction that fails or panics changes nothing, and leaves the file usable.
func TestFailedUpdate(t *testing.T) {
	t.Parallel()
	f := New(newFile(t), testFormat, time.Second)
	if err := set(f, t, "before"); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("on purpose")
	for name, end := range map[string]func() error{
		"error": func() error { return failure },
		"panic": func() error { panic(failure) },
	} {
		err := f.Update(t.Context(), func(tx *bbolt.Tx) error {
			return errors.Join(Meta(tx).Put([]byte("key"), []byte("after")), end())
		})
		if err == nil || !strings.Contains(err.Error(), "on purpose") {
			t.Errorf("%s: got %v", name, err)
		}
		if got := get(f, t); got != "before" {
			t.Errorf("%s: the value is %q", name, got)
		}
	}
}

// A file of another format or version is refused, by each function, and stays as it is.
func TestOtherFormats(t *testing.T) {
	t.Parallel()
	newer, other := testFormat, testFormat
	newer.Version, other.Mark = "2", "another"
	upgradable := newer
	upgradable.Older = []string{"1"}
	for _, test := range []struct {
		name   string
		format Format
		want   string
	}{
		{"the same", testFormat, ""},
		{"an older version that is known", upgradable, ""},
		{"an older version that is not known", newer, `it has version "1" of the format, and this program knows version "2"`},
		{"another program's", other, "it is not a file of the test; choose another path"},
	} {
		path := newFile(t)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := New(path, test.format, time.Second)
		nothing := func(*bbolt.Tx) error { return nil }
		for function, err := range map[string]error{"Check": f.Check(t.Context()), "View": f.View(t.Context(), nothing)} {
			refused := err != nil && strings.Contains(err.Error(), test.want) && strings.HasPrefix(err.Error(), "the test's file "+path+": ")
			if (test.want == "") != (err == nil) || err != nil && !refused {
				t.Errorf("%s: %s: got %v, want %q", test.name, function, err, test.want)
			}
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(before, after) {
			t.Errorf("%s: the file has changed", test.name)
		}
	}
}

// Of several processes that create a file at the same time, each uses the same one.
func TestConcurrentCreate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "test.db")
	synctest.Test(t, func(t *testing.T) { // the disk may be slower than the wait is long
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				f := New(path, testFormat, 10*time.Second)
				if err := errors.Join(f.Create(), set(f, t, "value")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
	if got := get(New(path, testFormat, time.Second), t); got != "value" {
		t.Errorf("the value is %q", got)
	}
	if left, _ := filepath.Glob(path + "?*"); len(left) > 0 {
		t.Errorf("%v was left beside the file", left)
	}
}
