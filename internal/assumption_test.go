package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	assumptionRow = regexp.MustCompile(`(?m)^\| (A0\d{3}) \|`)
	assumption    = regexp.MustCompile(`\bA0\d{3}\b`)
)

// Every assumption that code or a test cites is a line of the guide, and every line
// of the guide is cited.
func TestAssumptions(t *testing.T) {
	t.Parallel()
	const guide = "../templates/guides/assumptions.md"
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	rows, last := map[string]bool{}, ""
	for _, row := range assumptionRow.FindAllStringSubmatch(string(text), -1) {
		if row[1] <= last {
			t.Errorf("%s: %s follows %s", guide, row[1], last)
		}
		rows[row[1]], last = true, row[1]
	}
	cited := citedAssumptions(t)
	for number, path := range cited {
		if !rows[number] {
			t.Errorf("%s cites %s, which %s does not have", path, number, guide)
		}
	}
	for number := range rows {
		if cited[number] == "" {
			t.Errorf("%s has %s, which no code cites", guide, number)
		}
	}
}

// citedAssumptions returns a file for each number that a Go file mentions.
func citedAssumptions(t *testing.T) map[string]string {
	t.Helper()
	cited := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || path == "assumption_test.go" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, number := range assumption.FindAllString(string(text), -1) {
			cited[number] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return cited
}
