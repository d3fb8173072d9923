package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// expandPatterns returns the names of files, with those of a pattern in place of the pattern, by
// name. A name of an existing file is no pattern.
func expandPatterns(argument string, names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		if name == "" {
			return nil, fmt.Errorf("%s is empty. Write a value, or leave it out", argument)
		}
		if !isPattern(name) {
			all = append(all, name)
			continue
		}
		matches, err := filepath.Glob(name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: the pattern %q is not complete: close its brackets, or write a backslash before a character that is meant itself", argument, name)
		case matches == nil:
			return nil, fmt.Errorf("%s: no file fits the pattern %q", argument, name)
		}
		all = append(all, matches...)
	}
	return all, nil
}

// isPattern reports whether a name has a character of patterns, and is not that of a file.
func isPattern(name string) bool {
	if !strings.ContainsAny(name, "*?[") {
		return false
	}
	_, err := os.Lstat(name)
	return err != nil
}

// oneCapture returns the name of the only capture that a command reads.
func oneCapture(command, name string) (string, error) {
	names, err := expandPatterns("--in", []string{name})
	switch {
	case err != nil:
		return "", err
	case len(names) > 1:
		return "", fmt.Errorf("--in: %d files fit the pattern %q, and %s reads one capture. Write the name of one file", len(names), name, command)
	}
	return names[0], nil
}

// openCapture opens the capture before any output is touched. A terminal gets a progress bar.
func openCapture(files *files, name string, stderr io.Writer) (capture.Source, []simulation.Sink, error) {
	in, size, err := files.open("--in", name)
	if err != nil {
		return nil, nil, err
	}
	var read atomic.Int64
	reader, err := capture.NewReader(&counter{in, &read})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if !isTerminal(stderr) {
		return reader, nil, nil
	}
	return reader, []simulation.Sink{newProgress(stderr, &read, size)}, nil
}

// openCaptures prepares several captures, which are opened when they are needed. A terminal gets a
// progress bar for all of them.
func openCaptures(files *files, names []string, stderr io.Writer) ([]capture.File, []simulation.Sink, error) {
	var read atomic.Int64
	var size int64
	isSizeKnown := true
	captures := make([]capture.File, len(names))
	for i, name := range names {
		file, err := files.captureFile("--in", name, &read)
		if err != nil {
			return nil, nil, err
		}
		captures[i] = file
		size += file.Size
		isSizeKnown = isSizeKnown && !file.OpensOnce
	}
	if !isTerminal(stderr) {
		return captures, nil, nil
	}
	if !isSizeKnown {
		size = 0
	}
	return captures, []simulation.Sink{newProgress(stderr, &read, size)}, nil
}

// captureFile returns a capture that is opened later. A stream is opened now. read counts its
// bytes.
func (f *files) captureFile(argument, name string, read *atomic.Int64) (capture.File, error) {
	info, err := os.Stat(name)
	if name == standard || err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice) != 0 {
		stream, _, err := f.open(argument, name)
		return capture.File{Name: shownName(name), OpensOnce: true, Open: func() (capture.Source, func(), error) {
			reader, err := capture.NewReader(&counter{stream, read})
			return reader, func() {}, err // files closes the stream
		}}, err
	}
	regular, err := regularfile.Open(f.ctx, name) // so that what cannot be read is refused before an output is touched
	if err != nil {
		return capture.File{}, fmt.Errorf("%s: %w", argument, err)
	}
	if info, err = regular.Stat(); err != nil {
		return capture.File{}, errors.Join(err, regular.Close())
	}
	for _, o := range f.opened {
		if o.argument == argument && os.SameFile(o.info, info) {
			return capture.File{}, errors.Join(fmt.Errorf("%s %s and %s %s are the same file: its content would count twice", argument, o.name, argument, name), regular.Close())
		}
	}
	f.opened = append(f.opened, openFile{argument, name, info, nil})
	return capture.File{Name: name, Size: info.Size(), Open: func() (capture.Source, func(), error) { return f.reopen(name, read) }}, regular.Close()
}

func (f *files) reopen(name string, read *atomic.Int64) (capture.Source, func(), error) {
	file, err := regularfile.Open(f.ctx, name)
	if err != nil {
		return nil, nil, err
	}
	reader, err := capture.NewReader(&counter{file, read})
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return reader, func() { _ = file.Close() }, nil
}
