package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Written records can be read again, also if they take more than one piece.
func TestWriter(t *testing.T) {
	t.Parallel()
	for _, format := range capture.Formats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var file bytes.Buffer
			testWriter(t, &file, format.NewWriter(&file, packet.LinkLinuxSLL))
			file.Reset()
			testWriter(t, &file, format.NewBackgroundWriter(&file, packet.LinkLinuxSLL))
		})
	}
}

func testWriter(t *testing.T, file io.Reader, w *capture.Writer) {
	t.Helper()
	var want []record
	for i := range 1000 {
		data := strings.Repeat("x", i)
		if i == 500 {
			data = strings.Repeat("x", capture.MaxCaptured)
		}
		if err := w.Write(int64(i)*1_000_000_007, []byte(data)); err != nil {
			t.Fatal(err)
		}
		want = append(want, record{data, len(data), packet.LinkLinuxSLL, 0, int64(i) * 1_000_000_007})
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(file)
	check(t, got, err, want)
}

// The ending of a name decides, in any case.
func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]capture.Format{
		"out.pcapng": capture.Pcapng, "a/b.PcapNG": capture.Pcapng, "out.pcap": capture.Pcap, "pcapng": capture.Pcap, "out.pcapng.gz": capture.Pcap, "-": capture.Pcap, "": capture.Pcap,
	} {
		if got := capture.FormatOf(name); got != want {
			t.Errorf("%q is %s, not %s", name, got, want)
		}
	}
}

// A file without packets can be read.
func TestWriterOfNothing(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := capture.NewWriter(&file, packet.LinkEthernet).Flush(); err != nil {
		t.Fatal(err)
	}
	want := pcapFile(binary.LittleEndian, 0xa1b23c4d)
	binary.LittleEndian.PutUint32(want[16:], capture.MaxCaptured)
	if !bytes.Equal(file.Bytes(), want) {
		t.Errorf("\n got %x\nwant %x", file.Bytes(), want)
	}
	file.Reset()
	if err := capture.NewPcapngWriter(&file, packet.LinkEthernet).Flush(); err != nil {
		t.Fatal(err)
	}
	f := ng(binary.LittleEndian).section()
	want = f.describe(1, capture.MaxCaptured, append(f.option(9, 9), 0, 0, 0, 0)...).b
	if !bytes.Equal(file.Bytes(), want) {
		t.Errorf("pcapng\n got %x\nwant %x", file.Bytes(), want)
	}
}

// A packet or a time that does not fit is refused, and the file does not change.
func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for name, err := range map[string]error{
		"a time before 1970": w.Write(-1, nil),
		"a time after 2106":  w.Write(1<<32*1e9, nil),
		"a packet too long":  w.Write(0, make([]byte, capture.MaxCaptured+1)),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := w.Write(1<<32*1e9-1, []byte("last")); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(&file)
	check(t, got, err, []record{{"last", 4, 1, 0, 1<<32*1e9 - 1}})
}

// A pcapng file has room for later times, and for none before 1970.
func TestPcapngWriterRefuses(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w := capture.NewPcapngWriter(&file, packet.LinkEthernet)
	before, long := w.Write(-1, nil), w.Write(0, make([]byte, capture.MaxCaptured+1))
	if before == nil || before.Error() != "the time -1 ns does not fit into a pcapng file" || long == nil || long.Error() != "a packet of 262145 bytes does not fit into a pcapng file" {
		t.Errorf("%v, %v", before, long)
	}
	if err := errors.Join(w.Write(math.MaxInt64, []byte("last")), w.Flush()); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(&file)
	check(t, got, err, []record{{"last", 4, 1, 0, math.MaxInt64}})
}

// After a write error, every write returns it.
func TestWriterKeepsItsError(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	w := capture.NewWriter(failing{full}, packet.LinkEthernet)
	if err := w.Flush(); !errors.Is(err, full) {
		t.Errorf("Flush returns %v", err)
	}
	if err := w.Write(0, nil); !errors.Is(err, full) {
		t.Errorf("Write returns %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Reading and writing a record allocates nothing.
func TestNoAllocation(t *testing.T) {
	for name, file := range map[string][]byte{
		"pcap":   pcapFile(binary.LittleEndian, 0xa1b2c3d4, make([]string, 3000)...),
		"pcapng": manyEnhanced(3000),
	} {
		r, err := capture.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		w, n := capture.NewWriter(discard{}, packet.LinkEthernet), capture.NewPcapngWriter(discard{}, packet.LinkEthernet)
		var rec capture.Record
		allocations := testing.AllocsPerRun(2000, func() {
			err = errors.Join(r.Next(&rec), w.Write(rec.Nanoseconds, rec.Data), n.Write(rec.Nanoseconds, rec.Data))
		})
		if allocations != 0 || err != nil {
			t.Errorf("%s: %v allocations, %v", name, allocations, err)
		}
	}
}

func manyEnhanced(n int) []byte {
	f := ng(binary.LittleEndian).section().describe(1, 0)
	for range n {
		f.enhanced(0, 1, "data", f.option(2, 1, 0, 0, 0)...)
	}
	return f.b
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// A record is decoded with the heading in the file, if there is one.
func TestRecordDecode(t *testing.T) {
	t.Parallel()
	cooked := append([]byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}, make([]byte, 20)...)
	for stated, want := range map[packet.Heading]packet.Heading{
		packet.HeadingUnknown: packet.Outbound, packet.Inbound: packet.Inbound, packet.Outbound: packet.Outbound,
	} {
		r := capture.Record{Data: cooked, Link: packet.LinkLinuxSLL, Heading: stated}
		var p packet.Packet
		r.Decode(&p)
		if p.Heading != want {
			t.Errorf("heading %d of the file gives %d, not %d (A0118)", stated, p.Heading, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one", "two"))
	f.Add(pcapFile(binary.BigEndian, 0xa1b23c4d, "one"))
	n := ng(binary.LittleEndian)
	f.Add(n.section().describe(1, 2, n.option(9, 0x80|20)...).enhanced(0, 5, "one", n.option(2, 1, 0, 0, 0)...).simple("two").obsolete(0, 1, "x").b)
	f.Add(ng(binary.BigEndian).section().describe(113, 0).section().describe(1, 0).enhanced(0, 1, "data").b)
	f.Add(pack(f, pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one")))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := readAll(bytes.NewReader(file))
		var damage *capture.FormatError
		if err != nil && (!errors.As(err, &damage) || damage.Record != int64(len(got)+1) && damage.Record != 0) {
			t.Errorf("after %d records: %v", len(got), err)
		}
		for _, format := range capture.Formats {
			checkRewritten(t, got, format)
		}
	})
}

// checkRewritten writes records, and reads them again.
func checkRewritten(t *testing.T, records []record, format capture.Format) {
	t.Helper()
	var file bytes.Buffer
	w := format.NewWriter(&file, packet.LinkEthernet)
	var want []record
	for _, r := range records {
		if w.Write(r.nanoseconds, []byte(r.data)) == nil {
			want = append(want, record{r.data, len(r.data), packet.LinkEthernet, 0, r.nanoseconds})
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(&file)
	check(t, got, err, want)
}
