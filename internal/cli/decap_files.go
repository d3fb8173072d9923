package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// maxOpen is how many files are open at once. Others are closed, and opened again when they are
// needed.
const maxOpen = 64

// maxVNIFiles is how many files a folder gets.
const maxVNIFiles = 1 << 16

// vniFiles writes a capture file for each VNI.
type vniFiles struct {
	files  *files
	folder string
	format capture.Format
	header int                   // length of the header that a new file has
	known  map[uint32]bool       // files that were begun
	open   map[uint32]*vniWriter // at most maxOpen
	clock  int64                 // counts writes
}

// vniWriter is an open file.
type vniWriter struct {
	*capture.Writer
	file *os.File
	used int64 // of the clock
}

func newVNIFiles(files *files, folder string, format capture.Format) (*vniFiles, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("--by-vni: %w", err)
	}
	var header length
	if err := format.NewWriter(&header, packet.LinkEthernet).Close(); err != nil {
		return nil, err
	}
	return &vniFiles{files: files, folder: folder, format: format, header: int(header), known: map[uint32]bool{}, open: map[uint32]*vniWriter{}}, nil
}

// length counts the bytes that are written.
type length int

// Write implements io.Writer.
func (l *length) Write(b []byte) (int, error) {
	*l += length(len(b))
	return len(b), nil
}

func (f *vniFiles) write(vni uint32, nanoseconds int64, frame []byte) error {
	w := f.open[vni]
	if w == nil {
		var err error
		if w, err = f.begin(vni); err != nil {
			return err
		}
	}
	f.clock++
	w.used = f.clock
	return w.Write(nanoseconds, frame)
}

// begin opens the file of a VNI, for the first time or again.
func (f *vniFiles) begin(vni uint32) (*vniWriter, error) {
	if len(f.open) == maxOpen {
		if err := f.closeOldest(); err != nil {
			return nil, err
		}
	}
	isKnown, flag := f.known[vni], os.O_WRONLY|os.O_CREATE|os.O_TRUNC
	if isKnown {
		flag = os.O_WRONLY | os.O_APPEND
	}
	if !isKnown && len(f.known) == maxVNIFiles {
		return nil, fmt.Errorf("--by-vni: there are more than %d VNIs. Write --vni for each that you want", maxVNIFiles)
	}
	name := filepath.Join(f.folder, fmt.Sprintf("%d.%s", vni, f.format))
	if info, err := os.Stat(name); err == nil && !isKnown {
		if err := f.files.checkOther("--by-vni", name, info); err != nil {
			return nil, err
		}
	}
	file, err := regularfile.OpenFile(name, flag, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--by-vni: %w", err)
	}
	var out io.Writer = file
	if isKnown {
		out = &withoutHeader{file, f.header}
	}
	w := &vniWriter{Writer: f.format.NewWriter(out, packet.LinkEthernet), file: file}
	f.known[vni], f.open[vni] = true, w
	return w, nil
}

// withoutHeader leaves out the first bytes: the file has a header.
type withoutHeader struct {
	to   io.Writer
	rest int
}

// Write implements io.Writer.
func (w *withoutHeader) Write(b []byte) (int, error) {
	n := min(w.rest, len(b))
	w.rest -= n
	if n == len(b) {
		return n, nil
	}
	m, err := w.to.Write(b[n:])
	return n + m, err
}

func (f *vniFiles) closeOldest() error {
	oldest := uint32(0)
	for vni, w := range f.open {
		if o := f.open[oldest]; o == nil || w.used < o.used {
			oldest = vni
		}
	}
	w := f.open[oldest]
	delete(f.open, oldest)
	return w.close()
}

func (w *vniWriter) close() error { return errors.Join(w.Close(), w.file.Close()) }

func (f *vniFiles) flush() error {
	var errs []error
	for _, w := range f.open {
		errs = append(errs, w.Flush())
	}
	return errors.Join(errs...)
}

func (f *vniFiles) close() error {
	var errs []error
	for _, w := range f.open {
		errs = append(errs, w.close())
	}
	clear(f.open)
	return errors.Join(errs...)
}
