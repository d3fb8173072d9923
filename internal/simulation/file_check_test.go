package simulation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func TestCanonicalPath(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(folder, "real")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(inside, "file"), nil, 0o600)
	for from, to := range map[string]string{"folder": "real", "file": "real/file"} {
		if err := os.Symlink(to, filepath.Join(folder, from)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		folder + "/real/file":        inside + "/file",
		folder + "/./real/../file":   inside + "/file", // a link to the file
		folder + "/folder/file":      inside + "/file", // in a link to the folder
		folder + "/folder/none":      inside + "/none",
		folder + "/none/../real/new": inside + "/new",
		"/none/a/../file":            "/none/file",
	} {
		if got := simulation.CanonicalPath(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got := simulation.CanonicalPath("none"); filepath.Base(got) != "none" || !filepath.IsAbs(got) {
		t.Errorf("none in %s is %s", working, got)
	}
}

func TestCheckCapture(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	writeFile(t, text, []byte("no capture"), 0o600)
	capture := filepath.Join(folder, "web.pcap")
	writeFile(t, capture, []byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00"), 0o600)
	for path, want := range map[string]string{
		capture:                      "",
		text:                         `, which cannot be read as a capture: the capture's header, at byte 0: begins with 6e 6f 20 63, which neither a pcap nor a pcapng file does. Write the path of a capture file: classic pcap or pcapng`,
		folder:                       `, which is a folder. Write the path of a capture file`,
		filepath.Join(folder, "no"):  `, and there is no such file. Write a path that is absolute, or relative to the folder in which Terraform runs`,
		filepath.Join(text, "below"): `below: not a directory. Write the path of a capture file: classic pcap or pcapng`,
	} {
		got := ""
		if problems := simulation.CheckCapture(t.Context(), "capture.path", path); problems != nil {
			got = problems.Error()
		}
		if !strings.HasSuffix(got, want) || (got == "") != (want == "") || got != "" && !strings.HasPrefix(got, `capture.path is "`+path) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestCheckOutput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(folder, "new"):     "",
		folder:                           `, which is a folder. Write the path of a file`,
		filepath.Join(folder, "no/file"): `, and its folder does not exist. Create the folder first, or write another path`,
	} {
		got := ""
		if problems := simulation.CheckOutput(t.Context(), "output.path", path); problems != nil {
			got = problems.Error()
		}
		if !strings.HasSuffix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// A link is the file to which it leads, also if that is missing.
func TestCanonicalPath_link(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	link, file := filepath.Join(folder, "link"), filepath.Join(folder, "none", "file")
	if err := os.Symlink(filepath.Join("none", "file"), link); err != nil {
		t.Skip("this system has no links: ", err)
	}
	if simulation.CanonicalPath(link) != simulation.CanonicalPath(file) {
		t.Errorf("the link is %s, and its file is %s", simulation.CanonicalPath(link), simulation.CanonicalPath(file))
	}
	if problems := simulation.CheckOutput(t.Context(), "output.path", link); len(problems) != 1 || problems[0].Kind != mirror.Missing {
		t.Errorf("the folder of the file is missing, and the problems are %v", problems)
	}
}
