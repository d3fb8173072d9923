package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow is how far back zstd data may refer, in bytes. It bounds the memory.
// The program zstd has the same limit, unless it is called with --long.
const maxZstdWindow = 128 << 20

// The first bytes of compressed files. A zstd file may begin with a frame that is
// skipped: its first byte is 0x50 to 0x5f.
var (
	magicGzip          = []byte{0x1f, 0x8b}
	magicZstd          = []byte{0x28, 0xb5, 0x2f, 0xfd}
	magicZstdSkippable = []byte{0x2a, 0x4d, 0x18} // without the first byte
)

// unpack returns what is in a compressed file, and any other file as it is. It begins
// no goroutine: zstd in the goroutine of its reader is the fastest (measured).
func unpack(in io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(in, pieceSize)
	magic, _ := buffered.Peek(4)
	isSkippable := len(magic) == 4 && magic[0]&0xf0 == 0x50 && bytes.HasSuffix(magic, magicZstdSkippable)
	var r io.Reader
	var err error
	switch {
	case bytes.HasPrefix(magic, magicGzip):
		r, err = gzip.NewReader(buffered)
	case bytes.HasPrefix(magic, magicZstd), isSkippable:
		r, err = newZstd(buffered)
	default:
		return buffered, nil
	}
	if err != nil {
		return nil, unpackError(err)
	}
	return unpacked{r}, nil
}

// unpacked reads from a compressed file. Its errors say that they are about the
// compression.
type unpacked struct{ in io.Reader }

// Read implements io.Reader.
func (u unpacked) Read(b []byte) (int, error) {
	n, err := u.in.Read(b)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, unpackError(err)
}

// An unpackingError says what is wrong with compressed data, or how reading it failed.
type unpackingError struct{ err error }

// Error implements error.
func (e *unpackingError) Error() string { return "unpacking: " + e.err.Error() }

// Unwrap returns the error without the word.
func (e *unpackingError) Unwrap() error { return e.err }

// isUnpackingError reports whether reading from a compressed file failed.
func isUnpackingError(err error) bool {
	var unpacking *unpackingError
	return errors.As(err, &unpacking)
}

// unpackError words an error of unpacking. It must not be io.ErrUnexpectedEOF: a file
// that is cut off between two records would look complete.
func unpackError(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		err = errors.New("the compressed data ends too early")
	case errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded):
		err = fmt.Errorf("the zstd data is damaged, or refers back further than %d MiB. Unpack it with zstd -d --long=31 first", maxZstdWindow>>20)
	}
	return &unpackingError{err}
}

func newZstd(in io.Reader) (io.Reader, error) {
	return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
}
