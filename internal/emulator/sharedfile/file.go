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
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// File is a bbolt file. It is open only during a transaction, so that other processes
// can use it between two transactions.
type File struct {
	path   string
	format Format
	wait   time.Duration // for the transactions of others
	lock   *fairRWLock
}

// New returns the file at a path. A transaction waits for those of others as long as
// wait says, and then fails. New does not touch the file.
func New(path string, format Format, wait time.Duration) *File {
	return &File{path: path, format: format, wait: wait, lock: newFairRWLock()}
}

// View runs read in a transaction that only reads.
func (f *File) View(ctx context.Context, read func(*bbolt.Tx) error) error {
	return f.locked(ctx, false, func(db *bbolt.DB) error { return db.View(f.checked(read)) })
}

// Update runs write in a transaction. When Update returns nil, the changes are on the
// disk, and each transaction that begins later sees them. When it returns an error,
// nothing has changed.
func (f *File) Update(ctx context.Context, write func(*bbolt.Tx) error) error {
	return f.locked(ctx, true, func(db *bbolt.DB) error { return db.Update(f.checked(write)) })
}

// Check returns why the file cannot be used, or nil. It only reads.
func (f *File) Check(ctx context.Context) error {
	// The errors of bbolt do not say clearly that a file is not one of bbolt.
	if err := checkRoot(f.path); err != nil {
		return f.Explain(err)
	}
	return f.locked(ctx, false, func(db *bbolt.DB) error {
		if err := checkPages(f.path); err != nil {
			return f.Explain(err)
		}
		return db.View(f.checked(func(*bbolt.Tx) error { return nil }))
	})
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
	var db *bbolt.DB
	err = recovered(func() (err error) { db, err = f.open(ctx, !writes); return err })
	if err != nil {
		return f.Explain(err)
	}
	err = recovered(func() error { return use(db) })
	if errors.Is(err, errDamaged) {
		closeBroken(db)
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

// closeBroken closes a file after a panic, and so unlocks it. A panic can leave bbolt
// in a state in which Close never returns, so that it waits for a second at most.
func closeBroken(db *bbolt.DB) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = recovered(db.Close)
	}()
	select {
	case <-closed:
	case <-time.After(time.Second):
	}
}

// open opens the file as soon as no other process has locked it.
func (f *File) open(ctx context.Context, readOnly bool) (*bbolt.DB, error) {
	options := &bbolt.Options{
		ReadOnly:     readOnly,
		Timeout:      1, // nanosecond: one attempt. bbolt itself would poll 20 times a second.
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(path string, flag int, mode os.FileMode) (*os.File, error) {
			return regularfile.OpenFile(path, flag&^os.O_CREATE, mode) // Create makes the file
		},
	}
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		db, err := bbolt.Open(f.path, 0o600, options)
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
