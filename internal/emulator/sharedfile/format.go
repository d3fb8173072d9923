package sharedfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// Format identifies the files of one program.
type Format struct {
	Name    string   // of a file in messages: "the emulator's store"
	Kind    string   // of the files in messages: "a store of the emulator"
	Mark    string   // is in each file, and in no file of another program
	Version string   // of new files
	Older   []string // versions that can be opened too
}

var (
	metaBucket = []byte("meta")
	formatKey  = []byte("format")
	versionKey = []byte("version")
)

// Meta returns the bucket that says what the file is. The keys "format" and "version"
// belong to this package; the program may add others.
func Meta(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket(metaBucket) }

// Version returns the version of the format that the file has.
func Version(tx *bbolt.Tx) string { return string(Meta(tx).Get(versionKey)) }

// SetVersion records that the file has been changed to another version of the format.
func SetVersion(tx *bbolt.Tx, version string) error {
	return Meta(tx).Put(versionKey, []byte(version))
}

func (f Format) check(tx *bbolt.Tx) error {
	meta := Meta(tx)
	if meta == nil || string(meta.Get(formatKey)) != f.Mark {
		return errForeign
	}
	if version := Version(tx); version != f.Version && !slices.Contains(f.Older, version) {
		return fmt.Errorf("it has version %q of the format, and this program knows version %q: use a newer program or another path", version, f.Version)
	}
	return nil
}

func (f Format) write(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	return errors.Join(meta.Put(formatKey, []byte(f.Mark)), meta.Put(versionKey, []byte(f.Version)))
}

// Create makes an empty file unless there is a file already. The file appears complete
// or not at all, even when several processes create it at the same time.
func (f *File) Create() error {
	path, info, err := regularfile.Target(f.path)
	var kind *regularfile.KindError
	switch {
	case errors.As(err, &kind):
		return f.Explain(err)
	case err != nil:
	case info == nil:
		err = f.format.createAt(path)
	case info.Size() == 0:
		return f.Explain(errEmpty)
	}
	if err != nil {
		return f.Explain(fmt.Errorf("it cannot be made: %w; choose another path", err))
	}
	return nil
}

func (f Format) createAt(path string) error {
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
	db, err := bbolt.Open(draft, 0o600, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(f.write), db.Close()); err != nil {
		return err
	}
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
