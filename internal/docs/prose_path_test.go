package docs_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// machinePath is a folder of the machine of one author. "you" is the user of examples.
var machinePath = regexp.MustCompile(`(?:^|[^\w.])(/(?:home|Users)/[A-Za-z][\w-]*)|([A-Z]:\\Users\\[\w-]+)`)

var examplePaths = []string{"/home/you"}

// No file names a folder that only one machine has.
func TestMachinePaths(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{".git", "bin", "dist"}, name) || d.Name() == ".terraform"):
			return filepath.SkipDir
		case !d.Type().IsRegular() || name == ".git" || name == filepath.Join("internal", "docs", "prose_path_test.go"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(content, 0) >= 0 {
			return err
		}
		for _, found := range machinePaths(string(content)) {
			t.Errorf("%s names %s", filepath.ToSlash(name), found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func machinePaths(content string) []string {
	var found []string
	for _, m := range machinePath.FindAllStringSubmatch(content, -1) {
		if at := m[1] + m[2]; !slices.Contains(examplePaths, at) {
			found = append(found, at)
		}
	}
	return found
}

func TestMachinePaths_pattern(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]int{
		"cd /home/you/demo":             0,
		"cd /home/someone/demo":         1,
		"(/Users/someone)":              1,
		"https://example.org/home/page": 0,
		"docs/home/flow and ./home/x":   0,
		`C:\Users\someone`:              1,
		"GET /home HTTP/1.1":            0,
	} {
		if got := machinePaths(content); len(got) != want {
			t.Errorf("%s: %q, want %d", content, got, want)
		}
	}
}
