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

// assumptionTable begins a table of the guide.
const assumptionTable = "\n| number | statement | kind | source |\n|---|---|---|---|\n"

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
	rows := readAssumptions(t, guide, string(text))
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

// readAssumptions returns the numbers of the guide. It has two tables, first those that matter
// to users. Each is sorted, and a number is in one of them, once.
func readAssumptions(t *testing.T, guide, text string) map[string]bool {
	t.Helper()
	tables := strings.Split(text, assumptionTable)
	if stray := assumptionRow.FindString(tables[0]); len(tables) != 3 || stray != "" {
		t.Errorf("%s has %d tables and %q in front of them, want 2 and nothing", guide, len(tables)-1, stray)
	}
	rows := map[string]bool{}
	for i, table := range tables {
		last := ""
		for _, row := range assumptionRow.FindAllStringSubmatch(table, -1) {
			switch {
			case row[1] <= last:
				t.Errorf("%s: %s follows %s", guide, row[1], last)
			case rows[row[1]]:
				t.Errorf("%s: %s is in two tables", guide, row[1])
			}
			rows[row[1]], last = true, row[1]
		}
		if i > 0 && last == "" {
			t.Errorf("%s: table %d is empty", guide, i)
		}
	}
	return rows
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
