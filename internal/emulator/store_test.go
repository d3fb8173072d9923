package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// newFilledStore returns the path of a store with something on several pages.
func newFilledStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ec2.db")
	e, err := New(Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	err = e.transact(t.Context(), "us-east-1", true, func(t *tx) error {
		for n := range 300 {
			tags.put(t, fmt.Sprintf("tmf-%017x", n), map[string]string{"key": strings.Repeat("v", 100)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// A second transaction leaves free pages.
	if err := e.transact(t.Context(), "us-east-1", true, func(t *tx) error { tags.del(t, "tmf-00000000000000001"); return nil }); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	filled, err := os.ReadFile(newFilledStore(t))
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	changed := func(f func([]byte) []byte) []byte { return f(bytes.Clone(filled)) }
	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "is an empty file"},
		{"text", []byte(strings.Repeat("{}\n", 10_000)), "not a store of the emulator"},
		{"short text", []byte("{}"), "not a store of the emulator"},
		{"a page of text", []byte(strings.Repeat("x", page)), "not a store of the emulator"},
		{"another bbolt file", bboltFile(t, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("else")); return err }), "not a store of the emulator"},
		{"a newer version", bboltFile(t, func(tx *bbolt.Tx) error {
			meta, err := tx.CreateBucket([]byte("meta"))
			return errors.Join(err, meta.Put([]byte("format"), []byte(storeFormat.Mark)), meta.Put([]byte("version"), []byte("3")))
		}), `version "3" of the format`},
		{"both roots broken", changed(func(b []byte) []byte { b[30] ^= 1; b[page+30] ^= 1; return b }), "not a store of the emulator"},
		{"cut in half", filled[:len(filled)/2/page*page], "damaged"},
		{"cut in a page", filled[:len(filled)/2+100], "damaged"},
		{"zeros in the middle", changed(func(b []byte) []byte { clear(b[4*page : len(b)/2]); return b }), "damaged"},
		{"text in the middle", changed(func(b []byte) []byte { copy(b[5*page:], strings.Repeat("text", page)); return b }), "damaged"},
	} {
		path := filepath.Join(t.TempDir(), "ec2.db")
		if err := os.WriteFile(path, test.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := New(Options{Path: path})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want an error with the path and %q", test.name, err, test.want)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(after, test.content) {
			t.Errorf("%s: the file was changed", test.name)
		}
		if left, _ := filepath.Glob(path + "?*"); len(left) > 0 {
			t.Errorf("%s: %v was left beside it", test.name, left)
		}
	}
	folder := t.TempDir()
	if _, err := New(Options{Path: folder}); err == nil {
		t.Error("a folder was taken for a store")
	}
}

func bboltFile(t *testing.T, f func(*bbolt.Tx) error) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A path at which there can be no file is named, with what to do.
func TestUnusablePath(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(file, "ec2.db")
	_, err := New(Options{Path: path})
	if err == nil || !strings.HasPrefix(err.Error(), "the emulator's store "+path+": it cannot be made: ") || !strings.HasSuffix(err.Error(), "; choose another path") {
		t.Errorf("got %v", err)
	}
}

// One root may be torn: the other is a transaction older, and whole.
func TestTornRoot(t *testing.T) {
	t.Parallel()
	for _, root := range []int{0, os.Getpagesize()} {
		path := newFilledStore(t)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		content[root+30] ^= 1
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{Path: path}); err != nil {
			t.Errorf("root at %d: %v", root, err)
		}
	}
}

// A transaction that fails leaves nothing, and gives the file back.
func TestFailedTransaction(t *testing.T) {
	t.Parallel()
	e, err := New(Options{Path: newFilledStore(t)})
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("on purpose")
	for name, f := range map[string]func(*tx) error{
		"error": func(t *tx) error { counts.put(t, filters.bucket, 1); return failure },
		"panic": func(t *tx) error { counts.put(t, filters.bucket, 1); panic(failure) },
		"store": func(t *tx) error { counts.put(t, filters.bucket, 1); t.fail(failure); return nil },
	} {
		err := e.transact(t.Context(), "us-east-1", true, f)
		if err == nil || !strings.Contains(err.Error(), failure.Error()) {
			t.Errorf("%s: got %v", name, err)
		}
		err = e.transact(t.Context(), "us-east-1", false, func(tx *tx) error {
			if n := filters.count(tx); n != 0 {
				t.Errorf("%s: left a count of %d", name, n)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
