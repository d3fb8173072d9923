package capture

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Writer writes a classic pcap file with nanoseconds, in little-endian order. It
// writes large pieces. Flush or Close writes the last one.
type Writer struct {
	out    io.Writer
	buf    []byte
	behind *background // nil: the caller's goroutine writes
	err    error       // of the first write that failed
}

// NewWriter returns a writer for packets of the link type.
func NewWriter(out io.Writer, link packet.LinkType) *Writer {
	b := make([]byte, 0, 2*pieceSize) // grows only for packets that are longer than a piece
	b = binary.LittleEndian.AppendUint32(b, magicNanoseconds)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = binary.LittleEndian.AppendUint64(b, 0) // reserved
	b = binary.LittleEndian.AppendUint32(b, MaxCaptured)
	b = binary.LittleEndian.AppendUint32(b, uint32(link))
	return &Writer{out: out, buf: b}
}

// Write appends a complete packet of at most MaxCaptured bytes.
func (w *Writer) Write(nanoseconds int64, data []byte) error {
	return w.WriteFunc(nanoseconds, func(b []byte) []byte { return append(b, data...) })
}

// WriteFunc appends a packet. build appends its bytes to the given slice, so the
// packet is not copied.
func (w *Writer) WriteFunc(nanoseconds int64, build func([]byte) []byte) error {
	if w.err != nil {
		return w.err
	}
	if nanoseconds < 0 || nanoseconds/1e9 > 1<<32-1 {
		return fmt.Errorf("the time %d ns does not fit into a pcap file", nanoseconds)
	}
	at := len(w.buf)
	b := binary.LittleEndian.AppendUint32(w.buf, uint32(nanoseconds/1e9))
	b = binary.LittleEndian.AppendUint32(b, uint32(nanoseconds%1e9))
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = build(b)
	length := len(b) - at - pcapRecordLength
	if length > MaxCaptured {
		return fmt.Errorf("a packet of %d bytes does not fit into a pcap file", length)
	}
	binary.LittleEndian.PutUint32(b[at+8:], uint32(length))
	binary.LittleEndian.PutUint32(b[at+12:], uint32(length))
	w.buf = b
	if len(b) >= pieceSize {
		return w.write(len(b) &^ (page - 1))
	}
	return nil
}

// Flush writes everything that is not written yet. A background writer only
// begins to write it.
func (w *Writer) Flush() error { return w.write(len(w.buf)) }

// write writes the first n bytes of the buffer.
func (w *Writer) write(n int) error {
	if w.err != nil {
		return w.err
	}
	piece, rest := w.buf[:n], w.buf[n:]
	if w.behind != nil {
		w.buf, w.err = w.behind.exchange(piece)
	} else {
		_, w.err = w.out.Write(piece)
		w.buf = w.buf[:0]
	}
	w.buf = append(w.buf, rest...)
	return w.err
}

var errClosed = errors.New("the capture file is closed")

// Close writes everything that is not written yet. Writing after Close is an
// error. Close does not close the io.Writer below.
func (w *Writer) Close() error {
	err := w.Flush()
	if w.behind != nil {
		err = cmp.Or(err, w.behind.close())
		w.behind = nil
	}
	w.err = cmp.Or(err, errClosed)
	return err
}
