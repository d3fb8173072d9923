// Package sharedfile is a bbolt file that several processes share: each opens it for
// a transaction only, waits for its turn, and refuses a file that is damaged or that
// another program wrote.
//
// It is not a database server, and it does not know what the file holds.
//
// https://pkg.go.dev/go.etcd.io/bbolt
package sharedfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// File is a bbolt file. It is open during a transaction and at no other time, so that
// several processes can share it.
type File struct {
	path   string
	format Format
	wait   time.Duration // how long a transaction waits for those of others
	gate   *gate
}

// Format identifies the files of one program.
type Format struct {
	Name    string   // of a file in messages: "the emulator's store"
	Kind    string   // the same, in general: "a store of the emulator"
	Mark    string   // is in every file, so that a file of another program is not taken for one
	Version string   // of the layout of a new file
	Older   []string // versions that are opened too
}

var (
	metaBucket = []byte("meta")
	formatKey  = []byte("format")
	versionKey = []byte("version")
)

// New returns the file at a path. Nothing is read or made.
func New(path string, format Format, wait time.Duration) *File {
	return &File{path: path, format: format, wait: wait, gate: newGate()}
}

// Meta returns the bucket that says what the file is. Its keys "format" and "version"
// belong to this package.
func Meta(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket(metaBucket) }

// Version returns the version of the layout of the file.
func Version(tx *bbolt.Tx) string { return string(Meta(tx).Get(versionKey)) }

// SetVersion says that the file has the layout of another version.
func SetVersion(tx *bbolt.Tx, version string) error {
	return Meta(tx).Put(versionKey, []byte(version))
}

// View runs f in a transaction that reads.
func (s *File) View(ctx context.Context, f func(*bbolt.Tx) error) error {
	return s.locked(ctx, false, func(db *bbolt.DB) error { return db.View(s.ofOurFormat(f)) })
}

// Update runs f in a transaction that writes. What f wrote is on the disk when
// Update returns nil, for every transaction that begins then (A0069), and nothing of
// it is there when it returns an error.
func (s *File) Update(ctx context.Context, f func(*bbolt.Tx) error) error {
	return s.locked(ctx, true, func(db *bbolt.DB) error { return db.Update(s.ofOurFormat(f)) })
}

// Check reports why the file cannot be used, if it cannot. It only reads.
func (s *File) Check(ctx context.Context) error {
	// bbolt tells a file of another kind from its own, but not in so many words.
	if err := checkRoot(s.path); err != nil {
		return s.Explain(err)
	}
	return s.locked(ctx, false, func(db *bbolt.DB) error {
		if err := checkPages(s.path); err != nil {
			return s.Explain(err)
		}
		return db.View(s.ofOurFormat(func(*bbolt.Tx) error { return nil }))
	})
}

func (s *File) ofOurFormat(f func(*bbolt.Tx) error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		if err := s.checkFormat(tx); err != nil {
			return s.Explain(err)
		}
		return f(tx)
	}
}

// locked runs f while the file is open, and so locked: for this process alone if
// it writes, among readers if it does not.
func (s *File) locked(ctx context.Context, writes bool, f func(*bbolt.DB) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.wait, errBusy)
	defer cancel()
	leave, err := s.gate.enter(ctx, writes)
	if err != nil {
		return s.Explain(err)
	}
	defer leave()

	// A damaged file makes bbolt panic, or read outside of the file, which is a
	// fault instead of a panic unless it is asked for.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var db *bbolt.DB
	err = guarded(func() (err error) { db, err = s.open(ctx, !writes); return err })
	if err != nil {
		return s.Explain(err)
	}
	err = guarded(func() error { return f(db) })
	if errors.Is(err, errDamaged) {
		closeBroken(db)
		return s.Explain(err)
	}
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	return err
}

// guarded runs f and turns a panic into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return f()
}

// closeBroken closes a file, and with it gives the lock back, after a panic. Where
// that broke bbolt too, closing would never end.
func closeBroken(db *bbolt.DB) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = guarded(db.Close)
	}()
	select {
	case <-closed:
	case <-time.After(time.Second):
	}
}

// open opens the file as soon as no other process holds it.
func (s *File) open(ctx context.Context, readOnly bool) (*bbolt.DB, error) {
	options := &bbolt.Options{
		ReadOnly:     readOnly,
		Timeout:      1, // try once: bbolt itself would try 20 times a second
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(path string, flag int, mode os.FileMode) (*os.File, error) {
			return os.OpenFile(path, flag&^os.O_CREATE, mode) // create makes it whole
		},
	}
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		db, err := bbolt.Open(s.path, 0o600, options)
		if !errors.Is(err, bolterrors.ErrTimeout) {
			return db, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Create makes an empty store unless there is a file already. The file appears
// complete or not at all, also when several processes create it at once.
func (s *File) Create() error {
	info, err := os.Stat(s.path)
	switch {
	case err == nil && info.Size() == 0:
		return s.Explain(errEmpty)
	case errors.Is(err, fs.ErrNotExist):
		err = s.placeEmpty()
	}
	if err != nil {
		return s.Explain(fmt.Errorf("it cannot be made: %w; choose another path", err))
	}
	return nil
}

func (s *File) placeEmpty() error {
	folder, name := filepath.Split(s.path)
	folder = filepath.Clean(folder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(folder, name+".new")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	draft := filepath.Join(temp, name)
	if err := s.writeEmpty(draft); err != nil {
		return err
	}
	if err := os.Link(draft, s.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (s *File) writeEmpty(path string) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		return errors.Join(meta.Put(formatKey, []byte(s.format.Mark)), meta.Put(versionKey, []byte(s.format.Version)))
	})
	return errors.Join(err, db.Close())
}

var (
	errBusy    = errors.New("it is in use")
	errEmpty   = errors.New("it is an empty file: remove it to begin anew")
	errForeign = errors.New("it is a file of another program")
	errDamaged = errors.New("it is damaged")
)

func (s *File) checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil || string(meta.Get(formatKey)) != s.format.Mark {
		return errForeign
	}
	if version := Version(tx); version != s.format.Version && !slices.Contains(s.format.Older, version) {
		return fmt.Errorf("it has version %q of the format, and this program knows version %q: use a newer program or another path", version, s.format.Version)
	}
	return nil
}

// Explain words an error for whoever chose the path.
func (s *File) Explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errBusy):
		return fmt.Errorf("%s %s: gave up after %s: %w by %s", s.format.Name, s.path, s.wait, err, holder(s.path))
	case errors.Is(err, errForeign):
		return fmt.Errorf("%s %s: it is not %s; choose another path", s.format.Name, s.path, s.format.Kind)
	}
	hint := ""
	if errors.Is(err, errDamaged) {
		hint = "; move it away to begin anew"
	}
	return fmt.Errorf("%s %s: %w%s", s.format.Name, s.path, err, hint)
}
