package simulation

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Copies is the file of what the targets receive. It takes the place of what was
// there only when it is complete.
type Copies struct {
	path         string
	file         *os.File
	mode         fs.FileMode
	digest       hash.Hash
	writer       *capture.Writer
	encapsulator *dataplane.Encapsulator
	scratch      []byte
}

// outputMode lets the owner alone read a new file: it holds what people sent.
const outputMode fs.FileMode = 0o600

// NewCopies begins a file beside path.
func NewCopies(source *dataplane.Source, path string) (*Copies, error) {
	mode := outputMode
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder: write the path of a file", path)
		}
		mode = info.Mode().Perm()
	}
	encapsulator, err := source.Encapsulator()
	if err != nil {
		return nil, fmt.Errorf("there is no building what the targets receive: %w", err)
	}
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the folder %s is not there: make it first", folder)
	case err != nil:
		return nil, fmt.Errorf("writing into %s: %w", folder, err)
	}
	c := &Copies{path: path, file: file, mode: mode, digest: sha256.New(), encapsulator: encapsulator}
	c.writer = capture.NewWriter(io.MultiWriter(file, c.digest), packet.LinkEthernet)
	return c, nil
}

// Write appends the copy of a packet.
func (c *Copies) Write(p *packet.Packet, v dataplane.Verdict, at int64) error {
	c.scratch = c.encapsulator.Append(c.scratch[:0], p, v)
	if len(c.scratch) == 0 {
		return nil
	}
	return c.writer.Write(at, c.scratch)
}

// Finish puts the file at its place and returns its SHA-256.
func (c *Copies) Finish() (string, error) {
	for _, step := range []func() error{
		c.writer.Flush,
		func() error { return c.file.Chmod(c.mode) },
		c.file.Close,
		func() error { return os.Rename(c.file.Name(), c.path) },
	} {
		if err := step(); err != nil {
			return "", fmt.Errorf("writing %s: %w", c.path, err)
		}
	}
	return hex.EncodeToString(c.digest.Sum(nil)), nil
}

// Discard removes what was not finished. It may be called in any case.
func (c *Copies) Discard() {
	if c == nil {
		return
	}
	_ = c.file.Close()
	_ = os.Remove(c.file.Name())
}

// FileDigest returns the SHA-256 of a file in hexadecimal.
func FileDigest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
