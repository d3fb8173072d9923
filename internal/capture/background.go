package capture

import (
	"io"
	"runtime"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// background writes pieces in a goroutine of its own. So the next piece is filled
// while the last one is written. Pieces are reused, not copied.
type background struct {
	full  chan []byte
	empty chan written
	done  chan struct{}
}

// written is a piece that was written. It is empty again.
type written struct {
	piece []byte
	err   error // of this write or an earlier one
}

// backgroundPieces is the number of pieces: one is filled, one is written, and
// one waits.
const backgroundPieces = 3

// NewBackgroundWriter is NewWriter with a goroutine that writes, if there is more
// than one processor. Close ends the goroutine.
func NewBackgroundWriter(out io.Writer, link packet.LinkType) *Writer {
	return Pcap.NewBackgroundWriter(out, link)
}

// NewBackgroundWriter is NewWriter with a goroutine that writes, if there is more
// than one processor. Close ends the goroutine.
func (f Format) NewBackgroundWriter(out io.Writer, link packet.LinkType) *Writer {
	w := f.NewWriter(out, link)
	w.inBackground()
	return w
}

// inBackground starts a goroutine that writes, if there is more than one processor.
func (p *pieces) inBackground() {
	if runtime.GOMAXPROCS(0) == 1 {
		return
	}
	p.behind = &background{
		full: make(chan []byte, backgroundPieces), empty: make(chan written, backgroundPieces), done: make(chan struct{}),
	}
	for range backgroundPieces - 1 {
		p.behind.empty <- written{piece: make([]byte, 0, cap(p.buf))}
	}
	go p.behind.run(p.out)
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

// exchange passes a full piece to the goroutine. It returns an empty piece, and
// the error of an earlier write.
func (b *background) exchange(piece []byte) ([]byte, error) {
	b.full <- piece
	next := <-b.empty
	return next.piece, next.err
}

// close waits until everything is written, and returns the error of a write.
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
