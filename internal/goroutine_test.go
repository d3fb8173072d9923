package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What ends a test with runtime.Goexit ends the goroutine that calls it, which has to
// be the test's own: elsewhere the test goes on, or waits for ever. go vet looks for
// this in go statements only.
var endsTheGoroutine = []string{"Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow"}

// Nothing that another goroutine runs ends a test: no go statement, nothing that is
// handed over to Go, AfterFunc or an HTTP server, no handler and no transport.
func TestNoGoroutineEndsATest(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, body := range runElsewhere(n) {
				found++
				for _, call := range endingCalls(body) {
					t.Errorf("%s: %s ends the goroutine, not the test: report with Error and return", files.Position(call.Pos()), call.Sel.Name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("no test starts a goroutine, or this one does not see it")
	}
}

// runElsewhere returns the parts of a node that another goroutine runs.
func runElsewhere(n ast.Node) (bodies []ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		return []ast.Node{n.Call}
	case *ast.CallExpr:
		f, isMethod := n.Fun.(*ast.SelectorExpr)
		if !isMethod || !slices.Contains([]string{"Go", "AfterFunc"}, f.Sel.Name) {
			return nil
		}
		for _, argument := range n.Args {
			bodies = append(bodies, argument)
		}
	case *ast.FuncDecl:
		if n.Name.Name == "ServeHTTP" || n.Name.Name == "RoundTrip" {
			return []ast.Node{n.Body}
		}
	case *ast.FuncLit:
		for _, parameter := range n.Type.Params.List {
			if kind, isSelector := parameter.Type.(*ast.SelectorExpr); isSelector && kind.Sel.Name == "ResponseWriter" {
				return []ast.Node{n.Body}
			}
		}
	}
	return bodies
}

func endingCalls(body ast.Node) (calls []*ast.SelectorExpr) {
	ast.Inspect(body, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall {
			return true
		}
		if f, isMethod := call.Fun.(*ast.SelectorExpr); isMethod && slices.Contains(endsTheGoroutine, f.Sel.Name) {
			calls = append(calls, f)
		}
		return true
	})
	return calls
}
