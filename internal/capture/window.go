package capture

import (
	"errors"
	"fmt"
	"io"
)

// windowSize is a multiple of what a read from disk brings at once, and holds the
// largest record.
const windowSize = 512 << 10

var errEnds = errors.New("the file ends here")

// window is the part of a stream that is being looked at.
type window struct {
	in     io.Reader
	buf    []byte // of constant length
	start  int    // of what is not yet taken
	end    int    // of what was read
	offset int64  // of start in the stream
}

func newWindow(in io.Reader) *window { return &window{in: in, buf: make([]byte, windowSize)} }

// peek returns the next n bytes, at most windowSize, without taking them. They are
// valid until the next call. It returns io.EOF at the end of the stream, and
// errEnds where the stream ends within them.
func (w *window) peek(n int) ([]byte, error) {
	if w.end-w.start < n {
		if err := w.fill(n); err != nil {
			return nil, err
		}
	}
	return w.buf[w.start : w.start+n], nil
}

func (w *window) fill(n int) error {
	if w.start+n > len(w.buf) {
		w.end = copy(w.buf, w.buf[w.start:w.end])
		w.start = 0
	}
	read, err := io.ReadAtLeast(w.in, w.buf[w.end:], n-(w.end-w.start))
	w.end += read
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading: %w", err)
	case w.start == w.end:
		return io.EOF
	}
	return errEnds
}

// take takes n bytes that were peeked at.
func (w *window) take(n int) {
	w.start += n
	w.offset += int64(n)
}

// skip takes n bytes, however many they are.
func (w *window) skip(n int64) error {
	for n > 0 {
		part := int(min(n, windowSize))
		if _, err := w.peek(part); err != nil {
			return ends(err)
		}
		w.take(part)
		n -= int64(part)
	}
	return nil
}

// ends is err where more bytes had to come: there, the end of the stream is damage.
func ends(err error) error {
	if errors.Is(err, io.EOF) {
		return errEnds
	}
	return err
}
