package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// headings are those that tests annotate records with, in turns.
var headings = []packet.Heading{packet.Inbound, packet.Outbound, packet.HeadingUnknown, packet.Passing}

// noteOf is the comment of a test for a record.
func noteOf(number int64) string { return strings.Repeat("n", int(number%5)) + fmt.Sprint(number) }

// annotate copies a file with a comment and a heading for each record.
func annotate(t testing.TB, file []byte) (annotated []byte, left capture.LeftOut, err error) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, left, err
	}
	var out bytes.Buffer
	a := capture.NewAnnotator(&out)
	r.CopyTo(a)
	var rec capture.Record
	for err = r.Next(&rec); err == nil; err = r.Next(&rec) {
		if err := a.Annotate(headings[rec.Number%4], []byte(noteOf(rec.Number))); err != nil {
			t.Fatal(err)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), a.LeftOut(), err
}

// ngBlock is a block of a pcapng file.
type ngBlock struct {
	order order
	kind  uint32
	body  []byte
}

func (b ngBlock) isPacket() bool { return b.kind == 2 || b.kind == 3 || b.kind == 6 }

// parseBlocks takes a pcapng file apart. It shares no code with the reader.
func parseBlocks(t testing.TB, file []byte) (all []ngBlock) {
	t.Helper()
	var o order
	for len(file) > 0 {
		if binary.LittleEndian.Uint32(file) == 0x0a0d0d0a {
			o = binary.LittleEndian
			if o.Uint32(file[8:]) != 0x1a2b3c4d {
				o = binary.BigEndian
			}
		}
		length := o.Uint32(file[4:])
		if again := o.Uint32(file[length-4:]); again != length {
			t.Fatalf("a block has the lengths %d and %d", length, again)
		}
		all = append(all, ngBlock{o, o.Uint32(file), file[8 : length-4]})
		file = file[length:]
	}
	return all
}

// ngOption is an option with its padding.
type ngOption struct {
	code  uint16
	value string
	pad   string
}

func parseOptions(o order, b []byte) (all []ngOption) {
	for len(b) > 0 && o.Uint16(b) != 0 {
		length := int(o.Uint16(b[2:]))
		end := (length + 3) / 4 * 4
		all = append(all, ngOption{o.Uint16(b), string(b[4 : 4+length]), string(b[4+length : 4+end])})
		b = b[4+end:]
	}
	return all
}

// checkAnnotated compares a pcapng file with its annotated copy, block by block.
func checkAnnotated(t *testing.T, file, annotated []byte) {
	t.Helper()
	in, out := parseBlocks(t, file), parseBlocks(t, annotated)
	if len(in) != len(out) {
		t.Fatalf("%d blocks, not %d", len(out), len(in))
	}
	number, snap := int64(0), uint32(0)
	interfaces := 0
	for i, b := range in {
		switch want := bytes.Clone(b.body); {
		case b.isPacket():
			number++
			checkPacket(t, b, out[i], number, snap)
		default:
			switch b.kind {
			case 0x0a0d0d0a:
				copy(want[8:], bytes.Repeat([]byte{255}, 8))
				interfaces = 0
			case 1:
				if interfaces == 0 {
					snap = b.order.Uint32(want[4:]) // of simple packets
				}
				interfaces++
			}
			if out[i].kind != b.kind || out[i].order != b.order || !bytes.Equal(out[i].body, want) {
				t.Fatalf("block %d:\n got %v\nwant %v", i, out[i], ngBlock{b.order, b.kind, want})
			}
		}
	}
}

func checkPacket(t *testing.T, in, out ngBlock, number int64, snap uint32) {
	t.Helper()
	o := in.order
	var want []byte
	var options []ngOption
	if in.kind == 3 {
		wire := o.Uint32(in.body)
		captured := wire
		if snap != 0 {
			captured = min(wire, snap)
		}
		want = o.AppendUint32(make([]byte, 12), captured)
		want = append(o.AppendUint32(want, wire), in.body[4:4+captured]...)
		want = append(want, make([]byte, (4-captured%4)%4)...)
		in.kind = 6
	} else {
		end := 20 + (int(o.Uint32(in.body[12:]))+3)/4*4
		want, options = in.body[:end], parseOptions(o, in.body[end:])
	}
	if out.kind != in.kind || out.order != o || !bytes.HasPrefix(out.body, want) {
		t.Fatalf("packet %d:\n got %v\nwant %x and options", number, out, want)
	}
	bits, hasFlags := map[packet.Heading]uint32{packet.Inbound: 1, packet.Outbound: 2}[headings[number%4]], false
	for i, option := range options {
		if option.code == 2 {
			hasFlags = true
			if flags := o.Uint32([]byte(option.value)); bits != 0 {
				options[i].value = string(o.AppendUint32(nil, flags&^3|bits))
			}
		}
	}
	if bits != 0 && !hasFlags {
		options = append(options, ngOption{2, string(o.AppendUint32(nil, bits)), ""})
	}
	note := noteOf(number)
	options = append(options, ngOption{1, note, strings.Repeat("\x00", (4-len(note)%4)%4)})
	if got := parseOptions(o, out.body[len(want):]); !slices.Equal(got, options) {
		t.Fatalf("packet %d has the options\n%#v, not\n%#v", number, got, options)
	}
}

// sameRecords compares the records of a file and of its annotated copy. The directions differ, and
// packets without a time get that of their interface.
func sameRecords(t *testing.T, got, want []record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, not %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		g.heading, w.heading = 0, 0
		if w.nanoseconds == 0 {
			g.nanoseconds = 0
		}
		if g != w {
			t.Errorf("record %d:\n got %+v\nwant %+v", i+1, g, w)
		}
	}
}

// generate writes a pcapng file with all that the format has.
func generate(r *rand.Rand) []byte {
	orders := []order{binary.LittleEndian, binary.BigEndian}
	f := &ngFile{}
	random := func(n int) []byte {
		b := make([]byte, r.IntN(n))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	options := func(known ...func() []byte) (b []byte) {
		for range r.IntN(4) {
			b = append(b, known[r.IntN(len(known))]()...)
		}
		if r.IntN(2) == 0 {
			b = append(b, 0, 0, 0, 0)
			if r.IntN(4) == 0 {
				b = append(b, 0xde, 0xad, 0xbe, 0xef) // nobody reads what follows the end of the options
			}
		}
		return b
	}
	comment := func() []byte { return f.option(1, random(20)...) }
	custom := func() []byte { return f.option(2988, append([]byte{0, 0, 0x7e, 0xd9}, random(9)...)...) }
	for range 1 + r.IntN(3) {
		f.order = orders[r.IntN(2)]
		f.section()
		f.order.PutUint64(f.b[len(f.b)-12:], r.Uint64()) // its length
		interfaces := uint32(0)
		describe := func() {
			interfaces++
			f.describe([]uint16{1, 101, 113, 0, 9}[r.IntN(5)], []uint32{0, 3, 96, 65535}[r.IntN(4)], options(comment,
				func() []byte { return f.option(2, []byte("eth0")...) }, func() []byte { return f.option(9, byte(r.IntN(256))) },
				func() []byte { return f.option(13, 4) }, func() []byte { return f.option(14, f.order.AppendUint64(nil, uint64(r.IntN(1000)))...) })...)
		}
		describe()
		for range r.IntN(20) {
			data := string(random(100))
			onPacket := func() []byte {
				return options(comment, custom, func() []byte { return f.option(2, f.order.AppendUint32(nil, r.Uint32())...) }, func() []byte { return f.option(4, make([]byte, 8)...) })
			}
			switch r.IntN(9) {
			case 0:
				describe()
			case 1, 2, 3:
				f.enhanced(uint32(r.IntN(int(interfaces))), r.Uint64(), data, onPacket()...)
			case 4:
				f.obsolete(uint16(r.IntN(int(interfaces))), r.Uint64(), data, onPacket()...)
			case 5:
				f.simple(data)
			default:
				f.block([]uint32{4, 5, 10, 0xbad, 0x40000bad, 0x80000001}[r.IntN(6)], random(64))
			}
		}
	}
	return f.b
}

// An annotated copy is the file, with comments and directions, whatever is in the file.
func TestAnnotator(t *testing.T) {
	t.Parallel()
	records := 0
	for seed := range uint64(150) {
		file := generate(rand.New(rand.NewPCG(seed, 15)))
		annotated, left, err := annotate(t, file)
		if err != nil || left != (capture.LeftOut{}) {
			t.Fatalf("seed %d: %v, %+v", seed, err, left)
		}
		checkAnnotated(t, file, annotated)
		want, err := readAll(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readAll(bytes.NewReader(annotated))
		if err != nil {
			t.Fatal(err)
		}
		sameRecords(t, got, want)
		records += len(want)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if records < 500 {
		t.Errorf("the files have only %d records", records)
	}
}

// A classic file becomes a section with one interface that has what its header says.
func TestAnnotator_pcap(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		order       order
		magic, link uint32
		options     []byte
	}{
		"microseconds":             {binary.LittleEndian, 0xa1b2c3d4, 1, []byte{9, 0, 1, 0, 6, 0, 0, 0}},
		"nanoseconds, big-endian":  {binary.BigEndian, 0xa1b23c4d, 113, []byte{9, 0, 1, 0, 9, 0, 0, 0}},
		"a frame check sequence":   {binary.BigEndian, 0xa1b2c3d4, 0x24000001, []byte{9, 0, 1, 0, 6, 0, 0, 0, 13, 0, 1, 0, 4, 0, 0, 0}},
		"a length that is not set": {binary.LittleEndian, 0xa1b2c3d4, 0x20000001, []byte{9, 0, 1, 0, 6, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := pcapFile(test.order, test.magic, "one", "", "three")
			test.order.PutUint32(file[20:], test.link)
			annotated, _, err := annotate(t, file)
			if err != nil {
				t.Fatal(err)
			}
			blocks := parseBlocks(t, annotated)
			want := ng(binary.LittleEndian).section().describe(uint16(test.link), 65535, test.options...).b[:28+20+len(test.options)-4]
			if len(blocks) != 5 || blocks[1].kind != 1 || !bytes.HasPrefix(annotated[32+4:], want[32+4:]) {
				t.Errorf("the interface is %x, not %x", annotated[28:72], want[28:])
			}
			expected, _ := readAll(bytes.NewReader(file))
			got, err := readAll(bytes.NewReader(annotated))
			if err != nil {
				t.Fatal(err)
			}
			sameRecords(t, got, expected)
			if data := blocks[3].body; binary.LittleEndian.Uint32(data[8:]) != map[uint32]uint32{0xa1b2c3d4: 1_000_001, 0xa1b23c4d: 1_000_000_001}[test.magic] {
				t.Errorf("the time is not in the unit of the file: % x", data[4:12])
			}
		})
	}
}

// The copy has everything before the damage, and can be read, wherever the file ends.
func TestAnnotator_damage(t *testing.T) {
	t.Parallel()
	f := ng(binary.BigEndian).section().describe(1, 0, ng(binary.BigEndian).option(2, []byte("eth0")...)...).block(4, make([]byte, 40))
	file := f.enhanced(0, 0, "one").block(0xbad, make([]byte, 50)).simple("two").section().describe(1, 0).enhanced(0, 0, "three").block(5, make([]byte, 60)).b
	for n := range file {
		want, damage := readAll(bytes.NewReader(file[:n]))
		annotated, _, err := annotate(t, file[:n])
		if fmt.Sprint(err) != fmt.Sprint(damage) {
			t.Fatalf("%d bytes: %v, not %v", n, err, damage)
		}
		if annotated == nil { // no head
			continue
		}
		got, err := readAll(bytes.NewReader(annotated))
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		sameRecords(t, got, want)
		for _, b := range parseBlocks(t, annotated) {
			if len(b.body) == 0 {
				t.Fatalf("%d bytes leave an empty block", n)
			}
		}
	}
}

// Blocks of any length are kept, up to what Wireshark reads. A section stays without its options.
func TestAnnotator_longBlocks(t *testing.T) {
	t.Parallel()
	f := ng(binary.BigEndian).section().describe(1, 0).block(10, make([]byte, 3<<20)).enhanced(0, 0, "between")
	kept := len(f.b)
	f.block(10, make([]byte, 16<<20))
	body := f.order.AppendUint64(f.order.AppendUint32(f.order.AppendUint32(nil, 0x1a2b3c4d), 1<<16), math.MaxUint64)
	f.block(0x0a0d0d0a, append(body, make([]byte, 17<<20)...)).describe(101, 0).enhanced(0, 0, "behind")
	annotated, left, err := annotate(t, f.b)
	if err != nil || left != (capture.LeftOut{Blocks: 1}) {
		t.Errorf("%v, %+v", err, left)
	}
	checkAnnotated(t, ng(binary.BigEndian).section().describe(1, 0).block(10, make([]byte, 3<<20)).enhanced(0, 0, "between").section().describe(101, 0).enhanced(0, 0, "behind").b, annotated)
	if len(annotated) < kept {
		t.Errorf("%d bytes", len(annotated))
	}
}

// A packet whose block has no room for another option stays as it is.
func TestAnnotator_longOptions(t *testing.T) {
	t.Parallel()
	f := ng(binary.LittleEndian).section().describe(1, 0)
	data := strings.Repeat("d", capture.MaxCaptured)
	options := append(bytes.Repeat(f.option(1, bytes.Repeat([]byte("c"), 65516)...), 4), f.option(1, make([]byte, 20)...)...)
	file := f.enhanced(0, 7, data, options...).enhanced(0, 8, "short").b
	annotated, left, err := annotate(t, file)
	if err != nil || left != (capture.LeftOut{Comments: 1}) {
		t.Fatalf("%v, %+v", err, left)
	}
	const begin, end = 28 + 20, 28 + 20 + 512<<10 - 8
	if !bytes.Equal(annotated[begin:end], file[begin:end]) {
		t.Error("the packet is another one")
	}
	want, _ := readAll(bytes.NewReader(file))
	got, err := readAll(bytes.NewReader(annotated))
	if err != nil {
		t.Fatal(err)
	}
	sameRecords(t, got, want)
}

// A packet that nobody annotates stays as it is.
func TestAnnotator_withoutComment(t *testing.T) {
	t.Parallel()
	f := ng(binary.BigEndian).section().describe(1, 0)
	file := f.enhanced(0, 7, "one", f.option(2, 0, 0, 0, 1)...).obsolete(0, 8, "two").b
	for name, test := range map[string]struct{ file, want []byte }{
		"pcapng": {file, file},
		"pcap": {pcapFile(binary.BigEndian, 0xa1b2c3d4, "a"), func() []byte {
			f := ng(binary.LittleEndian).section()
			return f.describe(1, 65535, append(f.option(9, 6), 0, 0, 0, 0)...).enhanced(0, 0, "a", 0, 0, 0, 0).b
		}()},
	} {
		r, err := capture.NewReader(bytes.NewReader(test.file))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		a := capture.NewAnnotator(&out)
		r.CopyTo(a)
		var rec capture.Record
		for err == nil {
			err = r.Next(&rec)
		}
		if err := errors.Join(a.Close()); err != nil {
			t.Fatal(err)
		}
		got := bytes.ReplaceAll(out.Bytes(), []byte{0xee}, []byte{0})
		if want := bytes.ReplaceAll(test.want, []byte{0xee}, []byte{0}); !errors.Is(err, io.EOF) || !bytes.Equal(got, want) {
			t.Errorf("%s: %v\n got %x\nwant %x", name, err, got, want)
		}
		if err := a.Annotate(packet.Inbound, nil); err == nil {
			t.Errorf("%s: there is no packet to annotate", name)
		}
	}
}

// Packets that the file does not have follow on an interface of their own.
func TestAnnotator_Append(t *testing.T) {
	t.Parallel()
	many := ng(binary.BigEndian).section()
	for range 1 << 16 {
		many.describe(113, 0)
	}
	for name, test := range map[string]struct {
		file     []byte
		on       uint32
		sections int
	}{
		"no file":             {nil, 0, 1},
		"pcap":                {pcapFile(binary.BigEndian, 0xa1b2c3d4, "a"), 1, 1},
		"the last section":    {ng(binary.LittleEndian).section().describe(1, 0).describe(1, 0).describe(1, 0).section().describe(1, 0).b, 1, 2},
		"another byte order":  {ng(binary.BigEndian).section().describe(101, 96).describe(1, 0).simple("a").b, 2, 1},
		"a section is full":   {many.b, 0, 2},
		"a file without them": {ng(binary.BigEndian).section().b, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			a := capture.NewAnnotator(&out)
			if test.file != nil {
				r, err := capture.NewReader(bytes.NewReader(test.file))
				if err != nil {
					t.Fatal(err)
				}
				r.CopyTo(a)
				for err == nil {
					err = r.Next(&capture.Record{})
				}
			}
			for _, note := range []string{"first", strings.Repeat("ü", 40_000)} {
				if err := a.Append(packet.Outbound, []byte(note), []byte("data")); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			checkAppended(t, out.Bytes(), test.on, test.sections)
			got, err := readAll(&out)
			check(t, got[len(got)-1:], err, []record{{"data", 4, 1, packet.Outbound, 0}})
		})
	}
}

func checkAppended(t *testing.T, file []byte, on uint32, sections int) {
	t.Helper()
	blocks := parseBlocks(t, file)
	found := 0
	for _, b := range blocks {
		if b.kind == 0x0a0d0d0a {
			found++
		}
	}
	if found != sections {
		t.Errorf("%d sections, not %d", found, sections)
	}
	own, first, last := blocks[len(blocks)-3], blocks[len(blocks)-2], blocks[len(blocks)-1]
	if own.kind != 1 || !bytes.Contains(own.body, []byte("packets in words")) {
		t.Errorf("there is no interface: %v", own)
	}
	if got := first.order.Uint32(first.body); got != on {
		t.Errorf("the packets are on interface %d, not %d", got, on)
	}
	options := parseOptions(first.order, first.body[24:])
	if len(options) != 2 || options[1].value != "first" || first.order.Uint32([]byte(options[0].value)) != 2 {
		t.Errorf("the options are %#v", options)
	}
	if options = parseOptions(last.order, last.body[24:]); len(options[1].value) != 65534 || strings.Trim(options[1].value, "ü") != "" {
		t.Errorf("a long comment is cut to %d bytes", len(options[1].value))
	}
}

// A copy of nothing is a pcapng file all the same.
func TestAnnotator_nothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := capture.NewAnnotator(&out).Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(&out); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// After a write error, no more is kept, and the next packet reports it.
func TestAnnotator_writeError(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	f := ng(binary.LittleEndian).section().describe(1, 0)
	for range 8 {
		f.block(10, make([]byte, 1<<20))
	}
	r, err := capture.NewReader(bytes.NewReader(f.enhanced(0, 0, "data").b))
	if err != nil {
		t.Fatal(err)
	}
	a := capture.NewAnnotator(failing{full})
	r.CopyTo(a)
	if err := r.Next(&capture.Record{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Annotate(packet.Inbound, []byte("note")); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
	if err := a.Append(packet.Inbound, nil, nil); !errors.Is(err, full) {
		t.Errorf("the error is then %v", err)
	}
	_ = a.Close()
}

// Annotating a record allocates nothing.
func TestAnnotator_allocatesNothing(t *testing.T) {
	for name, file := range map[string][]byte{
		"pcap":   pcapFile(binary.LittleEndian, 0xa1b2c3d4, make([]string, 3000)...),
		"pcapng": manyEnhanced(3000),
	} {
		r, err := capture.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		a := capture.NewAnnotator(discard{})
		r.CopyTo(a)
		var rec capture.Record
		note := []byte("rejected")
		allocations := testing.AllocsPerRun(2000, func() {
			err = errors.Join(r.Next(&rec), a.Annotate(packet.Inbound, note))
		})
		if allocations != 0 || err != nil {
			t.Errorf("%s: %v allocations, %v", name, allocations, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What can be read can be annotated, and the copy has the same records.
func FuzzAnnotator(f *testing.F) {
	f.Add(pcapFile(binary.BigEndian, 0xa1b23c4d, "one"))
	f.Add(pack(f, pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one")))
	for seed := range uint64(8) {
		f.Add(generate(rand.New(rand.NewPCG(seed, 15))))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		want, damage := readAll(bytes.NewReader(file))
		annotated, _, err := annotate(t, file)
		if fmt.Sprint(err) != fmt.Sprint(damage) {
			t.Fatalf("%v, not %v", err, damage)
		}
		if annotated == nil {
			return
		}
		got, err := readAll(bytes.NewReader(annotated))
		if err != nil {
			t.Fatal(err)
		}
		sameRecords(t, got, want)
	})
}
