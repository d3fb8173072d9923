package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Reader reads the records of a capture file, one at a time.
type Reader struct {
	window *window
	format interface {
		// next reads the next record, without its number. It returns io.EOF after
		// the last one.
		next(*Record) error
	}
	read int64 // number of records that were returned
	at   int64 // offset of the current record
	err  error // that ended the reading
}

// The magic numbers at the beginning of a file, in big-endian order.
const (
	magicMicroseconds = 0xa1b2c3d4
	magicNanoseconds  = 0xa1b23c4d
	magicPcapng       = blockSection
)

// NewReader reads the header of a capture file.
func NewReader(in io.Reader) (*Reader, error) {
	in, err := unpack(in)
	if err != nil {
		return nil, &FormatError{Err: err}
	}
	r := &Reader{window: newWindow(in)}
	if err := r.open(); err != nil {
		return nil, &FormatError{Err: ends(err)}
	}
	return r, nil
}

func (r *Reader) open() error {
	b, err := r.window.peek(4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(b) == magicPcapng {
		format := &pcapng{window: r.window, at: &r.at}
		r.format = format
		return format.section()
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(b) {
		case magicMicroseconds:
			return r.openPcap(order, 1000)
		case magicNanoseconds:
			return r.openPcap(order, 1)
		}
	}
	return fmt.Errorf("begins with % x, which neither a pcap nor a pcapng file does", b)
}

// Next reads the next record into rec. It returns io.EOF after the last one, and
// a *FormatError if the file is damaged. After an error it returns the same error
// again.
func (r *Reader) Next(rec *Record) error {
	if r.err != nil {
		return r.err
	}
	r.at = r.window.offset
	switch err := r.format.next(rec); {
	case err == nil:
		r.read++
		rec.Number = r.read
		return nil
	case errors.Is(err, io.EOF):
		r.err = io.EOF
	default:
		r.err = &FormatError{Record: r.read + 1, Offset: r.at, Err: err}
	}
	return r.err
}

const (
	pcapHeaderLength = 24
	pcapRecordLength = 16
)

// pcap reads the classic format.
type pcap struct {
	window *window
	big    bool
	link   packet.LinkType
	unit   uint32 // nanoseconds
}

func (r *Reader) openPcap(order binary.ByteOrder, unit uint32) error {
	b, err := r.window.peek(pcapHeaderLength)
	if err != nil {
		return err
	}
	if major := order.Uint16(b[4:]); major != 2 {
		return fmt.Errorf("version %d.%d of the pcap format is not known, only 2.4", major, order.Uint16(b[6:]))
	}
	r.format = &pcap{
		window: r.window, big: order == binary.BigEndian, unit: unit,
		link: packet.LinkType(order.Uint32(b[20:])), // the upper 16 bits describe the FCS
	}
	r.window.take(pcapHeaderLength)
	return nil
}

// uint32 reads a number. A binary.ByteOrder would cost an interface call per
// field.
func (f *pcap) uint32(b []byte) uint32 {
	if f.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (f *pcap) next(rec *Record) error {
	b, err := f.window.peek(pcapRecordLength)
	if err != nil {
		return err
	}
	seconds, fraction := f.uint32(b), f.uint32(b[4:])
	captured, wire := f.uint32(b[8:]), f.uint32(b[12:])
	if err := checkLength(captured); err != nil {
		return err
	}
	b, err = f.window.peek(pcapRecordLength + int(captured))
	if err != nil {
		return ends(err)
	}
	f.window.take(len(b))
	*rec = Record{
		Data: b[pcapRecordLength:], Wire: int(max(wire, captured)), Link: f.link,
		Nanoseconds: int64(seconds)*1e9 + int64(fraction)*int64(f.unit),
	}
	return nil
}

func checkLength(captured uint32) error {
	if captured > MaxCaptured {
		return fmt.Errorf("its captured length is %d, above %d", captured, MaxCaptured)
	}
	return nil
}
