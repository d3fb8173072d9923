package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// copies is the file of what the targets receive. It takes the place of what was
// there only when it is complete.
type copies struct {
	path         string
	file         *os.File
	digest       hash.Hash
	writer       *capture.Writer
	encapsulator *dataplane.Encapsulator
	scratch      []byte
}

func newCopies(source *dataplane.Source, path string) (*copies, error) {
	encapsulator, err := source.Encapsulator()
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("writing the output: %w", err)
	}
	c := &copies{path: path, file: file, digest: sha256.New(), encapsulator: encapsulator}
	c.writer = capture.NewWriter(io.MultiWriter(file, c.digest), packet.LinkEthernet)
	return c, nil
}

func (c *copies) write(p *packet.Packet, v dataplane.Verdict, at int64) error {
	c.scratch = c.encapsulator.Append(c.scratch[:0], p, v)
	if len(c.scratch) == 0 {
		return nil
	}
	return c.writer.Write(at, c.scratch)
}

// finish puts the file at its place and returns its SHA-256.
func (c *copies) finish() (string, error) {
	if err := c.writer.Flush(); err != nil {
		return "", err
	}
	if err := c.file.Chmod(0o644); err != nil {
		return "", err
	}
	if err := c.file.Close(); err != nil {
		return "", err
	}
	return hex.EncodeToString(c.digest.Sum(nil)), os.Rename(c.file.Name(), c.path)
}

// discard removes what was not finished. It may be called in any case.
func (c *copies) discard() {
	if c == nil {
		return
	}
	_ = c.file.Close()
	_ = os.Remove(c.file.Name())
}

// fileDigest returns the SHA-256 of a file in hexadecimal.
func fileDigest(path string) (string, error) {
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
