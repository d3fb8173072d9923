package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// standard is the name of standard input and standard output.
const standard = "-"

// files are the inputs and outputs of a command. It refuses an output that is the
// same file as an input or as another output, also under another name.
type files struct {
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
		return f.stdin, 0, f.add(argument, "standard input", file, nil)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", argument, err)
	}
	if err := f.add(argument, name, file, file); err != nil {
		return nil, 0, err
	}
	info := f.opened[len(f.opened)-1].info
	switch {
	case info.IsDir():
		return nil, 0, fmt.Errorf("%s: %s is a folder", argument, name)
	case info.Mode().IsRegular():
		return file, info.Size(), nil
	}
	return file, 0, nil
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
	file, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", argument, err)
	}
	return file, f.add(argument, name, file, file)
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
