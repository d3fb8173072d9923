package sharedfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// openFile is a file that is open and locked.
type openFile struct {
	*bbolt.DB
	file *os.File // of the DB; it has the lock
	info fs.FileInfo
}

// abandon unlocks and closes a file in which bbolt panicked. bbolt may then hold a lock of
// its own, so that its Close never returns, and the memory map stays.
func (o openFile) abandon() {
	_ = errors.Join(unlock(o.file), o.file.Close())
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = recovered(o.Close)
	}()
	select {
	case <-closed:
	case <-time.After(abandonedClose):
	}
}

// abandonedClose is how long abandon waits. It happens once for a damaged file: from then
// on its pages are checked before bbolt reads them.
const abandonedClose = 100 * time.Millisecond

// open opens the file as soon as no other process has locked it. It makes a file that is
// missing, and checks the pages of one that was not checked yet.
func (f *File) open(ctx context.Context, writes bool) (openFile, error) {
	for {
		o, err := f.openChecked(ctx, writes)
		if !errors.Is(err, fs.ErrNotExist) {
			return o, err
		}
		if err := f.Create(); err != nil {
			return o, err
		}
		if ctx.Err() != nil {
			return o, context.Cause(ctx)
		}
	}
}

// openChecked opens the file. The pages are checked while it is open for reading: to open
// it for writing reads the list of free pages.
func (f *File) openChecked(ctx context.Context, writes bool) (openFile, error) {
	if !writes {
		return f.openReader(ctx)
	}
	for {
		o, err := f.openOnce(ctx, true)
		if !errors.Is(err, errUnchecked) {
			return o, err
		}
		reader, err := f.openReader(ctx)
		if err != nil {
			return reader, err
		}
		if err := reader.Close(); err != nil {
			return reader, err
		}
	}
}

func (f *File) openReader(ctx context.Context) (openFile, error) {
	o, err := f.openOnce(ctx, false)
	if err != nil || f.isSound(o.info) {
		return o, err
	}
	if err := checkPages(o.file); err != nil {
		return o, errors.Join(err, o.Close())
	}
	f.sound.Store(&o.info)
	return o, nil
}

// errUnchecked says that the pages of a file have to be checked before it is opened for
// writing.
var errUnchecked = errors.New("its pages were not checked")

func (f *File) isSound(info fs.FileInfo) bool {
	sound := f.sound.Load()
	return sound != nil && os.SameFile(*sound, info)
}

// openOnce waits for the lock of the file. The file that it returns is the one at the
// path: while it waits, the file can be removed or replaced.
func (f *File) openOnce(ctx context.Context, writes bool) (openFile, error) {
	var o openFile
	options := &bbolt.Options{
		ReadOnly:     !writes,
		Timeout:      1, // nanosecond: one attempt. bbolt itself would poll 20 times a second.
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(path string, flag int, mode os.FileMode) (*os.File, error) {
			file, info, err := f.openRaw(path, flag&^os.O_CREATE, mode, writes) // Create makes the file
			o.file, o.info = file, info
			return file, err
		},
	}
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		err := recovered(func() (err error) { o.DB, err = bbolt.Open(f.path, 0o600, options); return err })
		switch {
		case errors.Is(err, errDamaged) && o.file != nil:
			f.sound.Store(nil)
			return o, errors.Join(err, unlock(o.file), o.file.Close())
		case err == nil && isAt(f.path, o.info):
			return o, nil
		case err == nil:
			err = o.Close() // try again with the file that is there now
		}
		if err != nil && !errors.Is(err, bolterrors.ErrTimeout) {
			return o, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return o, context.Cause(ctx)
		}
	}
}

// openRaw opens the file for bbolt. It refuses a file that is not one of bbolt, because the
// errors of bbolt do not say so clearly, and for writing a file that was not checked.
func (f *File) openRaw(path string, flag int, mode os.FileMode, writes bool) (*os.File, fs.FileInfo, error) {
	file, err := regularfile.OpenFile(path, flag, mode)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = checkRoot(file)
	}
	if err == nil && writes && !f.isSound(info) {
		err = errUnchecked
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// isAt reports whether a file is still the one at a path.
func isAt(path string, info fs.FileInfo) bool {
	there, err := os.Stat(path)
	return err == nil && os.SameFile(there, info)
}
