package capture_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// times is a capture whose packets have these times. Its data is valid only until the next
// record, as that of a Reader.
type times struct {
	at     []int64
	link   packet.LinkType
	damage error // after the last record; nil: none
	read   int64
	buffer [1]byte
}

func (t *times) Next(rec *capture.Record) error {
	t.buffer[0] = 0xff // what the last record had is lost
	if int(t.read) == len(t.at) {
		return cmp.Or(t.damage, io.EOF)
	}
	t.buffer[0] = byte(t.read)
	*rec = capture.Record{Number: t.read + 1, Data: t.buffer[:], Nanoseconds: t.at[t.read], Link: t.link}
	t.read++
	return nil
}

// folder has captures by name, and counts those that are open.
type folder struct{ open, mostOpen, closed int }

func (f *folder) file(name string, damage error, at ...int64) capture.File {
	return capture.File{Name: name, Open: func() (capture.Source, func(), error) {
		f.open++
		f.mostOpen = max(f.mostOpen, f.open)
		return &times{at: at, link: packet.LinkType(len(name)), damage: damage}, func() { f.open--; f.closed++ }, nil
	}}
}

// readTimes words each record as "file number@time".
func readTimes(t *testing.T, from capture.Source) (all []string, err error) {
	t.Helper()
	var rec capture.Record
	for err = from.Next(&rec); err == nil; err = from.Next(&rec) {
		if rec.Data[0] != byte(rec.Number-1) {
			t.Fatalf("record %d of %s has the data of another one", rec.Number, rec.File)
		}
		if rec.Link != packet.LinkType(len(rec.File)) {
			t.Errorf("record %d of %s has the link type %d", rec.Number, rec.File, rec.Link)
		}
		all = append(all, fmt.Sprintf("%s %d@%d", rec.File, rec.Number, rec.Nanoseconds))
	}
	if again := from.Next(&rec); !errors.Is(again, err) {
		t.Errorf("after %v, reading returns %v", err, again)
	}
	return all, err
}

func TestMerger(t *testing.T) {
	t.Parallel()
	damage := errors.New("damaged")
	for name, test := range map[string]struct {
		files func(*folder) []capture.File
		want  []string
	}{
		"by time": {
			func(f *folder) []capture.File {
				return []capture.File{f.file("a", nil, 1, 4), f.file("bb", nil, 2, 3)}
			},
			[]string{"a 1@1", "bb 1@2", "bb 2@3", "a 2@4"},
		},
		"the same time": {
			func(f *folder) []capture.File {
				return []capture.File{f.file("a", nil, 5, 5), f.file("bb", nil, 5), f.file("c", nil, 5)}
			},
			[]string{"a 1@5", "a 2@5", "bb 1@5", "c 1@5"},
		},
		"a file that is not sorted": {
			func(f *folder) []capture.File {
				return []capture.File{f.file("a", nil, 5, 1, 6), f.file("bb", nil, 2, 5)}
			},
			[]string{"bb 1@2", "a 1@5", "a 2@1", "bb 2@5", "a 3@6"},
		},
		"a damaged file": {
			func(f *folder) []capture.File {
				return []capture.File{f.file("a", damage, 1), f.file("bb", damage), f.file("ccc", nil, 2)}
			},
			[]string{"a 1@1", "ccc 1@2"},
		},
		"no packets": {func(f *folder) []capture.File { return []capture.File{f.file("a", nil)} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &folder{}
			got, err := readTimes(t, capture.NewMerger(test.files(f)))
			if !slices.Equal(got, test.want) {
				t.Errorf("reads %q, in place of %q", got, test.want)
			}
			wanted := "EOF"
			if name == "a damaged file" {
				wanted = "a: damaged\nbb: damaged"
			}
			if err.Error() != wanted || f.open != 0 {
				t.Errorf("ends with %v, and %d files are open", err, f.open)
			}
		})
	}
}

// A merger reads the packets of a random set of files in the order of a stable sort, in which a
// packet has the latest time up to itself in its file.
func TestMerger_random(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		type key struct {
			time int64
			text string
		}
		var keys []key
		f := &folder{}
		var files []capture.File
		for i := range 1 + r.IntN(100) {
			name := fmt.Sprintf("file-%d", i)
			at := make([]int64, r.IntN(6))
			latest := int64(-1 << 60)
			for j := range at {
				at[j] = r.Int64N(20)
				latest = max(latest, at[j])
				keys = append(keys, key{latest, fmt.Sprintf("%s %d@%d", name, j+1, at[j])})
			}
			files = append(files, f.file(name, nil, at...))
		}
		slices.SortStableFunc(keys, func(a, b key) int { return cmp.Compare(a.time, b.time) })
		var want []string
		for _, k := range keys {
			want = append(want, k.text)
		}
		got, err := readTimes(t, capture.NewMerger(files))
		if !slices.Equal(got, want) || !errors.Is(err, io.EOF) {
			t.Fatalf("seed %d: reads %q, in place of %q: %v", seed, got, want, err)
		}
	}
}

// Files that follow one another in time are open one after the other, the first of them apart.
func TestMerger_openFiles(t *testing.T) {
	t.Parallel()
	const count = 1000
	f := &folder{}
	files := make([]capture.File, count)
	for i := range files {
		files[count-1-i] = f.file("file", nil, int64(i), int64(i)) // the last in time is first
	}
	m := capture.NewMerger(files)
	if got, err := readTimes(t, m); len(got) != 2*count || !errors.Is(err, io.EOF) {
		t.Errorf("reads %d packets: %v", len(got), err)
	}
	if f.mostOpen > 66 || f.open != 0 {
		t.Errorf("%d files are open at once, and %d at the end", f.mostOpen, f.open)
	}
	half := capture.NewMerger(files)
	var rec capture.Record
	if err := half.Next(&rec); err != nil {
		t.Fatal(err)
	}
	half.Close()
	if f.open != 0 {
		t.Errorf("%d files are open after Close", f.open)
	}
}

// A stream is opened only once, and a file that cannot be opened is one that ends at once.
func TestMerger_stream(t *testing.T) {
	t.Parallel()
	f := &folder{}
	var files []capture.File
	for range 100 {
		stream := f.file("stream", nil, 7)
		stream.OpensOnce = true
		files = append(files, stream)
	}
	files = append(files, capture.File{Name: "none", Open: func() (capture.Source, func(), error) { return nil, nil, errors.New("no such file") }})
	got, err := readTimes(t, capture.NewMerger(files))
	if len(got) != 100 || f.closed != 100 || err.Error() != "none: no such file" {
		t.Errorf("reads %d packets, and closes %d files: %v", len(got), f.closed, err)
	}
}
