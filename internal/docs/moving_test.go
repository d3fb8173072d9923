//go:build unix

package docs

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const movingExample = root + "/examples/moving"

// The commands of the guide move the example from hashicorp/aws to this provider and back, print what
// the guide shows, and change nothing in EC2.
func TestAccMovingGuide(t *testing.T) {
	if os.Getenv("TF_ACC") == "" || os.Getenv("TRAFFICMIRROR_AWS_PROVIDER") == "" {
		t.Skip("runs where TF_ACC is set and TRAFFICMIRROR_AWS_PROVIDER names a folder with hashicorp/aws")
	}
	t.Parallel()
	page, err := Read(os.DirFS(root), "templates/guides/moving.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(t, true)
	w.folder = t.TempDir()
	w.skipWithoutAWS(t)
	calls := w.serveExample(t)
	w.copyExample(t, "before")
	w.mustEnd(t, "terraform init -input=false", 0)
	w.mustEnd(t, "terraform apply -auto-approve -input=false", 0)
	made := calls.Load()
	if made == 0 {
		t.Fatal("nothing was made in EC2")
	}
	folders := []string{"before", "after", "before"} // what each block of commands finds
	for _, b := range page.Blocks {
		if !b.IsConsole() {
			continue
		}
		if len(folders) == 0 {
			t.Fatalf("line %d: one block of commands more than the test knows", b.Line)
		}
		w.copyExample(t, folders[0])
		folders = folders[1:]
		w.runConsole(t, b, "")
	}
	if len(folders) > 0 {
		t.Errorf("%d blocks of commands are missing", len(folders))
	}
	if changes := calls.Load() - made; changes != 0 {
		t.Errorf("the guide makes %d calls that change EC2", changes)
	}
}

// skipWithoutAWS skips a test where the CLI finds no hashicorp/aws: Terraform and OpenTofu look for it
// below different hosts.
func (w *workspace) skipWithoutAWS(t *testing.T) {
	t.Helper()
	host := "registry.terraform.io"
	if strings.Contains(w.mustEnd(t, "terraform-cli version", 0), "OpenTofu") {
		host = "registry.opentofu.org"
	}
	if _, err := os.Stat(filepath.Join(os.Getenv("TRAFFICMIRROR_AWS_PROVIDER"), host, "hashicorp/aws")); err != nil {
		t.Skipf("hashicorp/aws is not installed: %v", err)
	}
}

// serveExample serves an embedded EC2 with the topology of the example. It counts the calls that may
// change something.
func (w *workspace) serveExample(t *testing.T) *atomic.Int32 {
	t.Helper()
	world, err := topology.Parse([]byte(readFile(t, movingExample+"/topology.json")))
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world})
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the client went away
		}
		if !bytes.Contains(body, []byte("Action=Describe")) {
			calls.Add(1)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		e.ServeHTTP(rw, req)
	}))
	t.Cleanup(server.Close)
	w.env = append(w.env, "AWS_ENDPOINT_URL_EC2="+server.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	return &calls
}

// copyExample writes the files of a folder of the example over those of the workspace.
func (w *workspace) copyExample(t *testing.T, folder string) {
	t.Helper()
	files := os.DirFS(filepath.Join(movingExample, folder))
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		writeFile(t, filepath.Join(w.folder, name), string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
