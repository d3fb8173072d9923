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

	// pieceSize is how many bytes are read or written at once. With fewer, system
	// calls would cost too much. With more, data would not fit into the caches,
	// and the kernel would search long for contiguous memory.
	pieceSize = 128 << 10

	// page is the size of a page. The kernel copies fastest from and to the
	// beginning of one.
	page = 4096
)

var errEnds = errors.New("the file ends here")

// window is the part of a stream that is in memory.
type window struct {
	in     io.Reader
	buf    []byte // grows for the first record that does not fit
	start  int    // of the bytes that are not taken yet
	end    int    // of the bytes that were read
	offset int64  // position of start in the stream
}

func newWindow(in io.Reader) *window {
	return &window{in: in, buf: make([]byte, page+pieceSize)}
}

// peek returns the next n bytes, at most windowSize, without taking them. They
// are valid until the next call. It returns io.EOF at the end of the stream, and
// errEnds if fewer than n bytes are left.
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
	begin := (len(rest) + page - 1) &^ (page - 1) // where to read to: the beginning of a page
	if begin+missing > len(w.buf) {
		w.buf = make([]byte, page+windowSize)
	}
	w.start, w.end = begin-len(rest), begin
	copy(w.buf[w.start:], rest)
	// A goroutine that runs for 10 ms without a pause loses its processor in each
	// system call. Getting it back means waking up threads.
	runtime.Gosched()
	read, err := io.ReadAtLeast(w.in, w.buf[begin:], missing)
	w.end += read
	switch {
	case err == nil:
		return nil
	case isUnpackingError(err):
		return err
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading: %w", err)
	case w.start == w.end:
		return io.EOF
	}
	return errEnds
}

// take moves on by n bytes that were peeked at.
func (w *window) take(n int) {
	w.start += n
	w.offset += int64(n)
}

// skip moves on by n bytes, also by more than fit into the window.
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

// ends returns err, or errEnds for io.EOF: inside a record, the end of the stream
// is damage.
func ends(err error) error {
	if errors.Is(err, io.EOF) {
		return errEnds
	}
	return err
}
