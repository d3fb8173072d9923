package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// order writes numbers in one of the two byte orders.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// pcapFile writes a classic pcap file with the payloads as packets. Each is a
// second and one unit of the fraction later than the last one, and was three
// bytes longer before the capture cut it.
func pcapFile(o order, magic uint32, payloads ...string) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = o.AppendUint32(b, 65535)
	b = o.AppendUint32(b, 1)
	for i, payload := range payloads {
		b = o.AppendUint32(b, uint32(i))
		b = o.AppendUint32(b, uint32(i))
		b = o.AppendUint32(b, uint32(len(payload)))
		b = o.AppendUint32(b, uint32(len(payload)+3))
		b = append(b, payload...)
	}
	return b
}

// record is a record as a test expects it.
type record struct {
	data        string
	wire        int
	link        packet.LinkType
	heading     packet.Heading
	nanoseconds int64
}

// readAll returns the records of a file, and the error that ended the reading. At
// the end of the file the error is nil.
func readAll(in io.Reader) ([]record, error) {
	reader, err := capture.NewReader(in)
	if err != nil {
		return nil, err
	}
	var all []record
	for {
		var r capture.Record
		err := reader.Next(&r)
		if err != nil {
			return all, ended(reader, err)
		}
		if r.Number != int64(len(all)+1) {
			return all, fmt.Errorf("record %d has the number %d", len(all)+1, r.Number)
		}
		all = append(all, record{string(r.Data), r.Wire, r.Link, r.Heading, r.Nanoseconds})
	}
}

// ended returns the error that ended a reader, nil at the end of the file. It
// checks that Next returns it again.
func ended(reader *capture.Reader, err error) error {
	if again := reader.Next(&capture.Record{}); !errors.Is(again, err) {
		return fmt.Errorf("the reader says %w, and then %w", err, again)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func TestClassicPcap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		order order
		magic uint32
		unit  int64
	}{
		{"microseconds, little-endian", binary.LittleEndian, 0xa1b2c3d4, 1000},
		{"microseconds, big-endian", binary.BigEndian, 0xa1b2c3d4, 1000},
		{"nanoseconds, little-endian", binary.LittleEndian, 0xa1b23c4d, 1},
		{"nanoseconds, big-endian", binary.BigEndian, 0xa1b23c4d, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(bytes.NewReader(pcapFile(test.order, test.magic, "one", "", "three")))
			check(t, got, err, []record{
				{"one", 6, 1, 0, 0}, {"", 3, 1, 0, 1e9 + test.unit}, {"three", 8, 1, 0, 2e9 + 2*test.unit},
			})
		})
	}
}

func check(t *testing.T, got []record, err error, want []record) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, not %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("record %d:\n got %+v\nwant %+v", i+1, got[i], want[i])
		}
	}
}

// A stream may arrive in pieces of any size, and compressed.
func TestStreams(t *testing.T) {
	t.Parallel()
	var want []record
	var payloads []string
	for i := range 3000 { // more than a window holds
		payload := strings.Repeat(string(rune('a'+i%26)), i%1500)
		payloads = append(payloads, payload)
		want = append(want, record{payload, len(payload) + 3, 1, 0, int64(i)*1e9 + int64(i)})
	}
	file := pcapFile(binary.LittleEndian, 0xa1b23c4d, payloads...)
	for name, in := range map[string]io.Reader{
		"at once":               bytes.NewReader(file),
		"byte by byte":          iotest.OneByteReader(bytes.NewReader(file)),
		"data with the end":     iotest.DataErrReader(bytes.NewReader(file)),
		"gzip":                  bytes.NewReader(pack(t, file)),
		"gzip, in two members":  io.MultiReader(bytes.NewReader(pack(t, file[:70_000])), bytes.NewReader(pack(t, file[70_000:]))),
		"zstd":                  bytes.NewReader(packZstd(t, file)),
		"zstd, byte by byte":    iotest.OneByteReader(bytes.NewReader(packZstd(t, file))),
		"zstd, in two frames":   io.MultiReader(bytes.NewReader(packZstd(t, file[:70_000])), bytes.NewReader(packZstd(t, file[70_000:]))),
		"zstd, skipped frames":  bytes.NewReader(slices.Concat(skipped, packZstd(t, file), skipped)),
		"zstd, without a check": bytes.NewReader(packZstd(t, file, zstd.WithEncoderCRC(false))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(in)
			check(t, got, err, want)
		})
	}
}

// skipped is a zstd frame that is not data.
var skipped = []byte("\x5f\x2a\x4d\x18\x03\x00\x00\x00abc")

func packZstd(t testing.TB, b []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed, options...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func pack(t testing.TB, b []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestLargestRecord(t *testing.T) {
	t.Parallel()
	largest := strings.Repeat("x", capture.MaxCaptured)
	got, err := readAll(bytes.NewReader(pcapFile(binary.BigEndian, 0xa1b2c3d4, "a", largest, "b", largest)))
	check(t, got, err, []record{
		{"a", 4, 1, 0, 0}, {largest, capture.MaxCaptured + 3, 1, 0, 1e9 + 1000}, {"b", 4, 1, 0, 2e9 + 2000},
		{largest, capture.MaxCaptured + 3, 1, 0, 3e9 + 3000},
	})
}

// A file that ends too early gives all complete records. The error names the
// incomplete one and its offset.
func TestFileThatEndsAnywhere(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]struct {
		data  []byte
		heads []int // offsets of records and blocks, and of the end of the file
	}{
		"pcap":   {data: pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one", "", "three"), heads: []int{24, 43, 59, 80}},
		"pcapng": {data: ng(binary.BigEndian).section().describe(1, 0).enhanced(0, 0, "one").enhanced(0, 0, "four").b, heads: []int{28, 48, 84, 120}},
	} {
		for n := range file.data {
			got, err := readAll(bytes.NewReader(file.data[:n]))
			whole, begin := -1, 0
			for i, head := range file.heads {
				if head <= n {
					whole, begin = i, head
				}
			}
			if whole < 0 {
				checkDamage(t, name, n, err, 0, 0)
				continue
			}
			records := whole
			if name == "pcapng" {
				records = max(0, whole-1) // the first block is no record
			}
			if len(got) != records {
				t.Errorf("%s: %d bytes give %d records, not %d", name, n, len(got), records)
			}
			if begin == n {
				if err != nil {
					t.Errorf("%s: %d bytes, which end with a record: %v", name, n, err)
				}
				continue
			}
			checkDamage(t, name, n, err, int64(records+1), int64(begin))
		}
	}
}

func checkDamage(t *testing.T, name string, n int, err error, record, offset int64) {
	t.Helper()
	var damage *capture.FormatError
	if !errors.As(err, &damage) || damage.Record != record || damage.Offset != offset || !strings.Contains(err.Error(), "the file ends here") {
		t.Errorf("%s: %d bytes: %v, not the end inside record %d at %d", name, n, err, record, offset)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	little := binary.LittleEndian
	good := pcapFile(little, 0xa1b2c3d4, "one")
	changed := func(offset int, value byte) []byte {
		b := bytes.Clone(good)
		b[offset] = value
		return b
	}
	block := func(kind uint32, body ...byte) []byte {
		return ng(little).section().describe(1, 0).enhanced(0, 0, "one").block(kind, body).b
	}
	wrongTrailer := block(5, 0, 0, 0, 0)
	wrongTrailer[len(wrongTrailer)-4]++
	for _, test := range []struct {
		name    string
		file    []byte
		records int
		want    string
	}{
		{"nothing", nil, 0, "the capture's header, at byte 0: the file ends here"},
		{"another format", []byte("<?xml version"), 0, "the capture's header, at byte 0: begins with 3c 3f 78 6d, which neither a pcap nor a pcapng file does"},
		{"pcap 3.0", changed(4, 3), 0, "the capture's header, at byte 0: version 3.4 of the pcap format is not known, only 2.4"},
		{"captured length", changed(24+8+2, 4), 0, "record 1 of the capture, at byte 24: its captured length is 262147, above 262144"},
		{"not packed after all", []byte("\x1f\x8bxxxxxxxxxxxxxxxxx"), 0, "the capture's header, at byte 0: unpacking: gzip: invalid header"},
		{"a wrong trailer", wrongTrailer, 1, "record 2 of the capture, at byte 84: its block says at the beginning that it is 16 bytes long, and at the end 17"},
		{"an interface that is not there", ng(little).section().describe(1, 0).enhanced(0, 0, "one").enhanced(1, 0, "").b, 1, "record 2 of the capture, at byte 84: it names interface 1, and the section has described 1"},
		{"an interface of the section before", ng(little).section().describe(1, 0).section().enhanced(0, 0, "").b, 0, "record 1 of the capture, at byte 76: it names interface 0, and the section has described 0"},
		{"no interface", ng(little).section().simple("").b, 0, "record 1 of the capture, at byte 28: it names interface 0, and the section has described 0"},
		{"a captured length above the block's", block(6, append(make([]byte, 12), 9, 0, 0, 0, 9, 0, 0, 0, 1, 2, 3, 4)...), 1, "record 2 of the capture, at byte 84: its captured length is 9, and its block holds 4 bytes"},
		{"a packet block too short", block(6, make([]byte, 16)...), 1, "record 2 of the capture, at byte 84: its block says that it is 28 bytes long"},
		{"an option that ends behind its block", ng(little).section().describe(1, 0).enhanced(0, 0, "one", 2, 0, 5, 0, 0, 0, 0, 0).b, 0, "record 1 of the capture, at byte 48: its option 2 ends behind its block"},
		{"epb_flags of another length", ng(little).section().describe(1, 0).enhanced(0, 0, "one", 2, 0, 3, 0, 0, 0, 0, 0).b, 0, "record 1 of the capture, at byte 48: its option epb_flags is 3 bytes long"},
		{"if_tsresol of another length", ng(little).section().describe(1, 0, 9, 0, 2, 0, 6, 0, 0, 0).b, 0, "record 1 of the capture, at byte 28: its option 9 is 2 bytes long"},
		{"if_tsoffset of another length", ng(little).section().describe(1, 0, 14, 0, 4, 0, 0, 0, 0, 1).b, 0, "record 1 of the capture, at byte 28: its option 14 is 4 bytes long"},
		{"a byte order mark", append(ng(little).section().b[:8], 1, 2, 3, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, "the capture's header, at byte 0: a section begins with the byte order mark 01 02 03 04"},
		{"a block of 2 GB", append(block(6)[:84], 6, 0, 0, 0, 0, 0, 0, 0x80), 1, "record 2 of the capture, at byte 84: its block is 2147483648 bytes long, above 524288"},
		{"a block of 13 bytes", append(block(6)[:84], 9, 0, 0, 0, 13, 0, 0, 0), 1, "record 2 of the capture, at byte 84: its block says that it is 13 bytes long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(bytes.NewReader(test.file))
			if err == nil || err.Error() != test.want || len(got) != test.records {
				t.Errorf("\n got %v after %d records\nwant %s after %d", err, len(got), test.want, test.records)
			}
		})
	}
}

// An error of the stream is not the end of the file.
func TestReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is on fire")
	file := pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one", "two")
	got, err := readAll(io.MultiReader(bytes.NewReader(file[:43]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || len(got) != 1 {
		t.Errorf("%v after %d records", err, len(got))
	}
}

// Some old programs write a packet length that is less than the captured length.
func TestWireLengthIsAtLeastTheCaptured(t *testing.T) {
	t.Parallel()
	file := pcapFile(binary.LittleEndian, 0xa1b2c3d4, "abc")
	file[24+12] = 0
	got, err := readAll(bytes.NewReader(file))
	check(t, got, err, []record{{"abc", 3, 1, 0, 0}})
}
