package regularfile_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

func TestReadAll(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "file"), "text")
	link(t, "file", filepath.Join(folder, "link"))
	for _, name := range []string{"file", "link"} {
		if text, err := regularfile.ReadAll(t.Context(), filepath.Join(folder, name)); string(text) != "text" || err != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := regularfile.ReadAll(t.Context(), filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// A read that has begun ends with its context, also where io.Copy reads.
func TestOpen_cancelled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "text")
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	file, err := regularfile.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
	cancel(cause)
	if n, err := io.Copy(io.Discard, file); n != 0 || !errors.Is(err, cause) {
		t.Errorf("%d bytes are read, %v", n, err)
	}
}

// What is no regular file is refused at once, by each function.
func TestRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	kinds := map[string]string{folder: "a folder"}
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	if err == nil {
		defer socket.Close()
		kinds[filepath.Join(folder, "socket")] = "a socket"
	}
	for path, kind := range streams(t, folder) {
		kinds[path] = kind
	}
	link(t, folder, filepath.Join(folder, "link"))
	kinds[filepath.Join(folder, "link")] = "a folder"
	for path, kind := range kinds {
		_, errRead := regularfile.ReadAll(t.Context(), path)
		_, errWrite := regularfile.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
		_, _, errTarget := regularfile.Target(path)
		for name, err := range map[string]error{"ReadAll": errRead, "OpenFile": errWrite, "Target": errTarget} {
			if err == nil || filepath.Base(err.Error()) != filepath.Base(path)+" is "+kind+": write the path of a file" {
				t.Errorf("%s of %s: %v", name, path, err)
			}
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	folder, other := t.TempDir(), t.TempDir()
	in := func(elements ...string) string { return filepath.Join(append([]string{folder}, elements...)...) }
	write(t, in("file"), "text")
	if err := os.MkdirAll(filepath.Join(other, "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	link(t, "file", in("link"))
	link(t, "link", in("link of a link"))
	link(t, "new", in("dangling"))
	link(t, in("file"), in("absolute"))
	link(t, filepath.Join(other, "deep"), in("folder"))
	link(t, "../up", filepath.Join(other, "deep", "link"))
	link(t, "loop", in("loop"))
	for path, want := range map[string]string{
		in("file"): in("file"), in("new"): in("new"), in("link"): in("file"), in("link of a link"): in("file"), in("absolute"): in("file"), in("dangling"): in("new"),
	} {
		got, info, err := regularfile.Target(path)
		if got != want || err != nil || (info != nil) != (filepath.Base(want) == "file") {
			t.Errorf("%s leads to %s, %v, %v", path, got, info, err)
		}
	}
	// ".." is that of the folder to which a link leads.
	resolved, err := filepath.EvalSymlinks(other)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := regularfile.Target(in("folder", "link")); got != filepath.Join(resolved, "up") || err != nil {
		t.Errorf("a link in a linked folder leads to %s, %v", got, err)
	}
	if _, _, err := regularfile.Target(in("loop")); err == nil {
		t.Error("a loop of links leads somewhere")
	}
}
