package capture_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// ngFile writes a pcapng file, block by block.
type ngFile struct {
	order order
	b     []byte
}

func ng(o order) *ngFile { return &ngFile{order: o} }

func (f *ngFile) block(kind uint32, body []byte) *ngFile {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	length := uint32(len(body) + 12)
	f.b = f.order.AppendUint32(f.b, kind)
	f.b = f.order.AppendUint32(f.b, length)
	f.b = append(f.b, body...)
	f.b = f.order.AppendUint32(f.b, length)
	return f
}

func (f *ngFile) section() *ngFile {
	body := f.order.AppendUint32(nil, 0x1a2b3c4d)
	body = f.order.AppendUint16(body, 1)
	body = f.order.AppendUint16(body, 0)
	return f.block(0x0a0d0d0a, f.order.AppendUint64(body, math.MaxUint64))
}

// describe writes an interface with a limit of captured bytes and options.
func (f *ngFile) describe(link uint16, limit uint32, options ...byte) *ngFile {
	body := f.order.AppendUint16(nil, link)
	body = f.order.AppendUint16(body, 0)
	return f.block(1, append(f.order.AppendUint32(body, limit), options...))
}

// option writes an option and pads it.
func (f *ngFile) option(code uint16, value ...byte) []byte {
	b := f.order.AppendUint16(nil, code)
	b = append(f.order.AppendUint16(b, uint16(len(value))), value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (f *ngFile) enhanced(on uint32, ticks uint64, data string, options ...byte) *ngFile {
	body := f.order.AppendUint32(nil, on)
	return f.block(6, f.packet(body, ticks, data, options))
}

func (f *ngFile) obsolete(on uint16, ticks uint64, data string, options ...byte) *ngFile {
	body := f.order.AppendUint16(nil, on)
	body = f.order.AppendUint16(body, 7) // drops
	return f.block(2, f.packet(body, ticks, data, options))
}

func (f *ngFile) packet(body []byte, ticks uint64, data string, options []byte) []byte {
	body = f.order.AppendUint32(body, uint32(ticks>>32))
	body = f.order.AppendUint32(body, uint32(ticks))
	body = f.order.AppendUint32(body, uint32(len(data)))
	body = append(f.order.AppendUint32(body, uint32(len(data)+3)), data...)
	for len(body)%4 != 0 {
		body = append(body, 0xee)
	}
	return append(body, options...)
}

func (f *ngFile) simple(data string) *ngFile {
	return f.block(3, append(f.order.AppendUint32(nil, uint32(len(data))), data...))
}

func TestPcapng(t *testing.T) {
	t.Parallel()
	for _, o := range []order{binary.LittleEndian, binary.BigEndian} {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			f := ng(o)
			flags := func(n uint32) []byte { return f.option(2, o.AppendUint32(nil, n)...) }
			comment := f.option(1, []byte("hello")...)
			f.section().
				block(0xbad, []byte("unknown")).
				block(0xbad, nil).
				describe(1, 4, f.option(9, 9)...).
				describe(113, 0, append(comment, append(f.option(14, o.AppendUint64(nil, 100)...), f.option(99, make([]byte, 8)...)...)...)...).
				enhanced(0, 1<<40+5, "one", flags(1)...).
				enhanced(1, 3_000_007, "", append(comment, flags(2)...)...).
				enhanced(0, 0, "four", append(flags(0), f.option(0)...)...).
				simple("sim").
				obsolete(1, 9, "obsolete", flags(2)...).
				section().
				describe(101, 0).
				enhanced(0, 9, "again")
			got, err := readAll(bytes.NewReader(f.b))
			check(t, got, err, []record{
				{"one", 6, 1, packet.Inbound, 1<<40 + 5},
				{"", 3, 113, packet.Outbound, 103_000_007_000},
				{"four", 7, 1, 0, 0},
				{"sim", 3, 1, 0, 0},
				{"obsolete", 11, 113, packet.Outbound, 100_000_009_000},
				{"again", 8, 101, 0, 9000},
			})
		})
	}
}

// A simple packet block has no captured length: the limit of the interface says
// how much of a longer packet there is.
func TestSimplePacketIsCutToTheLimit(t *testing.T) {
	t.Parallel()
	f := ng(binary.LittleEndian).section().describe(1, 4)
	f.block(3, append(f.order.AppendUint32(nil, 99), "four"...))
	got, err := readAll(bytes.NewReader(f.b))
	check(t, got, err, []record{{"four", 99, 1, 0, 0}})
}

func TestResolutions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		resolution byte
		ticks      uint64
		want       int64
	}{
		{0, 3, 3e9},
		{3, 1_234, 1_234e6},
		{6, 1_700_000_000_123_456, 1_700_000_000_123_456_000},
		{9, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789},
		{10, 1_234, 123},
		{12, 1_234_567, 1_234},
		{28, math.MaxUint64, 1}, // 1.8 nanoseconds
		{29, math.MaxUint64, 0},
		{127, math.MaxUint64, 0},
		{0x80, 3, 3e9},
		{0x80 | 1, 3, 1_500_000_000},
		{0x80 | 32, 5<<32 | 1<<31, 5_500_000_000},
		{0x80 | 63, 1<<63 | 1<<62, 1_500_000_000},
		{0x80 | 64, 1 << 63, 500_000_000},
		{0x80 | 65, 1 << 63, 250_000_000},
		{0x80 | 127, math.MaxUint64, 0},
	} {
		f := ng(binary.LittleEndian).section()
		f.describe(1, 0, f.option(9, test.resolution)...).enhanced(0, test.ticks, "")
		got, err := readAll(bytes.NewReader(f.b))
		check(t, got, err, []record{{"", 3, 1, 0, test.want}})
	}
}

// A block that is skipped may be longer than the window.
func TestLongBlockIsSkipped(t *testing.T) {
	t.Parallel()
	f := ng(binary.BigEndian).section().describe(1, 0).block(10, make([]byte, 3<<20)).enhanced(0, 0, "behind")
	got, err := readAll(bytes.NewReader(f.b))
	check(t, got, err, []record{{"behind", 9, 1, 0, 0}})
}
