package simulation_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func writeFile(t *testing.T, path string, content []byte, mode fs.FileMode) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, content, mode), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}

func createOutputFile(t *testing.T, path, content string) *simulation.OutputFile {
	t.Helper()
	f, err := simulation.CreateOutputFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	return f
}

// checkFile checks the content and the mode of a file.
func checkFile(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content || info.Mode() != mode {
		t.Errorf("the file is %q with mode %s, want %q with mode %s", got, info.Mode(), content, mode)
	}
}

func checkCount(t *testing.T, folder string, count int) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != count {
		t.Errorf("the folder has %v, want %d files, %v", entries, count, err)
	}
}

// What was there stays until the new file is complete, and gives it its mode.
func TestOutputFile_replaces(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.pcap")
	writeFile(t, path, []byte("old"), 0o640)
	f := createOutputFile(t, path, "new")
	checkFile(t, path, "old", 0o640)
	digest, err := f.Commit()
	if err != nil || digest != digestOf([]byte("new")) {
		t.Errorf("the digest is %s, %v", digest, err)
	}
	checkFile(t, path, "new", 0o640)
	f.Discard()
	checkFile(t, path, "new", 0o640)
	checkCount(t, filepath.Dir(path), 1)
}

func TestOutputFile_new(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.pcap")
	f := createOutputFile(t, path, "new")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there before it is complete: %v", err)
	}
	if _, err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	checkFile(t, path, "new", 0o600)
}

func TestOutputFile_discard(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.pcap")
	writeFile(t, path, []byte("old"), 0o600)
	createOutputFile(t, path, "new").Discard()
	checkFile(t, path, "old", 0o600)
	checkCount(t, filepath.Dir(path), 1)
}

// A link stays: what it leads to is written, and removed.
func TestOutputFile_link(t *testing.T) {
	t.Parallel()
	folder, other := t.TempDir(), t.TempDir()
	link, path := filepath.Join(folder, "link.pcap"), filepath.Join(other, "out.pcap")
	writeFile(t, path, []byte("old"), 0o640)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	stays := func() {
		t.Helper()
		if to, err := os.Readlink(link); to != path || err != nil {
			t.Errorf("the link leads to %q, %v", to, err)
		}
		checkCount(t, folder, 1)
	}
	for range 2 { // the second time, the link leads nowhere
		if _, err := createOutputFile(t, link, "new").Commit(); err != nil {
			t.Fatal(err)
		}
		stays()
		if content, err := os.ReadFile(path); string(content) != "new" || err != nil {
			t.Errorf("the file is %q, %v", content, err)
		}
		if err := simulation.RemoveOutputFile(link); err != nil {
			t.Error(err)
		}
		stays()
		checkCount(t, other, 0)
	}
	if err := simulation.RemoveOutputFile(link); err != nil {
		t.Errorf("a file that is gone: %v", err)
	}
}

func TestCreateOutputFile_refuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	none := filepath.Join(folder, "none")
	for path, want := range map[string]string{
		folder:                          folder + " is a folder: write the path of a file",
		filepath.Join(none, "out.pcap"): "the folder " + none + " does not exist: create it first",
	} {
		if _, err := simulation.CreateOutputFile(path); err == nil || err.Error() != want {
			t.Errorf("%s: the error is %v", path, err)
		}
	}
}

// The digest is that of the file that was simulated, even if another one has
// replaced it.
func TestCaptureFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "in.pcap")
	content := fourPackets(t)
	writeFile(t, path, content, 0o600)
	file, err := simulation.OpenCaptureFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	other := createOutputFile(t, path, "other")
	if _, err := other.Commit(); err != nil {
		t.Fatal(err)
	}
	summary, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Capture: file.Reader})
	if err != nil || summary.Packets != 4 {
		t.Errorf("%d packets, %v", summary.Packets, err)
	}
	if digest, err := file.Digest(); err != nil || digest != digestOf(content) {
		t.Errorf("the digest is %s, %v", digest, err)
	}
}

// The digest is that of the whole file, also if not all of it was simulated.
func TestCaptureFile_unread(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "in.pcap")
	content := captureOf(t, bytes.Repeat([]byte{1}, 200_000), bytes.Repeat([]byte{2}, 200_000))
	writeFile(t, path, content, 0o600)
	file, err := simulation.OpenCaptureFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if digest, err := file.Digest(); err != nil || digest != digestOf(content) {
		t.Errorf("the digest is %s, %v", digest, err)
	}
}

func TestOpenCaptureFile_refuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "in.pcap")
	if _, err := simulation.OpenCaptureFile(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error of a file that is not there is %v", err)
	}
	writeFile(t, path, []byte("no capture"), 0o600)
	if _, err := simulation.OpenCaptureFile(t.Context(), path); err == nil || err.Error() != "the capture's header, at byte 0: begins with 6e 6f 20 63, which neither a pcap nor a pcapng file does" {
		t.Errorf("the error of a text is %v", err)
	}
}

func TestFileDigest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	writeFile(t, path, []byte("content"), 0o600)
	if digest, err := simulation.FileDigest(t.Context(), path); err != nil || digest != digestOf([]byte("content")) {
		t.Errorf("the digest is %s, %v", digest, err)
	}
	if _, err := simulation.FileDigest(t.Context(), path+".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}
