package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// standard is the name of standard input and standard output.
const standard = "-"

// files are the inputs and outputs of a command. It refuses an output that is the
// same file as an input or as another output, also under another name.
type files struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	opened []openFile
}

type openFile struct {
	argument, name string
	info           os.FileInfo
	file           *os.File // nil: close does not close it
}

// open opens an input. size is 0 if it is unknown.
func (f *files) open(argument, name string) (in io.Reader, size int64, err error) {
	if name == standard {
		file, _ := f.stdin.(*os.File)
		return newInterruptible(f.ctx, f.stdin), 0, f.add(argument, "standard input", file, nil)
	}
	regular, err := regularfile.Open(f.ctx, name)
	switch {
	case isStream(err):
		stream, err := openStream(f.ctx, name, os.O_RDONLY)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", argument, err)
		}
		return newInterruptible(f.ctx, stream), 0, f.add(argument, name, stream, stream)
	case err != nil:
		return nil, 0, fmt.Errorf("%s: %w", argument, err)
	}
	if err := f.add(argument, name, regular.File, regular.File); err != nil {
		return nil, 0, err
	}
	return regular, f.opened[len(f.opened)-1].info.Size(), nil
}

// create creates an output. It overwrites the file that was there.
func (f *files) create(argument, name string) (io.Writer, error) {
	if name == standard {
		file, _ := f.stdout.(*os.File)
		if file == nil {
			return f.stdout, nil
		}
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		return file, f.checkOther(argument, "standard output", info)
	}
	if info, err := os.Stat(name); err == nil {
		if err := f.checkOther(argument, name, info); err != nil {
			return nil, err
		}
	}
	file, err := regularfile.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	switch {
	case isStream(err):
		stream, err := openStream(f.ctx, name, os.O_WRONLY)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", argument, err)
		}
		return interruptibleWriter(f.ctx, stream), f.add(argument, name, stream, stream)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", argument, err)
	}
	return file, f.add(argument, name, file, file)
}

// isStream reports whether an error says that a path leads to a pipe or a device. Shells
// make such paths: <(command), >(command), /dev/stdin.
func isStream(err error) bool {
	var kind *regularfile.KindError
	return errors.As(err, &kind) && kind.Mode&(fs.ModeNamedPipe|fs.ModeDevice) != 0
}

// openStream opens a pipe or a device. To open a pipe takes until the other end is open
// too: openStream does not wait for that longer than ctx.
func openStream(ctx context.Context, name string, flag int) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	opened := make(chan result, 1)
	go func() {
		file, err := os.OpenFile(name, flag, 0)
		opened <- result{file, err}
	}()
	select {
	case r := <-opened:
		return r.file, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: nobody has opened the other end: %w", name, context.Cause(ctx))
	}
}

// checkOther returns an error if the file is already open. Pipes and devices are
// allowed: a terminal can be an input and an output.
func (f *files) checkOther(argument, name string, info os.FileInfo) error {
	for _, o := range f.opened {
		if info.Mode().IsRegular() && os.SameFile(o.info, info) {
			return fmt.Errorf("%s %s would overwrite %s %s: they are the same file", argument, name, o.argument, o.name)
		}
	}
	return nil
}

func (f *files) add(argument, name string, file, closed *os.File) error {
	if file == nil {
		return nil
	}
	info, err := file.Stat()
	if err == nil {
		f.opened = append(f.opened, openFile{argument, name, info, closed})
	}
	return err
}

// close closes what was opened. Some write errors are reported only here.
func (f *files) close() error {
	var errs []error
	for _, o := range f.opened {
		if o.file != nil {
			errs = append(errs, o.file.Close())
		}
	}
	return errors.Join(errs...)
}

// interruptible is a reader that stops when a context ends. A read from a pipe or
// a terminal cannot be interrupted in another way.
type interruptible struct {
	done   <-chan struct{}
	cause  func() error
	filled chan piece
	empty  chan []byte
	now    piece // the unread rest of the current piece
}

type piece struct {
	buf, data []byte
	err       error // after data
}

func newInterruptible(ctx context.Context, in io.Reader) *interruptible {
	const pieces, size = 3, 256 << 10
	r := &interruptible{
		done: ctx.Done(), cause: func() error { return context.Cause(ctx) }, filled: make(chan piece, pieces), empty: make(chan []byte, pieces),
	}
	for range pieces {
		r.empty <- make([]byte, size)
	}
	go r.fill(in)
	return r
}

// fill reads ahead. After an interruption it goes on until its current read
// returns, which may be never.
func (r *interruptible) fill(in io.Reader) {
	for buf := range r.empty {
		n, err := in.Read(buf)
		r.filled <- piece{buf, buf[:n], err}
		if err != nil {
			return
		}
	}
}

// Read implements io.Reader.
func (r *interruptible) Read(b []byte) (int, error) {
	for len(r.now.data) == 0 {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if r.now.buf != nil {
			r.empty <- r.now.buf
		}
		select {
		case r.now = <-r.filled:
		case <-r.done:
			r.now = piece{err: r.cause()}
		}
	}
	n := copy(b, r.now.data)
	r.now.data = r.now.data[n:]
	return n, nil
}

// writer is an output whose writes end with a context.
type writer struct {
	*os.File
	ctx context.Context
}

// interruptibleWriter returns a writer that stops when the context ends.
func interruptibleWriter(ctx context.Context, to *os.File) io.Writer {
	// A device cannot be interrupted, and does not keep a write waiting.
	context.AfterFunc(ctx, func() { _ = to.SetWriteDeadline(time.Unix(0, 1)) })
	return writer{to, ctx}
}

// Write implements io.Writer.
func (w writer) Write(b []byte) (int, error) {
	n, err := w.File.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = context.Cause(w.ctx)
	}
	return n, err
}
