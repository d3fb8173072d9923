package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// CaptureFile is a capture whose SHA-256 is that of the bytes that were simulated,
// even if the file has changed since.
type CaptureFile struct {
	Reader *capture.Reader

	file   *regularfile.File
	digest hash.Hash
	tee    io.Reader // reads the file into the digest
}

// OpenCaptureFile opens a capture and reads its head. When ctx ends, reads fail.
func OpenCaptureFile(ctx context.Context, path string) (*CaptureFile, error) {
	file, err := regularfile.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	c := &CaptureFile{file: file, digest: sha256.New()}
	c.tee = io.TeeReader(file, c.digest)
	if c.Reader, err = capture.NewReader(c.tee); err != nil {
		_ = file.Close()
		return nil, err
	}
	return c, nil
}

// Digest reads what is left of the file, and returns the SHA-256 of the whole file
// in hexadecimal.
func (c *CaptureFile) Digest() (string, error) {
	if _, err := io.Copy(io.Discard, c.tee); err != nil {
		return "", err
	}
	return hexadecimal(c.digest), nil
}

// Close closes the file.
func (c *CaptureFile) Close() { _ = c.file.Close() }

// FileDigest returns the SHA-256 of a file in hexadecimal.
func FileDigest(ctx context.Context, path string) (string, error) {
	file, err := regularfile.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", err
	}
	return hexadecimal(digest), nil
}

func hexadecimal(digest hash.Hash) string { return hex.EncodeToString(digest.Sum(nil)) }
