package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// noticesFile has the licences and notices of what the provider is linked with. The
// licences ask for it, and MPL-2.0 for a word on where the source is.
const noticesFile = "THIRD_PARTY_NOTICES"

// writeNotices writes the file for all platforms into the root folder of the project.
func writeNotices() error {
	platforms, err := readPlatforms()
	if err != nil {
		return err
	}
	modules, err := linkedModules(platforms)
	if err != nil {
		return err
	}
	goroot, err := output(exec.Command("go", "env", "GOROOT"))
	if err != nil {
		return err
	}
	maps.DeleteFunc(modules, func(_ string, m module) bool { return m.Main })
	modules["std"] = module{Path: "std", Dir: string(bytes.TrimSpace(goroot))}
	for _, m := range vendored() {
		modules[m.Path] = m
	}
	text, err := notices(modules)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, noticesFile), text, 0o644)
}

// notices has each text once, after the modules that have it.
func notices(modules map[string]module) ([]byte, error) {
	owners := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		names, err := noticesIn(m.Dir)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s has no licence", path)
		}
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(m.Dir, name))
			if err != nil {
				return nil, err
			}
			owners[string(text)] = append(owners[string(text)], noticeLine(m))
		}
	}
	var out bytes.Buffer
	fmt.Fprintln(&out, "The provider is linked with these modules. The source of each is at https://pkg.go.dev/PATH@VERSION, and from the Go module proxy. That of htmx.org is at https://www.npmjs.com/package/htmx.org.")
	for _, text := range slices.SortedFunc(maps.Keys(owners), func(a, b string) int { return strings.Compare(owners[a][0]+a, owners[b][0]+b) }) {
		fmt.Fprintf(&out, "\n%s\n\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(owners[text], "\n"), strings.TrimSpace(text))
	}
	return out.Bytes(), nil
}

// noticeLine names a module. The standard library has the version of the binary.
func noticeLine(m module) string { return strings.TrimSpace(m.Path + " " + m.Version) }

func noticesIn(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		isNotice := slices.ContainsFunc([]string{"NOTICE", "PATENTS"}, func(prefix string) bool { return strings.HasPrefix(strings.ToUpper(entry.Name()), prefix) })
		if !entry.IsDir() && (isNotice || isLicence(entry.Name())) {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// noticesProblems returns the modules of a binary that the notices do not name.
func noticesProblems(text []byte, linked []module) (problems []string) {
	lines := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		lines[strings.TrimSuffix(line, "\n")] = true
	}
	for _, m := range slices.Concat(linked, vendored(), []module{{Path: "std"}}) {
		if !lines[noticeLine(m)] {
			problems = append(problems, fmt.Sprintf("%s has nothing of %s", noticesFile, noticeLine(m)))
		}
	}
	return problems
}
