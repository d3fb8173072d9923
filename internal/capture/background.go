package capture

import (
	"io"
	"runtime"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// background writes pieces in a goroutine of its own, so that the next piece is
// made while the last one goes to the disk. The pieces go around: nothing is copied.
type background struct {
	full  chan []byte
	empty chan written
	done  chan struct{}
}

// written is a piece that was written, empty again.
type written struct {
	piece []byte
	err   error // of this write or one before it
}

// backgroundPieces is how many pieces go around: one is filled, one is written, and
// one waits for whichever of both is faster.
const backgroundPieces = 3

// NewBackgroundWriter is NewWriter with a goroutine that does the writing, if there
// is a processor for it. Close ends the goroutine.
func NewBackgroundWriter(out io.Writer, link packet.LinkType) *Writer {
	w := NewWriter(out, link)
	if runtime.GOMAXPROCS(0) == 1 {
		return w
	}
	w.behind = &background{
		full: make(chan []byte, backgroundPieces), empty: make(chan written, backgroundPieces), done: make(chan struct{}),
	}
	for range backgroundPieces - 1 {
		w.behind.empty <- written{piece: make([]byte, 0, cap(w.buf))}
	}
	go w.behind.run(out)
	return w
}

func (b *background) run(out io.Writer) {
	defer close(b.done)
	var err error
	for piece := range b.full {
		if err == nil {
			_, err = out.Write(piece)
		}
		b.empty <- written{piece[:0], err}
	}
}

// exchange hands a piece over, and returns an empty one and what the writing failed
// with so far.
func (b *background) exchange(piece []byte) ([]byte, error) {
	b.full <- piece
	next := <-b.empty
	return next.piece, next.err
}

// close waits until everything is written.
func (b *background) close() error {
	close(b.full)
	<-b.done
	close(b.empty)
	var last error
	for w := range b.empty {
		last = w.err
	}
	return last
}
