// Package sharedfile is a bbolt file that several processes share. A process opens it
// for one transaction at a time, and waits while another one has it open.
//
// It is not a server, and it knows nothing of what the file contains. It refuses a
// file that is damaged, that another program wrote, or that a newer version wrote,
// and leaves such a file as it is.
//
// https://pkg.go.dev/go.etcd.io/bbolt
package sharedfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// File is a bbolt file. It is open only during a transaction, so that other processes
// can use it between two transactions.
type File struct {
	path   string
	format Format
	wait   time.Duration // for the transactions of others
	lock   *fairRWLock

	// sound is the file whose pages were checked; nil: none. A file that took its place,
	// or in which bbolt panicked, is checked before its next use. A file that got the inode
	// of the one before is not recognized: it is checked when the next process starts.
	sound atomic.Pointer[fs.FileInfo]
}

// New returns the file at a path. A transaction waits for those of others as long as
// wait says, and then fails. New does not touch the file.
func New(path string, format Format, wait time.Duration) *File {
	return &File{path: path, format: format, wait: wait, lock: newFairRWLock()}
}

// View runs read in a transaction that only reads. A file that was removed is made anew.
func (f *File) View(ctx context.Context, read func(*bbolt.Tx) error) error {
	return f.locked(ctx, false, func(db *bbolt.DB) error { return db.View(f.checked(read)) })
}

// Update runs write in a transaction. When Update returns nil, the changes are on the
// disk, and each transaction that begins later sees them. When it returns an error,
// nothing has changed. A file that was removed is made anew.
func (f *File) Update(ctx context.Context, write func(*bbolt.Tx) error) error {
	return f.locked(ctx, true, func(db *bbolt.DB) error { return db.Update(f.checked(write)) })
}

// Check returns why the file cannot be used, or nil. It only reads.
func (f *File) Check(ctx context.Context) error {
	f.sound.Store(nil)
	return f.View(ctx, func(*bbolt.Tx) error { return nil })
}

// checked returns a function that checks the format of the file before it calls use.
func (f *File) checked(use func(*bbolt.Tx) error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		if err := f.format.check(tx); err != nil {
			return f.Explain(err)
		}
		return use(tx)
	}
}

// locked runs use while the file is open and locked: exclusively if it writes, and
// shared with other readers if it does not.
func (f *File) locked(ctx context.Context, writes bool, use func(*bbolt.DB) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.wait, errBusy)
	defer cancel()
	unlock, err := f.lock.lock(ctx, writes)
	if err != nil {
		return f.Explain(err)
	}
	defer unlock()

	// On a damaged file, bbolt panics or reads outside of its memory map. The latter
	// ends the process unless it is made a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	db, err := f.open(ctx, writes)
	if err != nil {
		return f.Explain(err)
	}
	err = recovered(func() error { return use(db.DB) })
	if errors.Is(err, errDamaged) {
		f.sound.Store(nil)
		db.abandon()
		return f.Explain(err)
	}
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	return err
}

// recovered runs f and turns a panic into an error.
func recovered(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return f()
}

var (
	errBusy    = errors.New("it is in use")
	errEmpty   = errors.New("it is an empty file: remove it to begin anew")
	errForeign = errors.New("it is a file of another program")
	errDamaged = errors.New("it is damaged")
)

// Explain adds the file and what to do about it to an error.
func (f *File) Explain(err error) error {
	name := f.format.Name + " " + f.path
	var kind *regularfile.KindError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: the wait for it ended: %w", name, err)
	case errors.Is(err, errBusy):
		return fmt.Errorf("%s: gave up after %s: %w by %s", name, f.wait, err, lockOwner(f.path))
	case errors.As(err, &kind):
		return fmt.Errorf("%s: it is %s; choose another path", name, kind.Kind())
	case errors.Is(err, errForeign):
		return fmt.Errorf("%s: it is not %s; choose another path", name, f.format.Kind)
	case errors.Is(err, errDamaged):
		return fmt.Errorf("%s: %w; move it away to begin anew", name, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
