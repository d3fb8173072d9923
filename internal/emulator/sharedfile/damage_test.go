package sharedfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
)

// newLargeFile returns the path of a file with branches, leaves and free pages.
func newLargeFile(t *testing.T) string {
	t.Helper()
	path := newFile(t)
	f := New(path, testFormat, time.Second)
	err := f.Update(t.Context(), func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("objects"))
		for n := range 300 {
			err = errors.Join(err, b.Put(fmt.Appendf(nil, "key-%05d", n), bytes.Repeat([]byte("v"), 100)))
		}
		return err
	})
	if err = errors.Join(err, writeObjects(t, f)); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeObjects(t *testing.T, f *File) error {
	return f.Update(t.Context(), func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("objects"))
		return errors.Join(b.Delete([]byte("key-00001")), b.Put([]byte("key-00150"), []byte("new")))
	})
}

func readObjects(t *testing.T, f *File) error {
	return f.View(t.Context(), func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("objects")).ForEach(func(_, _ []byte) error { return nil })
	})
}

// A page can be damaged while the file is in use, between two transactions. A transaction
// that meets it fails with one sentence, gives the file back, and changes nothing.
func TestDamagedWhileInUse(t *testing.T) {
	t.Parallel()
	sound, err := os.ReadFile(newLargeFile(t))
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	type damage struct {
		name  string
		at, n int
		fill  byte
	}
	var damages []damage
	pages := len(bytes.TrimRight(sound, "\x00"))/page + 1
	for p := range pages {
		if p%5 > 1 && p < pages-2 { // most are leaves
			continue
		}
		for _, at := range []int{0, 8, 10, 12, 16, 20, 24, 28} {
			damages = append(damages,
				damage{fmt.Sprintf("page %d at %d", p, at), p*page + at, 2, 0xFF},
				damage{fmt.Sprintf("page %d at %d, zeros", p, at), p*page + at, 4, 0})
		}
		damages = append(damages, damage{fmt.Sprintf("page %d, all text", p), p * page, page, 'x'})
	}
	refused := 0
	for _, d := range damages {
		for name, use := range map[string]func(*testing.T, *File) error{"read": readObjects, "write": writeObjects} {
			path := filepath.Join(t.TempDir(), "test.db")
			if err := os.WriteFile(path, sound, 0o600); err != nil {
				t.Fatal(err)
			}
			f := New(path, testFormat, time.Second)
			if err := f.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := overwrite(t, path, d.at, bytes.Repeat([]byte{d.fill}, d.n))
			err := use(t, f)
			if err != nil {
				refused++
				checkRefusal(t, d.name+": "+name, path, err)
				if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
					t.Errorf("%s: %s: the file has changed: %v", d.name, name, err)
				}
			}
			// Another process gets the lock at once.
			other := New(path, testFormat, time.Second)
			if err := other.Check(t.Context()); errors.Is(err, errBusy) {
				t.Errorf("%s: %s: the file is still locked: %v", d.name, name, err)
			}
			if again := use(t, f); err != nil && again == nil {
				t.Errorf("%s: %s: %v, and the second time nothing", d.name, name, err)
			}
		}
	}
	if refused < 20 {
		t.Errorf("%d transactions met a damaged page: the test damages the wrong places", refused)
	}
}

// overwrite changes a part of a file in its place, and returns the new content.
func overwrite(t *testing.T, path string, at int, with []byte) []byte {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(with, int64(at)); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func checkRefusal(t *testing.T, name, path string, err error) {
	t.Helper()
	text := err.Error()
	clear := strings.Contains(text, "it is damaged") && strings.HasSuffix(text, "; move it away to begin anew") ||
		strings.HasSuffix(text, "it is not a file of the test; choose another path")
	if !clear || !strings.HasPrefix(text, "the test's file "+path+": ") || strings.Contains(text, "\n") || strings.Count(text, path) != 1 {
		t.Errorf("%s: the error is %q", name, text)
	}
}

// A file that was removed is made anew, with its folder, by a read as by a write. What
// takes the place of a file is checked like the file that was there first.
func TestReplacedFile(t *testing.T) {
	t.Parallel()
	broken := bytes.Repeat([]byte("x"), os.Getpagesize())
	for name, use := range map[string]func(f *File, t *testing.T) error{
		"View":   func(f *File, t *testing.T) error { return f.View(t.Context(), func(*bbolt.Tx) error { return nil }) },
		"Update": func(f *File, t *testing.T) error { return set(f, t, "value") },
		"Check":  func(f *File, t *testing.T) error { return f.Check(t.Context()) },
	} {
		path := filepath.Join(t.TempDir(), "folder", "test.db")
		f := New(path, testFormat, time.Minute) // a slow disk needs time to make a file anew
		for _, remove := range []string{path, filepath.Dir(path)} {
			if err := errors.Join(f.Create(), set(f, t, "before"), os.RemoveAll(remove), use(f, t)); err != nil {
				t.Errorf("%s after %s was removed: %v", name, remove, err)
			}
			if got := get(f, t); got == "before" {
				t.Errorf("%s after %s was removed: the value is still there", name, remove)
			}
		}
		replace := func(content []byte) {
			if err := errors.Join(os.WriteFile(path+".new", content, 0o600), os.Rename(path+".new", path)); err != nil {
				t.Fatal(err)
			}
		}
		large, err := os.ReadFile(newLargeFile(t))
		if err != nil {
			t.Fatal(err)
		}
		copy(large[5*os.Getpagesize():], broken)
		replace(large)
		if err := use(f, t); err == nil || !strings.Contains(err.Error(), "it is damaged: page ") {
			t.Errorf("%s of a damaged file: %v", name, err)
		}
		replace(broken)
		if err := use(f, t); err == nil || !strings.Contains(err.Error(), "it is not a file of the test") {
			t.Errorf("%s of text: %v", name, err)
		}
		replace(nil)
		if err := use(f, t); err == nil || !strings.Contains(err.Error(), "it is an empty file") {
			t.Errorf("%s of an empty file: %v", name, err)
		}
	}
}

// A transaction that waits for a file gets the one that has taken its place.
func TestReplacedWhileWaiting(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		held, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := New(path, testFormat, 10*time.Second)
		done := make(chan error)
		go func() { done <- set(f, t, "value") }()
		synctest.Wait() // until it waits for the file
		select {
		case err := <-done:
			t.Errorf("it does not wait for the file that is held: %v", err)
			return
		default:
		}
		if err := errors.Join(os.Remove(path), <-done, held.Close()); err != nil {
			t.Fatal(err)
		}
	})
	if got := get(New(path, testFormat, time.Second), t); got != "value" {
		t.Errorf("the value is %q", got)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil || isAt(path, info) {
		t.Errorf("a file is taken for that at its path, from which it was removed: %v", err)
	}
}

// Whatever was written, the file is sound.
func TestCheck_afterAnyWrites(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	f := New(path, testFormat, time.Second)
	for round := range 400 {
		r := rand.New(rand.NewPCG(1, uint64(round)))
		err := f.Update(t.Context(), func(tx *bbolt.Tx) error {
			var failed error
			for range 1 + r.IntN(30) {
				failed = errors.Join(failed, writeAnything(tx, r))
			}
			return failed
		})
		if err = errors.Join(err, f.Check(t.Context())); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

// writeAnything puts or deletes a key or a whole bucket, at the top or in another bucket.
func writeAnything(tx *bbolt.Tx, r *rand.Rand) error {
	b, err := tx.CreateBucketIfNotExists(fmt.Appendf(nil, "bucket-%d", r.IntN(4)))
	if err != nil {
		return err
	}
	inner := fmt.Appendf(nil, "inner-%d", r.IntN(20))
	switch r.IntN(40) {
	case 0:
		if b.Bucket(inner) != nil {
			return b.DeleteBucket(inner)
		}
	case 1, 2, 3, 4:
		if b, err = b.CreateBucketIfNotExists(inner); err != nil {
			return err
		}
	}
	key := fmt.Appendf(nil, "key-%05d", r.IntN(300))
	if r.IntN(2) == 0 {
		return b.Delete(key)
	}
	size := r.IntN(200)
	if r.IntN(50) == 0 {
		size = 3 * os.Getpagesize()
	}
	return b.Put(key, bytes.Repeat([]byte("v"), size))
}

// A reference that leads to another sound page leaves each page sound by itself. It is found all the same.
func TestWrongReference(t *testing.T) {
	t.Parallel()
	path := newLargeFile(t)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := os.Getpagesize()
	for name, test := range map[string]struct {
		flag   uint16
		damage func(page []byte)
		want   string
	}{
		"two children swapped": {flagBranch, func(page []byte) {
			first, second := page[pageHeader+8:][:8], page[pageHeader+elementSize+8:][:8]
			for i := range first {
				first[i], second[i] = second[i], first[i]
			}
		}, "element 0 of page "},
		"another first key": {flagBranch, func(page []byte) {
			first := page[pageHeader+binary.NativeEndian.Uint32(page[pageHeader:]):]
			first[binary.NativeEndian.Uint32(page[pageHeader+4:])-1]-- // of the key, which is this long
		}, "element 0 of page "},
		"a free page that is not listed": {flagFreelist, func(page []byte) {
			binary.NativeEndian.PutUint16(page[10:], uint16(countOf(page)-1))
		}, "nothing refers to page "},
	} {
		content, damaged := bytes.Clone(sound), 0
		for page := range slices.Chunk(content, size) {
			if len(page) == size && flagsOf(page) == test.flag && countOf(page) > 1 {
				test.damage(page)
				damaged++
			}
		}
		if damaged == 0 {
			t.Errorf("%s: no page to damage", name)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		err := New(path, testFormat, time.Second).Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), "it is damaged: "+test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
