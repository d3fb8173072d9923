package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// allowed has the licences that the provider may be linked with, as SPDX names them.
// All of them permit to distribute a binary under the licence of the project, which
// is MPL-2.0, with no more than what the archives have in THIRD_PARTY_NOTICES.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

// A module is one that a binary is linked with.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// vendored returns what is in the repository of others, and in the binary: the file with its
// licence is beside it.
func vendored() []module {
	return []module{{Path: "htmx.org", Version: "4.0.1", Dir: filepath.Join(root, "internal", "console", "htmx")}}
}

// linkedModules returns the modules of the packages that the provider is linked
// with, on any of the platforms.
func linkedModules(platforms []platform) (map[string]module, error) {
	found := map[string]module{}
	for _, p := range platforms {
		list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
		list.Dir = root
		list.Env = append(os.Environ(), "GOOS="+p.system, "GOARCH="+p.architecture, "CGO_ENABLED=0")
		out, err := output(list)
		if err != nil {
			return nil, err
		}
		for path := range strings.FieldsSeq(string(out)) {
			found[path] = module{}
		}
	}
	list := exec.Command("go", append([]string{"list", "-m", "-json"}, slices.Sorted(maps.Keys(found))...)...)
	list.Dir = root
	out, err := output(list)
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var m module
		if err := decoder.Decode(&m); err != nil {
			return nil, err
		}
		found[m.Path] = m
	}
	return found, nil
}

// output returns what a command prints, and what it says of a failure.
func output(c *exec.Cmd) ([]byte, error) {
	out, err := c.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(c.Args, " "), err, bytes.TrimSpace(failed.Stderr))
	}
	return out, err
}

// licenceOf returns the SPDX names of the licences in the root folder of a module,
// sorted. A licence file that is not one of a known licence counts as "unknown".
func licenceOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, entry := range entries {
		if entry.IsDir() || !isLicence(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		for _, id := range licencesIn(text) {
			found[id] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func isLicence(name string) bool {
	name = strings.ToUpper(name)
	return strings.HasPrefix(name, "LICENSE") || strings.HasPrefix(name, "LICENCE") || strings.HasPrefix(name, "COPYING")
}

func licencesIn(text []byte) []string {
	coverage := licensecheck.Scan(text)
	if coverage.Percent < 95 { // a title and a copyright may be more than the licence
		return []string{"unknown"}
	}
	ids := make([]string, len(coverage.Match))
	for i, match := range coverage.Match {
		ids[i] = match.ID
	}
	return ids
}

// checkLicences fails if a module has no licence or one that is not allowed, and
// says which and what was found.
func checkLicences(out io.Writer) error {
	platforms, err := readPlatforms()
	if err != nil {
		return err
	}
	modules, err := linkedModules(platforms)
	if err != nil {
		return err
	}
	for _, m := range vendored() {
		modules[m.Path] = m
	}
	refused := 0
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		if problem := licenceProblem(modules[path]); problem != "" {
			refused++
			fmt.Fprintln(out, problem)
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d modules have a licence that is not allowed; allowed are %s", refused, strings.Join(allowed, ", "))
	}
	fmt.Fprintf(out, "%d modules, all under %s\n", len(modules), strings.Join(allowed, ", "))
	return nil
}

func licenceProblem(m module) string {
	if m.Dir == "" {
		return fmt.Sprintf("%s %s: it is not downloaded", m.Path, m.Version)
	}
	found, err := licenceOf(m.Dir)
	if err != nil {
		return fmt.Sprintf("%s %s: %v", m.Path, m.Version, err)
	}
	if len(found) == 0 {
		return fmt.Sprintf("%s %s: no licence found", m.Path, m.Version)
	}
	for _, id := range found {
		if !slices.Contains(allowed, id) {
			return fmt.Sprintf("%s %s: %s", m.Path, m.Version, strings.Join(found, " AND "))
		}
	}
	return ""
}
