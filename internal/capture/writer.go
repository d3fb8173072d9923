package capture

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Writer writes a capture file in little-endian order, with nanoseconds and one
// interface. It writes large pieces. Flush or Close writes the last one.
type Writer struct {
	pieces
	format Format
}

// NewWriter returns a writer of a classic pcap file for packets of the link type.
func NewWriter(out io.Writer, link packet.LinkType) *Writer { return Pcap.NewWriter(out, link) }

// NewWriter returns a writer of a file in this format for packets of the link type.
func (f Format) NewWriter(out io.Writer, link packet.LinkType) *Writer {
	w := &Writer{newPieces(out), f}
	if f == Pcapng {
		w.buf = appendSection(w.buf, binary.LittleEndian)
		w.buf = description{link: link, snap: MaxCaptured, resolution: nanosecondResolution}.append(w.buf, binary.LittleEndian)
		return w
	}
	b := binary.LittleEndian.AppendUint32(w.buf, magicNanoseconds)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = binary.LittleEndian.AppendUint64(b, 0) // reserved
	b = binary.LittleEndian.AppendUint32(b, MaxCaptured)
	w.buf = binary.LittleEndian.AppendUint32(b, uint32(link))
	return w
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
	if nanoseconds < 0 || w.format == Pcap && nanoseconds/1e9 > 1<<32-1 {
		return fmt.Errorf("the time %d ns does not fit into a %s file", nanoseconds, w.format)
	}
	at, header := len(w.buf), pcapRecordLength
	b := w.buf
	b = append(b, make([]byte, pcapRecordLength)...)
	if w.format == Pcapng {
		header = enhancedHeaderLength
		b = append(b, make([]byte, enhancedHeaderLength-pcapRecordLength)...)
	}
	b = build(b)
	length := len(b) - at - header
	if length > MaxCaptured {
		return fmt.Errorf("a packet of %d bytes does not fit into a %s file", length, w.format)
	}
	if w.format == Pcapng {
		w.buf = closeEnhanced(b, at, uint64(nanoseconds), length)
	} else {
		binary.LittleEndian.PutUint32(b[at:], uint32(nanoseconds/1e9))
		binary.LittleEndian.PutUint32(b[at+4:], uint32(nanoseconds%1e9))
		binary.LittleEndian.PutUint32(b[at+8:], uint32(length))
		binary.LittleEndian.PutUint32(b[at+12:], uint32(length))
		w.buf = b
	}
	return w.writeFull()
}
