package simulation

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
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

// CreateOutputFile begins a file. It has the mode of the file that it replaces.
func CreateOutputFile(path string) (*OutputFile, error) {
	mode := outputMode
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder: write the path of a file", path)
		}
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
