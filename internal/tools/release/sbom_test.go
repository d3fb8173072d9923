package main

import (
	"bytes"
	"debug/buildinfo"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	spdxjson "github.com/spdx/tools-golang/json"
)

// An SBOM lists what go version -m prints of the binary: here of this program, which
// has dependencies. It also lists what is vendored in the provider.
func TestSBOM_goVersion(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), project+"_v1.2.3")
	command(t, ".", "go", "build", "-o", binary, ".")
	archive := filepath.Join(t.TempDir(), "archive.zip")
	writeArchive(t, archive, map[string][]byte{filepath.Base(binary): read(t, binary)})
	if err := writeSBOM("1.2.3", archive, archive+".spdx.json"); err != nil {
		t.Fatal(err)
	}
	document, err := spdxjson.Read(bytes.NewReader(read(t, archive+".spdx.json")))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	want := []string{"htmx.org 4.0.1"}
	for _, p := range document.Packages[1:] {
		listed = append(listed, p.PackageName+" "+p.PackageVersion)
		if locator := p.PackageExternalReferences[0].Locator; p.PackageName == "htmx.org" && (p.PackageLicenseDeclared != "0BSD" || locator != "pkg:npm/htmx.org@4.0.1") {
			t.Errorf("htmx.org has the licence %s and the purl %s", p.PackageLicenseDeclared, locator)
		}
	}
	for line := range strings.Lines(command(t, ".", "go", "version", "-m", binary)) {
		fields := strings.Fields(line)
		if len(fields) > 2 && fields[0] == "dep" {
			want = append(want, fields[1]+" "+fields[2])
		}
		if len(fields) == 2 && fields[0] == binary+":" {
			want = append(want, "stdlib "+strings.TrimPrefix(fields[1], "go"))
		}
	}
	slices.Sort(listed)
	slices.Sort(want)
	if len(want) < 6 || !slices.Equal(listed, want) {
		t.Errorf("the SBOM lists\n%s\nwant\n%s", strings.Join(listed, "\n"), strings.Join(want, "\n"))
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	of := subject{version: "1.2.3", binarySum: sum(read(t, binary))}
	if problems := sbomProblems(document, of, info); problems != nil {
		t.Error(problems)
	}
	info.Deps = append(info.Deps, &debug.Module{Path: "example.com/hidden", Version: "v1.0.0", Sum: "h1:0"})
	if problems := sbomProblems(document, of, info); len(problems) != 1 || !strings.Contains(problems[0], "example.com/hidden") {
		t.Errorf("of a module that the SBOM hides: %q", problems)
	}
}
