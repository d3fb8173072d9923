package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	assumptionRow = regexp.MustCompile(`(?m)^\| (A0\d{3}) \|`)
	assumption    = regexp.MustCompile(`A0\d{3}`)
)

// untestable are the assumptions without a behaviour that a test could miss.
var untestable = map[string]string{
	"A0113": "it says which packets a capture holds; the simulator has no security groups and no network ACLs",
}

// Every assumption of the guide has a test that names it in a string or in its own
// name. A string is the name of a subtest, a row of a table or the message of a failure,
// for example. A comment is not enough. The code that assumes something cites it
// too; for the dataplane, from A0100 on, the verdict does.
func TestAssumptionsHaveTests(t *testing.T) {
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
	cited := readCitations(t)
	for _, places := range []map[string]string{cited.code, cited.tests, cited.comments} {
		for number, path := range places {
			if !rows[number] {
				t.Errorf("%s cites %s, which %s does not have", path, number, guide)
			}
		}
	}
	for _, number := range slices.Sorted(maps.Keys(rows)) {
		_, excused := untestable[number]
		switch named := cited.tests[number]; {
		case named == "" && !excused:
			t.Errorf("%s has %s, which no test names in a string or in its own name", guide, number)
		case named != "" && excused:
			t.Errorf("%s tests %s, which is listed as untestable", named, number)
		}
		if cited.code[number] == "" && number < "A0100" {
			t.Errorf("%s has %s, which no code cites", guide, number)
		}
	}
	for number := range untestable {
		if !rows[number] {
			t.Errorf("%s is listed as untestable, and %s does not have it", number, guide)
		}
	}
}

// citations are the files that mention a number, by the number.
type citations struct {
	code     map[string]string // anywhere in what is no test
	tests    map[string]string // in a string or in the name of a test
	comments map[string]string // in a comment of a test
}

func readCitations(t *testing.T) citations {
	t.Helper()
	c := citations{map[string]string{}, map[string]string{}, map[string]string{}}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || path == "assumption_test.go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, "_test.go") {
			return c.readTest(path, text)
		}
		note(c.code, path, string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c citations) readTest(path string, text []byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range file.Comments {
		note(c.comments, path, group.Text())
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			note(c.tests, path, n.Value)
		case *ast.FuncDecl:
			if strings.HasPrefix(n.Name.Name, "Test") {
				note(c.tests, path, n.Name.Name)
			}
		}
		return true
	})
	return nil
}

// note remembers the file for each number in the text.
func note(places map[string]string, path, text string) {
	for _, number := range assumption.FindAllString(text, -1) {
		places[number] = filepath.ToSlash(path)
	}
}
