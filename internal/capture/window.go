package capture

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

const (
	// windowSize holds the largest record.
	windowSize = 512 << 10

	// pieceSize is how much is read or written at once: large enough that a system
	// call costs nothing beside its copying, and small enough for the caches and for
	// the kernel, which looks long for memory that is contiguous for larger ones.
	pieceSize = 128 << 10

	// page is what the kernel copies best: from and to the beginning of one.
	page = 4096
)

var errEnds = errors.New("the file ends here")

// window is the part of a stream that is being looked at.
type window struct {
	in     io.Reader
	buf    []byte // grows when the first record comes that does not fit
	start  int    // of what is not yet taken
	end    int    // of what was read
	offset int64  // of start in the stream
}

func newWindow(in io.Reader) *window {
	return &window{in: in, buf: make([]byte, page+pieceSize)}
}

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
	rest := w.buf[w.start:w.end]
	missing := n - len(rest)
	begin := (len(rest) + page - 1) &^ (page - 1) // of what is read: whole pages into whole pages
	if begin+missing > len(w.buf) {
		w.buf = make([]byte, page+windowSize)
	}
	w.start, w.end = begin-len(rest), begin
	copy(w.buf[w.start:], rest)
	// A goroutine that goes on for 10 ms without a pause loses its processor in each
	// system call, and gets it back at the cost of waking up threads.
	runtime.Gosched()
	read, err := io.ReadAtLeast(w.in, w.buf[begin:], missing)
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
