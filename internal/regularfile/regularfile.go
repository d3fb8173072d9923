// Package regularfile opens files that a user has named. It opens regular files only,
// because a named pipe or a device can make an open or a read wait forever, and because
// what replaces a device is a file. It follows links. It never waits, and it ends a long
// read when the context ends.
package regularfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A KindError says that a path leads to something that is no regular file.
type KindError struct {
	Path string
	Mode fs.FileMode // has the type
}

// Error says what is there, and what to write.
func (e *KindError) Error() string { return e.Path + " is " + e.Kind() + ": write the path of a file" }

// Kind says what is there: "a folder".
func (e *KindError) Kind() string {
	switch {
	case e.Mode.IsDir():
		return "a folder"
	case e.Mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case e.Mode&fs.ModeSocket != 0:
		return "a socket"
	case e.Mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}

func checkKind(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &KindError{path, info.Mode().Type()}
}

// OpenFile is os.OpenFile for a regular file, or for one that flag creates.
func OpenFile(path string, flag int, mode fs.FileMode) (*os.File, error) {
	// To open a device can have effects, so this looks first. What is there can change
	// until it is open, so this looks again, and never waits for the other end of a pipe.
	if info, err := os.Stat(path); err == nil {
		if err := checkKind(path, info); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, flag|nonblocking, mode)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = checkKind(path, info)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// A File is a regular file that is open for reading.
type File struct {
	*os.File
	ctx context.Context
}

// Open opens a regular file for reading. After ctx has ended, a read fails with its cause.
func Open(ctx context.Context, path string) (*File, error) {
	file, err := OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return &File{file, ctx}, nil
}

// Read implements io.Reader.
func (f *File) Read(b []byte) (int, error) {
	if f.ctx.Err() != nil {
		return 0, context.Cause(f.ctx)
	}
	return f.File.Read(b)
}

// WriteTo implements io.WriterTo, because that of os.File would not heed the context.
func (f *File) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{f}) }

// ReadAll returns the content of a regular file.
func ReadAll(ctx context.Context, path string) ([]byte, error) {
	file, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// maxLinks is how many links the kernel of Linux follows.
const maxLinks = 40

// Target returns the path of the file to which a path leads, so that the file can be
// replaced and a link to it stays. The file may be missing: info is then nil.
func Target(path string) (target string, info fs.FileInfo, err error) {
	target = path
	for range maxLinks {
		info, err := os.Lstat(target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return target, nil, nil
		case err != nil:
			return "", nil, err
		case info.Mode()&fs.ModeSymlink == 0:
			return target, info, checkKind(path, info)
		}
		if target, err = follow(target); err != nil {
			return "", nil, err
		}
	}
	return "", nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("too many levels of symbolic links")}
}

// follow returns the path that a link names.
func follow(link string) (string, error) {
	named, err := os.Readlink(link)
	if err != nil || filepath.IsAbs(named) {
		return named, err
	}
	// The folder may be a link too: then ".." is that of the folder to which it leads.
	folder, err := filepath.EvalSymlinks(filepath.Dir(link))
	return filepath.Join(folder, named), err
}
