package internal_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var quotedPath = regexp.MustCompile("`([a-z0-9_/]+(?:\\.go)?)`")

// README.md of this folder lists every package of the import table, and each file that it
// names exists.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	prose, table, found := strings.Cut(string(text), "\n## The folders\n")
	if !found {
		t.Fatal("README.md has no table of folders")
	}
	var listed []string
	for _, row := range strings.Split(table, "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
		for _, name := range quotedPath.FindAllStringSubmatch(first, -1) {
			listed = append(listed, name[1])
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(imports)) {
		if n := len(slices.DeleteFunc(slices.Clone(listed), func(name string) bool { return name != folder })); n != 1 {
			t.Errorf("README.md lists the folder %s %d times", folder, n)
		}
	}
	for _, name := range listed {
		if _, known := imports[name]; !known && name != "tools" && name != "docs" {
			t.Errorf("README.md lists %s, which is not in the import table", name)
		}
	}
	files := 0
	for _, name := range quotedPath.FindAllStringSubmatch(prose, -1) {
		if !strings.ContainsAny(name[1], "/.") {
			continue
		}
		files++
		if _, err := os.Stat(filepath.FromSlash(name[1])); err != nil {
			t.Errorf("README.md names a file that does not exist: %v", err)
		}
	}
	if files < 10 {
		t.Errorf("only %d names of files were found", files)
	}
}
