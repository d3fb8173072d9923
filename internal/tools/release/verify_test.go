package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const source = `package main

import (
	"fmt"
	"os"
)

var version, commit string

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("terraform-provider-trafficmirror version " + version + "+" + commit)
	}
}
`

// command runs a program in a folder, without the configuration of the user.
func command(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GOFLAGS=-buildvcs=true -trimpath")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func writeArchive(t *testing.T, path string, files map[string][]byte) {
	t.Helper()
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	for name, content := range files {
		entry, err := writer.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, archive.Bytes())
}

func newKey(t *testing.T, algorithm packet.PublicKeyAlgorithm) *openpgp.Entity {
	t.Helper()
	key, err := openpgp.NewEntity("Test", "", "test@example.com", &packet.Config{Algorithm: algorithm, RSABits: 2048})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func writeKey(t *testing.T, path string, key *openpgp.Entity) {
	t.Helper()
	var text bytes.Buffer
	armored, err := armor.Encode(&text, openpgp.PublicKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := key.Serialize(armored); err != nil {
		t.Fatal(err)
	}
	if err := armored.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, text.Bytes())
}

// newRelease makes the assets of a release for this platform, from a small program
// in a repository of its own.
func newRelease(t *testing.T) (release, *openpgp.Entity) {
	t.Helper()
	tree, assets := t.TempDir(), t.TempDir()
	write(t, filepath.Join(tree, "main.go"), []byte(source))
	write(t, filepath.Join(tree, "go.mod"), []byte("module example.com/provider\n\ngo 1.26.0\n"))
	command(t, tree, "git", "init", "-q")
	command(t, tree, "git", "add", ".")
	command(t, tree, "git", "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "first")
	commit := command(t, tree, "git", "rev-parse", "HEAD")

	host := platform{runtime.GOOS, runtime.GOARCH}
	r := release{folder: assets, version: "1.2.3", commit: commit, offline: true, platforms: []platform{host}, key: filepath.Join(t.TempDir(), "key.asc")}
	out := filepath.Join(t.TempDir(), "binary")
	command(t, tree, "go", "build", "-o", out, "-ldflags", "-X main.version=1.2.3 -X main.commit="+commit[:7], ".")
	archive := r.path(host.String() + ".zip")
	writeArchive(t, archive, map[string][]byte{"LICENSE": []byte("MPL-2.0"), noticesFile: []byte("std\nhtmx.org 4.0.1\n"), r.binaryName(host): read(t, out)})
	if err := writeSBOM(r.version, archive, archive+".spdx.json"); err != nil {
		t.Fatal(err)
	}
	write(t, r.path("manifest.json"), read(t, filepath.Join(root, "terraform-registry-manifest.json")))
	for _, bundle := range []string{"SHA256SUMS.sigstore.json", "provenance.sigstore.json"} {
		write(t, r.path(bundle), []byte("{}"))
	}
	key := newKey(t, packet.PubKeyAlgoRSA)
	r.fingerprint = fmt.Sprintf("%X", key.PrimaryKey.Fingerprint)
	writeKey(t, r.key, key)
	sign(t, r, key)
	return r, key
}

// sign writes the checksums of what is there, and their signature.
func sign(t *testing.T, r release, key *openpgp.Entity) {
	t.Helper()
	var sums, signature bytes.Buffer
	for _, name := range r.summed() {
		fmt.Fprintf(&sums, "%s  %s\n", sum(read(t, filepath.Join(r.folder, name))), name)
	}
	write(t, r.path("SHA256SUMS"), sums.Bytes())
	if err := openpgp.DetachSign(&signature, key, &sums, nil); err != nil {
		t.Fatal(err)
	}
	write(t, r.path("SHA256SUMS.sig"), signature.Bytes())
}

// Whoever can change an asset cannot get it past the check that looks at it.
func TestVerify(t *testing.T) {
	t.Parallel()
	whole, key := newRelease(t)
	var out strings.Builder
	if err := whole.verify(&out); err != nil {
		t.Fatalf("a whole release: %v\n%s", err, &out)
	}
	host := whole.platforms[0]
	archive := host.String() + ".zip"
	edit := func(suffix, old, new string) func(*testing.T, *release) {
		return func(t *testing.T, r *release) {
			changed := strings.Replace(string(read(t, r.path(suffix))), old, new, 1)
			if changed == string(read(t, r.path(suffix))) {
				t.Fatalf("%s has no %q", suffix, old)
			}
			write(t, r.path(suffix), []byte(changed))
		}
	}
	pack := func(change func(map[string][]byte)) func(*testing.T, *release) {
		return func(t *testing.T, r *release) {
			files, err := readArchive(r.path(archive))
			if err != nil {
				t.Fatal(err)
			}
			change(files)
			writeArchive(t, r.path(archive), files)
			sign(t, *r, key) // by one who has the key
		}
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, *release)
		check  string
		says   string
	}{
		"an SBOM is missing":        {func(_ *testing.T, r *release) { _ = os.Remove(r.path(archive + ".spdx.json")) }, "files", "is missing"},
		"the signature is missing":  {func(_ *testing.T, r *release) { _ = os.Remove(r.path("SHA256SUMS.sig")) }, "files", "SHA256SUMS.sig is missing"},
		"a file more":               {func(t *testing.T, r *release) { write(t, r.path("linux_mips.zip"), nil) }, "files", "linux_mips.zip is not expected"},
		"a platform less":           {func(_ *testing.T, r *release) { r.platforms = append(r.platforms, platform{"plan9", "arm"}) }, "files", "plan9_arm.zip is missing"},
		"a byte of the manifest":    {edit("manifest.json", "6.0", "5.0"), "checksums", "manifest.json, whose checksum is"},
		"the manifest of another":   {edit("manifest.json", "6.0", "5.0"), "manifest", "is not terraform-registry-manifest.json"},
		"a checksum less":           {edit("SHA256SUMS", sum(read(t, whole.path("manifest.json"))), ""), "checksums", "SHA256SUMS says"},
		"a checksum more":           {edit("SHA256SUMS", "  ", "  more.zip\n0000  "), "checksums", "more.zip, which is no asset"},
		"checksums of a stranger":   {edit("SHA256SUMS", sum(read(t, whole.path("manifest.json"))), sum(nil)), "GPG signature", "signature"},
		"a signature of a stranger": {func(t *testing.T, r *release) { sign(t, *r, newKey(t, packet.PubKeyAlgoRSA)) }, "GPG signature", "SHA256SUMS.sig"},
		"another key":               {func(t *testing.T, r *release) { r.fingerprint = strings.Repeat("0", 40) }, "GPG signature", "want 0000"},
		"the key is elliptic":       {func(t *testing.T, r *release) { useElliptic(t, r) }, "GPG signature", "no elliptic curves"},
		"no key":                    {func(_ *testing.T, r *release) { r.key += ".no" }, "GPG signature", "no such file"},
		"a file more in an archive": {pack(func(files map[string][]byte) { files["run.sh"] = nil }), "archives", `"run.sh"`},
		"no notices":                {pack(func(files map[string][]byte) { delete(files, noticesFile) }), "archives", "the archive has"},
		"notices of other modules":  {pack(func(files map[string][]byte) { files[noticesFile] = []byte("x") }), "archives", "has nothing of std"},
		"a binary of another name": {pack(func(files map[string][]byte) {
			files[project+"_v1.2.4"] = files[whole.binaryName(host)]
			delete(files, whole.binaryName(host))
		}), "archives", "the archive has"},
		"no binary":                      {pack(func(files map[string][]byte) { files[whole.binaryName(host)] = []byte("x") }), "archives", "unrecognized"},
		"the SBOM is of another binary":  {edit(archive+".spdx.json", "\"checksumValue\": \"", "\"checksumValue\": \"00"), "archives", "not of this binary"},
		"the SBOM has another version":   {edit(archive+".spdx.json", strings.TrimPrefix(runtime.Version(), "go"), "1.1"), "archives", "of stdlib, and the binary"},
		"the SBOM has a module more":     {edit(archive+".spdx.json", `"name": "stdlib"`, `"name": "example.com/more"`), "archives", "example.com/more, and the binary is not linked with it"},
		"the SBOM is no SBOM":            {func(t *testing.T, r *release) { write(t, r.path(archive+".spdx.json"), []byte("{")) }, "archives", "the SBOM"},
		"another commit":                 {func(_ *testing.T, r *release) { r.commit = strings.Repeat("a", 40) }, "archives", "vcs.revision"},
		"another commit in --version":    {func(_ *testing.T, r *release) { r.commit = strings.Repeat("a", 40) }, "version of the binary", "of commit aaaa"},
		"the archive of this is missing": {func(_ *testing.T, r *release) { _ = os.Remove(r.path(archive)) }, "version of the binary", "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := whole
			r.folder = t.TempDir()
			if err := os.CopyFS(r.folder, os.DirFS(whole.folder)); err != nil {
				t.Fatal(err)
			}
			c.damage(t, &r)
			var out strings.Builder
			if err := r.verify(&out); err == nil {
				t.Fatalf("it is not refused:\n%s", &out)
			}
			_, after, isFailed := strings.Cut(out.String(), "FAILED  "+c.check+"\n")
			found, _, _ := strings.Cut(after, "\nok ")
			if !isFailed || !strings.Contains(found, c.says) {
				t.Errorf("want the check %q to say %q, got:\n%s", c.check, c.says, &out)
			}
		})
	}
}

func useElliptic(t *testing.T, r *release) {
	t.Helper()
	key := newKey(t, packet.PubKeyAlgoEdDSA)
	r.key = filepath.Join(t.TempDir(), "key.asc")
	r.fingerprint = fmt.Sprintf("%X", key.PrimaryKey.Fingerprint)
	writeKey(t, r.key, key)
	sign(t, *r, key)
}

// The Sigstore bundles are checked by cosign and gh. Neither program, or its refusal,
// is a release that is not published.
func TestVerify_sigstore(t *testing.T) {
	r, _ := newRelease(t)
	r.offline = false
	for name, c := range map[string]struct {
		cosign, gh string
		says       string // nothing: the release is good
	}{
		"both agree":        {cosign: "exit 0", gh: "exit 0"},
		"cosign refuses":    {cosign: "echo none of the expected identities matched; exit 1", gh: "exit 0", says: "FAILED  Cosign bundle"},
		"gh refuses":        {cosign: "exit 0", gh: "exit 1", says: "FAILED  provenance"},
		"cosign is missing": {gh: "exit 0", says: "executable file not found"},
		"gh is missing":     {cosign: "exit 0", says: "executable file not found"},
		"cosign is told who": {
			cosign: `[ "$5" = https://github.com/trafficmirror/terraform-provider-trafficmirror/.github/workflows/release.yml@refs/tags/v1.2.3 ]`, gh: "exit 0",
		},
		"gh is told which commit": {cosign: "exit 0", gh: `case "$*" in *"--source-digest ` + r.commit + `"*) exit 0 ;; esac; exit 1`},
	} {
		t.Run(name, func(t *testing.T) {
			programs := t.TempDir()
			for program, script := range map[string]string{"cosign": c.cosign, "gh": c.gh} {
				if script == "" {
					continue
				}
				if err := os.WriteFile(filepath.Join(programs, program), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", programs)
			var out strings.Builder
			err := r.verify(&out)
			if (err == nil) != (c.says == "") || !strings.Contains(out.String(), c.says) {
				t.Errorf("%v, want %q in\n%s", err, c.says, &out)
			}
		})
	}
}
