package capture

import (
	"cmp"
	"errors"
	"io"
)

// pieces writes a stream in large pieces.
type pieces struct {
	out    io.Writer
	buf    []byte      // that is not written yet
	behind *background // nil: the caller's goroutine writes
	err    error       // of the first write that failed
}

// newPieces returns pieces whose buffer grows only for what is longer than a piece.
func newPieces(out io.Writer) pieces { return pieces{out: out, buf: make([]byte, 0, 2*pieceSize)} }

// writeFull writes a piece if the buffer has one.
func (p *pieces) writeFull() error {
	if len(p.buf) >= pieceSize {
		return p.write(len(p.buf) &^ (page - 1))
	}
	return nil
}

// Flush writes everything that is not written yet. A background writer only
// begins to write it.
func (p *pieces) Flush() error { return p.write(len(p.buf)) }

// write writes the first n bytes of the buffer.
func (p *pieces) write(n int) error {
	if p.err != nil {
		return p.err
	}
	piece, rest := p.buf[:n], p.buf[n:]
	if p.behind != nil {
		p.buf, p.err = p.behind.exchange(piece)
	} else {
		_, p.err = p.out.Write(piece)
		p.buf = p.buf[:0]
	}
	p.buf = append(p.buf, rest...)
	return p.err
}

var errClosed = errors.New("the capture file is closed")

// Close writes everything that is not written yet. Writing after Close is an
// error. Close does not close the io.Writer below.
func (p *pieces) Close() error {
	err := p.Flush()
	if p.behind != nil {
		err = cmp.Or(err, p.behind.close())
		p.behind = nil
	}
	p.err = cmp.Or(err, errClosed)
	return err
}
