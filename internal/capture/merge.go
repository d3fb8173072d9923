package capture

import (
	"container/heap"
	"errors"
	"fmt"
	"io"
)

// A File is a capture that is opened when its packets are needed.
type File struct {
	Name string // in errors
	Size int64  // in bytes; 0: unknown

	// Open opens the file and reads its head. close closes it.
	Open func() (records Source, close func(), err error)

	// OpensOnce says that the file is a stream, which cannot be opened a second time.
	OpensOnce bool
}

// maxOpenAhead is how many files a Merger keeps open before their first packet is due.
const maxOpenAhead = 64

// A Merger is a Source with the records of several files, by time. The order of records in a file
// stays: a record that is earlier than the one before it in its file comes directly after that one.
// Of records with the same time, that of the earlier file comes first.
//
// A file is open only from its first record to its last, the first 64 files apart. A file that
// cannot be read ends there, and the others go on. After the last record, Next returns the errors
// of all such files.
type Merger struct {
	files   []*merged // a heap, by the time of the next record
	current *merged   // whose record was returned last; nil: none
	open    int
	errs    []error // by position of the file; nil: none
	err     error   // that ended the reading
}

// merged is a file of a Merger.
type merged struct {
	File
	position int    // among the files
	source   Source // nil: not open
	close    func()
	next     Record // of the file, without data if the file is not open
}

// NewMerger opens all files, one after the other, to find the time of the first record of each.
func NewMerger(files []File) *Merger {
	m := &Merger{errs: make([]error, len(files))}
	for i, f := range files {
		file := &merged{File: f, position: i}
		if !m.read(file) {
			continue
		}
		m.files = append(m.files, file)
		if m.open > maxOpenAhead && !f.OpensOnce {
			m.shut(file)
		}
	}
	heap.Init((*byTime)(m))
	return m
}

// Next implements Source.
func (m *Merger) Next(rec *Record) error {
	if m.err != nil {
		return m.err
	}
	if m.current != nil {
		m.advance()
	}
	for len(m.files) > 0 {
		first := m.files[0]
		if first.source == nil && !m.read(first) {
			heap.Pop((*byTime)(m))
			continue
		}
		m.current = first
		*rec = first.next
		rec.File = first.Name
		return nil
	}
	m.current, m.err = nil, errors.Join(m.errs...)
	if m.err == nil {
		m.err = io.EOF
	}
	return m.err
}

// advance reads the next record of the file whose record was returned last.
func (m *Merger) advance() {
	if m.read(m.current) {
		heap.Fix((*byTime)(m), 0)
		return
	}
	heap.Pop((*byTime)(m))
}

// read reads the next record of a file, which it opens. If there is none, it closes the file.
func (m *Merger) read(f *merged) bool {
	err := m.openFile(f)
	if err == nil {
		err = f.source.Next(&f.next)
	}
	if err == nil {
		return true
	}
	if !errors.Is(err, io.EOF) {
		m.errs[f.position] = fmt.Errorf("%s: %w", f.Name, err)
	}
	m.shut(f)
	return false
}

func (m *Merger) openFile(f *merged) (err error) {
	if f.source != nil {
		return nil
	}
	f.source, f.close, err = f.Open()
	if err != nil {
		f.source = nil
		return err
	}
	m.open++
	return nil
}

// shut closes a file.
func (m *Merger) shut(f *merged) {
	if f.source == nil {
		return
	}
	f.close()
	f.source, f.next.Data = nil, nil
	m.open--
}

// Close closes the files that are still open.
func (m *Merger) Close() {
	for _, f := range m.files {
		m.shut(f)
	}
	m.files, m.current = nil, nil
}

// byTime is a Merger as a heap.
type byTime Merger

// Len implements heap.Interface.
func (b *byTime) Len() int { return len(b.files) }

// Less implements heap.Interface.
func (b *byTime) Less(i, j int) bool {
	x, y := b.files[i], b.files[j]
	if x.next.Nanoseconds != y.next.Nanoseconds {
		return x.next.Nanoseconds < y.next.Nanoseconds
	}
	return x.position < y.position
}

// Swap implements heap.Interface.
func (b *byTime) Swap(i, j int) { b.files[i], b.files[j] = b.files[j], b.files[i] }

// Push implements heap.Interface. A Merger gets no file after its beginning.
func (b *byTime) Push(any) { panic("capture: a file is added to a Merger") }

// Pop implements heap.Interface.
func (b *byTime) Pop() any {
	last := b.files[len(b.files)-1]
	b.files = b.files[:len(b.files)-1]
	return last
}
