package cli_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// exported runs topology export, and returns its output, its messages and its exit status.
func exported(t *testing.T, arguments ...string) (out, messages string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = cli.Main(t.Context(), "test", append([]string{"topology", "export"}, arguments...), strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), stderr.String(), status
}

// filledStore makes an embedded EC2 with a VPC, and writes a dump of it beside its file.
func filledStore(t *testing.T) (path, dump string) {
	t.Helper()
	folder := t.TempDir()
	path, dump = filepath.Join(folder, "ec2.db"), filepath.Join(folder, "dump.json")
	file, err := topology.Parse([]byte(`{"account_id": "210987654321", "region": "eu-west-1", "vpcs": [{"id": "vpc-0123456789abcdef0", "cidr_block": "10.0.0.0/16", "tags": {"Name": "acme"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Path: path, Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader("Action=CreateTags&Version=2016-11-15&ResourceId.1=vpc-0123456789abcdef0&Tag.1.Key=team&Tag.1.Value=net"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r.WithContext(emulator.UnsignedIn(r.Context(), "eu-west-1")))
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	text, err := os.Create(dump)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	if err := e.Dump(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	return path, dump
}

// The file of an embedded EC2 and its dump give the same topology file, which only its owner can
// read. What is read stays as it is.
func TestTopologyExport(t *testing.T) {
	t.Parallel()
	path, dump := filledStore(t)
	before, _ := os.ReadFile(path)
	out := filepath.Join(t.TempDir(), "topology.json")
	if _, messages, status := exported(t, "--path", path, "--region", "eu-west-1", "--out", out); status != 0 || !strings.HasPrefix(messages, "Wrote 1 VPC, ") || !strings.Contains(messages, "of account 210987654321 in eu-west-1") {
		t.Fatalf("exit status %d: %s", status, messages)
	}
	written, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(out); info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %s", info.Mode())
	}
	f, err := topology.Parse(written)
	if err != nil || f.AccountID != "210987654321" || f.Region != "eu-west-1" || f.VPCs[0].Tags["team"] != "net" {
		t.Errorf("the file is %s, %v", written, err)
	}
	if fromDump, messages, status := exported(t, "--dump", dump, "--region", "eu-west-1"); status != 0 || fromDump != string(written) {
		t.Errorf("exit status %d, %s\n%s", status, messages, fromDump)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the export has changed the embedded EC2")
	}
}

func TestTopologyExport_anonymized(t *testing.T) {
	t.Parallel()
	path, _ := filledStore(t)
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("a secret of many bytes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"--path", path, "--region", "eu-west-1", "--anonymize"}
	first, _, _ := exported(t, append(arguments, "--anonymize-key", key)...)
	second, _, _ := exported(t, append(arguments, "--anonymize-key", key)...)
	random, _, _ := exported(t, arguments...)
	if first == "" || first != second || first == random {
		t.Errorf("with a key:\n%s\nagain:\n%s\nwithout:\n%s", first, second, random)
	}
	for _, name := range []string{"acme", "210987654321", "vpc-0123456789abcdef0", "10.0.0.0"} {
		if strings.Contains(first+random, name) {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestTopologyExport_refused(t *testing.T) {
	t.Parallel()
	path, dump := filledStore(t)
	folder := t.TempDir()
	short := filepath.Join(folder, "short")
	if err := os.WriteFile(short, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, arguments := range map[string][]string{
		"they are the same file":              {"--dump", dump, "--out", dump, "--region", "eu-west-1"},
		"would overwrite --path":              {"--path", path, "--out", path, "--region", "eu-west-1"},
		"is no regular file":                  {"--path", path, "--out", folder, "--region", "eu-west-1"},
		"Write at least 16":                   {"--path", path, "--anonymize", "--anonymize-key", short},
		"--anonymize-key is of --anonymize":   {"--path", path, "--anonymize-key", short},
		"no such file":                        {"--path", filepath.Join(folder, "none.db")},
		"--topology is of the embedded EC2":   {"--topology", dump, "--region", "eu-west-1"},
		"--topology " + dump:                  {"--path", path, "--topology", dump},
		"none of the others can be":           {"--path", path, "--dump", dump},
		"it is not what emulator dump prints": {"--dump", short},
	} {
		if out, messages, status := exported(t, arguments...); status == 0 || !strings.Contains(messages, want) || out != "" {
			t.Errorf("%v: exit status %d: %s", arguments, status, messages)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "none.db")); err == nil {
		t.Error("the export has made a store")
	}
}

// The file of an embedded EC2 that has answered only reads lacks its topology. With --topology, the file can be
// missing too, and nobody makes it.
func TestTopologyExport_topology(t *testing.T) {
	t.Parallel()
	path, _ := filledStore(t)
	folder := t.TempDir()
	missing, file := filepath.Join(folder, "none.db"), filepath.Join(folder, "topology.json")
	const text = `{"account_id": "210987654321", "region": "eu-west-1", "vpcs": [{"id": "vpc-0aaaaaaaaaaaaaaa1", "cidr_block": "10.1.0.0/16"}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, messages, status := exported(t, "--path", missing, "--topology", file); status != 0 || !strings.Contains(out, "vpc-0aaaaaaaaaaaaaaa1") || !strings.Contains(messages, "of account 210987654321 in eu-west-1") {
		t.Errorf("without a store, exit status %d: %s\n%s", status, messages, out)
	}
	if out, messages, status := exported(t, "--path", path, "--topology", file); status != 0 || !strings.Contains(out, "vpc-0aaaaaaaaaaaaaaa1") || !strings.Contains(out, "vpc-0123456789abcdef0") {
		t.Errorf("with a store, exit status %d: %s\n%s", status, messages, out)
	}
	if _, messages, status := exported(t, "--path", missing, "--topology", file, "--out", file); status == 0 || !strings.Contains(messages, "they are the same file") && !strings.Contains(messages, "would overwrite") {
		t.Errorf("over the topology, exit status %d: %s", status, messages)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the export has made a store")
	}
}

// A diagram of an embedded EC2 that does not exist yet shows its topology.
func TestDiagram_topology(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "topology.json")
	if err := os.WriteFile(file, []byte(`{"region": "eu-west-1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	arguments := []string{"diagram", "--path", filepath.Join(folder, "none.db"), "--topology", file, "--region", "eu-west-1"}
	if status := cli.Main(t.Context(), "test", arguments, strings.NewReader(""), &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), "flowchart") {
		t.Errorf("exit status %d: %s\n%s", status, stderr.String(), stdout.String())
	}
}
