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
// of the guide is cited: by the code that assumes it, and by a test that would fail
// if it did not. Those of the dataplane, from A0100 on, need only one of the two.
func TestAssumptionsAreCited(t *testing.T) {
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
	if len(rows) < 50 {
		t.Fatalf("%s has only %d rows that look like one", guide, len(rows))
	}
	code, tests := citedAssumptions(t)
	for _, cited := range []map[string]string{code, tests} {
		for number, path := range cited {
			if !rows[number] {
				t.Errorf("%s cites %s, which %s does not have", path, number, guide)
			}
		}
	}
	for number := range rows {
		inCode, inTest := code[number] != "", tests[number] != ""
		if inCode && inTest || number >= "A0100" && (inCode || inTest) {
			continue
		}
		t.Errorf("%s has %s: cited by code %t, by a test %t", guide, number, inCode, inTest)
	}
}

// citedAssumptions returns a file for each number that a Go file mentions, apart
// for those of code and those of tests.
func citedAssumptions(t *testing.T) (code, tests map[string]string) {
	t.Helper()
	code, tests = map[string]string{}, map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || path == "assumption_test.go" {
			return err
		}
		cited := code
		if strings.HasSuffix(path, "_test.go") {
			cited = tests
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
	return code, tests
}
