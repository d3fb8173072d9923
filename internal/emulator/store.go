package emulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// store is the file that everything is kept in. It is open during a transaction
// and at no other time, so that several processes can share it.
type store struct {
	path string
	wait time.Duration // how long a transaction waits for those of others
	gate *gate
}

const (
	// storeFormat stands in every store, so that a file of another program is not
	// taken for one.
	storeFormat = "terraform-provider-trafficmirror emulator"

	// storeVersion is the version of the layout that tx.go describes. A store of the
	// version before is brought up to it by upgrade.go.
	storeVersion = "2"

	// storeWait is long beside any transaction, and short beside the patience of
	// whoever waits for an apply.
	storeWait = 10 * time.Second
)

var (
	metaBucket = []byte("meta")
	formatKey  = []byte("format")
	versionKey = []byte("version")
)

func newStore(path string, wait time.Duration) *store {
	return &store{path: path, wait: wait, gate: newGate()}
}

// view runs f in a transaction that reads.
func (s *store) view(ctx context.Context, f func(*bbolt.Tx) error) error {
	return s.locked(ctx, false, func(db *bbolt.DB) error { return db.View(s.ofOurFormat(f)) })
}

// update runs f in a transaction that writes. What f wrote is on the disk when
// update returns nil, for every transaction that begins then (A0069), and nothing of
// it is there when it returns an error.
func (s *store) update(ctx context.Context, f func(*bbolt.Tx) error) error {
	return s.locked(ctx, true, func(db *bbolt.DB) error { return db.Update(s.ofOurFormat(f)) })
}

// check reports why the file cannot be used, if it cannot. It only reads.
func (s *store) check(ctx context.Context) error {
	// bbolt tells a file of another kind from its own, but not in so many words.
	if err := checkRoot(s.path); err != nil {
		return s.explain(err)
	}
	return s.locked(ctx, false, func(db *bbolt.DB) error {
		if err := checkPages(s.path); err != nil {
			return s.explain(err)
		}
		return db.View(s.ofOurFormat(func(*bbolt.Tx) error { return nil }))
	})
}

func (s *store) ofOurFormat(f func(*bbolt.Tx) error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return s.explain(err)
		}
		return f(tx)
	}
}

// locked runs f while the file is open, and so locked: for this process alone if
// it writes, among readers if it does not.
func (s *store) locked(ctx context.Context, writes bool, f func(*bbolt.DB) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.wait, errStoreBusy)
	defer cancel()
	leave, err := s.gate.enter(ctx, writes)
	if err != nil {
		return s.explain(err)
	}
	defer leave()

	// A damaged file makes bbolt panic, or read outside of the file, which is a
	// fault instead of a panic unless it is asked for.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var db *bbolt.DB
	err = guarded(func() (err error) { db, err = s.open(ctx, !writes); return err })
	if err != nil {
		return s.explain(err)
	}
	err = guarded(func() error { return f(db) })
	if errors.Is(err, errDamaged) {
		closeBroken(db)
		return s.explain(err)
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
func (s *store) open(ctx context.Context, readOnly bool) (*bbolt.DB, error) {
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

// create makes an empty store unless there is a file already. The file appears
// complete or not at all, also when several processes create it at once.
func (s *store) create() error {
	info, err := os.Stat(s.path)
	switch {
	case err == nil && info.Size() == 0:
		return s.explain(errEmpty)
	case errors.Is(err, fs.ErrNotExist):
		err = placeEmptyStore(s.path)
	}
	if err != nil {
		return s.explain(fmt.Errorf("it cannot be made: %w; choose another path", err))
	}
	return nil
}

func placeEmptyStore(path string) error {
	folder, name := filepath.Split(path)
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
	if err := writeEmptyStore(draft); err != nil {
		return err
	}
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func writeEmptyStore(path string) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		return errors.Join(meta.Put(formatKey, []byte(storeFormat)), meta.Put(versionKey, []byte(storeVersion)))
	})
	return errors.Join(err, db.Close())
}

var (
	errStoreBusy = errors.New("it is in use")
	errEmpty     = errors.New("it is an empty file: remove it to begin anew")
	errForeign   = errors.New("it is not a store of the emulator")
	errDamaged   = errors.New("it is damaged")
)

func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil || string(meta.Get(formatKey)) != storeFormat {
		return errForeign
	}
	if version := string(meta.Get(versionKey)); version != storeVersion && version != versionBefore {
		return fmt.Errorf("it has version %q of the format, and this program knows version %q: use a newer program or another path", version, storeVersion)
	}
	return nil
}

// explain words an error for whoever chose the path.
func (s *store) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errStoreBusy):
		return fmt.Errorf("the emulator's store %s: gave up after %s: %w by %s", s.path, s.wait, err, holder(s.path))
	}
	hint := ""
	switch {
	case errors.Is(err, errForeign):
		hint = "; choose another path"
	case errors.Is(err, errDamaged):
		hint = "; move it away to begin anew"
	}
	return fmt.Errorf("the emulator's store %s: %w%s", s.path, err, hint)
}
