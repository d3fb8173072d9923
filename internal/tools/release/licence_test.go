package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A
PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN
ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const unlicense = `This is free and unencumbered software released into the public domain.

Anyone is free to copy, modify, publish, use, compile, sell, or distribute this software, either in source code form or as a compiled binary, for any purpose, commercial
or non-commercial, and by any means.

In jurisdictions that recognize copyright laws, the author or authors of this software dedicate any and all copyright interest in the software to the public domain. We
make this dedication for the benefit of the public at large and to the detriment of our heirs and successors. We intend this dedication to be an overt act of
relinquishment in perpetuity of all present and future rights to this software under copyright law.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A
PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

For more information, please refer to <http://unlicense.org/>`

const zeroBSD = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS.
IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR
PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`

const ownTerms = `Notwithstanding the above, this software may not be used for commercial purposes, by competitors of the author, or in any hosted service,
unless a fee is paid.`

// A licence that is not on the list is refused, and so is what is no licence.
func TestLicence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, want string }{
		"allowed":      {"LICENSE", mit, ""},
		"not allowed":  {"COPYING", unlicense, "Unlicense"},
		"own terms":    {"LICENSE.md", "You may use this software on Sundays.", "unknown"},
		"with terms":   {"LICENSE", mit + "\n\n" + ownTerms, "unknown"},
		"both":         {"LICENSE.txt", mit + "\n\n" + unlicense, "MIT AND Unlicense"},
		"none":         {"README.md", mit, "no licence found"},
		"British file": {"LICENCE", mit, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			write(t, filepath.Join(folder, c.file), []byte(c.text))
			got := licenceProblem(module{Path: "example.com/m", Version: "v1.0.0", Dir: folder})
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if got := licenceProblem(module{Path: "example.com/m", Version: "v1.0.0"}); !strings.Contains(got, "not downloaded") {
		t.Errorf("of a module that is not there: %q", got)
	}
}

// What is vendored has its licence beside it, and is the version that the notices name.
func TestVendored(t *testing.T) {
	t.Parallel()
	for _, m := range vendored() {
		if problem := licenceProblem(m); problem != "" {
			t.Error(problem)
		}
	}
	htmx := vendored()[0]
	if text := read(t, filepath.Join(htmx.Dir, "htmx.min.js")); !bytes.Contains(text, []byte(`"`+htmx.Version+`"`)) {
		t.Errorf("htmx.min.js is not version %s", htmx.Version)
	}
}

// The platforms of the releases are the pairs of .goreleaser.yml without the ignored.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	got, err := platformsIn([]byte("builds: [{goos: [linux, windows], goarch: [amd64, arm], ignore: [{goos: windows, goarch: arm}]}]"))
	if want := []platform{{"linux", "amd64"}, {"linux", "arm"}, {"windows", "amd64"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	for _, text := range []string{"builds: []", "builds: [{goos: [linux]}]", "builds: [{}, {}]", "builds: [{goos: [linux], goarch: [arm], goarm: [7]}]", "\t"} {
		if got, err := platformsIn([]byte(text)); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

// The notes of a release are its section of the changelog.
func TestNotes(t *testing.T) {
	t.Parallel()
	const changelog = "# Changelog\n\n## [Unreleased]\n\n- c\n\n## [1.10.0] - 2026-02-01\n\n### Added\n\n- b\n\n## [1.1.0] - 2026-01-01\n\n- a\n"
	for version, want := range map[string]string{"1.10.0": "### Added\n\n- b", "1.1.0": "- a", "Unreleased": "- c", "1.0.0": "", "1.1": ""} {
		if got := section(changelog, version); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

// What GitHub has as the notes is the section, whatever its lines end with.
func TestNotes_onGitHub(t *testing.T) {
	t.Parallel()
	var notes bytes.Buffer
	if err := printNotes("Unreleased", &notes); err != nil {
		t.Fatal(err)
	}
	for body, isRight := range map[string]bool{notes.String(): true, strings.ReplaceAll(notes.String(), "\n", "\r\n"): true, "\n": false, "v1.2.3\n": false} {
		file := filepath.Join(t.TempDir(), "body.md")
		write(t, file, []byte(body))
		if err := checkNotes("Unreleased", file); (err == nil) != isRight {
			t.Errorf("%.40q: %v", body, err)
		}
	}
}

// What no snapshot shows: a disabled changelog leaves the notes of a release empty, and the
// registries take a release only with its manifest, which is an asset and in the checksums.
func TestGoReleaser(t *testing.T) {
	t.Parallel()
	var config struct {
		Changelog         struct{ Disable any }
		Release, Checksum struct {
			ExtraFiles []struct {
				Glob string
				Name string `yaml:"name_template"`
			} `yaml:"extra_files"`
		}
	}
	if err := yaml.Unmarshal(read(t, filepath.Join(root, ".goreleaser.yml")), &config); err != nil {
		t.Fatal(err)
	}
	if config.Changelog.Disable != nil {
		t.Error("the changelog is disabled: GoReleaser does not read --release-notes then")
	}
	for name, files := range map[string]any{"release": config.Release.ExtraFiles, "checksum": config.Checksum.ExtraFiles} {
		if got, want := fmt.Sprint(files), "[{terraform-registry-manifest.json {{ .ProjectName }}_{{ .Version }}_manifest.json}]"; got != want {
			t.Errorf("the extra files of %s are %s, want %s", name, got, want)
		}
	}
}

// The notices have each text once, below the modules that have it, and what a binary has is in them.
func TestNotices(t *testing.T) {
	t.Parallel()
	modules := map[string]module{}
	for path, files := range map[string]map[string]string{
		"example.com/a": {"LICENSE": mit, "NOTICE.txt": "Of A."},
		"example.com/b": {"COPYING": mit, "README.md": "Not this."},
		"std":           {"LICENSE": zeroBSD},
	} {
		m := module{Path: path, Version: "v1.0.0", Dir: t.TempDir()}
		if path == "std" {
			m.Version = ""
		}
		for name, text := range files {
			write(t, filepath.Join(m.Dir, name), []byte(text))
		}
		modules[path] = m
	}
	text, err := notices(modules)
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]int{"\nexample.com/a v1.0.0\nexample.com/b v1.0.0\n\n" + mit: 1, mit: 1, "\n\nexample.com/a v1.0.0\n\nOf A.\n": 1, "\nstd\n\n" + zeroBSD: 1, "Not this": 0} {
		if got := strings.Count(string(text), part); got != want {
			t.Errorf("the notices have %d times %.40q, want %d", got, part, want)
		}
	}
	if problems := noticesProblems(text, nil); len(problems) != len(vendored()) || !strings.Contains(problems[0], "htmx.org 4.0.1") {
		t.Errorf("without what is vendored: %q", problems)
	}
	for _, m := range vendored() {
		modules[m.Path] = m
	}
	if text, err = notices(modules); err != nil {
		t.Fatal(err)
	}
	if problems := noticesProblems(text, []module{modules["example.com/a"], modules["example.com/b"]}); problems != nil {
		t.Error(problems)
	}
	if problems := noticesProblems(text, []module{{Path: "example.com/a", Version: "v1.0.1"}}); len(problems) != 1 {
		t.Errorf("of another version: %q", problems)
	}
	modules["example.com/none"] = module{Path: "example.com/none", Dir: t.TempDir()}
	if _, err := notices(modules); err == nil {
		t.Error("a module without a licence has notices")
	}
}
