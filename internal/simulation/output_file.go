package simulation

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// OutputFile is a file that replaces an existing file only when it is complete. Until Commit
// it has another name in the same folder.
type OutputFile struct {
	path   string
	file   *os.File
	mode   fs.FileMode
	digest hash.Hash
}

// outputMode lets only the owner read a new file, because it may have private traffic.
const outputMode fs.FileMode = 0o600

// CreateOutputFile begins a file. It has the mode of the file that it replaces. A link
// stays: the file to which it leads is replaced.
func CreateOutputFile(path string) (*OutputFile, error) {
	path, info, err := regularfile.Target(path)
	if err != nil {
		return nil, err
	}
	mode := outputMode
	if info != nil {
		mode = info.Mode().Perm()
	}
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the folder %s does not exist: create it first", folder)
	case err != nil:
		return nil, fmt.Errorf("writing into %s: %w", folder, err)
	}
	return &OutputFile{path, file, mode, sha256.New()}, nil
}

// Write implements io.Writer.
func (f *OutputFile) Write(b []byte) (int, error) {
	n, err := f.file.Write(b)
	f.digest.Write(b[:n])
	return n, err
}

// Commit gives the file its name, and returns its SHA-256 in hexadecimal.
func (f *OutputFile) Commit() (string, error) {
	for _, step := range []func() error{
		func() error { return f.file.Chmod(f.mode) },
		f.file.Close,
		func() error { return os.Rename(f.file.Name(), f.path) },
	} {
		if err := step(); err != nil {
			return "", fmt.Errorf("writing %s: %w", f.path, err)
		}
	}
	return hexadecimal(f.digest), nil
}

// Discard removes the file unless it was committed.
func (f *OutputFile) Discard() {
	_ = f.file.Close()
	_ = os.Remove(f.file.Name())
}

// RemoveOutputFile removes an output. A link to it stays.
func RemoveOutputFile(path string) error {
	path, info, err := regularfile.Target(path)
	if err != nil || info == nil {
		return err
	}
	return os.Remove(path)
}
