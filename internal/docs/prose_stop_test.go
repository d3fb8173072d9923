package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSecondStops finds a text that ends in a full stop, by its name, where a message
// adds another full stop to it.
func TestSecondStops(t *testing.T) {
	t.Parallel()
	files, err := readGoFiles(proseFiles(t), func(path string) (string, error) {
		content, err := os.ReadFile(filepath.Join(root, path))
		return string(content), err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range secondStops(files) {
		t.Error(f)
	}
}

type goFile struct {
	*goReader
	path   string
	syntax *ast.File
}

// readGoFiles parses the Go files that are no tests.
func readGoFiles(paths []string, read func(string) (string, error)) ([]goFile, error) {
	var files []goFile
	for _, path := range paths {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		content, err := read(path)
		if err != nil {
			return nil, err
		}
		r := &goReader{files: token.NewFileSet(), names: map[string]bool{}}
		syntax, err := parser.ParseFile(r.files, path, content, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, goFile{r, path, syntax})
	}
	return files, nil
}

// stopped are the names of constants and variables whose text ends in a full stop.
type stopped map[string]bool

func (s stopped) add(f goFile) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		spec, isSpec := n.(*ast.ValueSpec)
		if !isSpec || len(spec.Names) != len(spec.Values) {
			return true
		}
		for i, value := range spec.Values {
			var t text
			if hasString(value) {
				f.sum(value, &t)
			}
			if strings.HasSuffix(t.bytes, ".") {
				s[f.key(spec.Names[i].Name)] = true
			}
		}
		return true
	})
}

// key is a name as other packages write it, and with the folder for the package itself.
func (f goFile) key(name string) string {
	if ast.IsExported(name) {
		return name
	}
	return filepath.Dir(f.path) + "." + name
}

// has reports whether an expression names a text that ends in a full stop.
func (s stopped) has(f goFile, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return s[f.key(e.Name)]
	case *ast.SelectorExpr:
		return s[e.Sel.Name]
	case *ast.BinaryExpr:
		return s.has(f, e.Y)
	}
	return false
}

func secondStops(files []goFile) []finding {
	names := stopped{}
	for _, f := range files {
		names.add(f)
	}
	var found []finding
	for _, f := range files {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			for _, at := range names.stops(f, n) {
				found = append(found, finding{f.path, f.line(at.Pos()), "second full stop", "this text ends in one already"})
			}
			return true
		})
	}
	return found
}

// stops returns the texts that end in a full stop and to which a node adds one: in a sum,
// or as a value of a format.
func (s stopped) stops(f goFile, n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		var t text
		if n.Op == token.ADD && hasString(n.Y) {
			f.sum(n.Y, &t)
		}
		if strings.HasPrefix(t.bytes, ".") && s.has(f, n.X) {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		return s.stopsOfCall(f, n)
	}
	return nil
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+ #0]*[\d.]*([a-zA-Z%])(\.(?:\s|$))?`)

// stopsOfCall looks at the first string of a call as a format of the values after it.
func (s stopped) stopsOfCall(f goFile, call *ast.CallExpr) []ast.Expr {
	i := slices.IndexFunc(call.Args, hasString)
	if i < 0 {
		return nil
	}
	var format text
	f.sum(call.Args[i], &format)
	values := call.Args[i+1:]
	var found []ast.Expr
	next := 0
	for _, m := range verb.FindAllStringSubmatch(format.bytes, -1) {
		if m[2] == "%" {
			continue
		}
		if n, err := strconv.Atoi(m[1]); err == nil {
			next = n - 1
		}
		if m[3] != "" && next < len(values) && s.has(f, values[next]) {
			found = append(found, values[next])
		}
		next++
	}
	return found
}

func TestSecondStops_forms(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		`fmt.Sprintf("It is so: %s.", advice)`:             1,
		`fmt.Sprintf("It is so: %s", advice)`:              0,
		`fmt.Sprintf("%s: %s. Plan again.", name, advice)`: 1,
		`fmt.Sprintf("%[2]s. %[1]s", name, advice)`:        1,
		`fmt.Sprintf("%s: %s.", advice, name)`:             0,
		`fmt.Sprintf("100%% %s.", advice)`:                 1,
		`name + ": " + advice + "."`:                       1,
		`advice + " " + name + "."`:                        0,
		`other.Advice + ". Plan again."`:                   1,
		`"Sum " + advice`:                                  0,
	} {
		content := "package a\nconst advice, name, Advice = \"Do \" + \"this.\", \"that\", `There.`\nvar _ = " + code
		files, err := readGoFiles([]string{"a/a.go"}, func(string) (string, error) { return content, nil })
		if err != nil {
			t.Fatal(err)
		}
		if got := secondStops(files); len(got) != want || want == 1 && got[0].line != 3 {
			t.Errorf("%s: %v, want %d", code, got, want)
		}
	}
}
