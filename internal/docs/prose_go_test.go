package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// goReader collects the strings of a Go file that are prose, and its comments.
type goReader struct {
	files    *token.FileSet
	strings  []text
	comments []text
	names    map[string]bool // the identifiers of the file
}

func readGo(path, content string) (*goReader, error) {
	r := &goReader{files: token.NewFileSet(), names: map[string]bool{}}
	file, err := parser.ParseFile(r.files, path, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(file, r.visit)
	for _, group := range file.Comments {
		r.readComment(group)
	}
	return r, nil
}

func (r *goReader) line(pos token.Pos) int { return r.files.Position(pos).Line }

// visit reads what is added together as one string. What is neither a literal nor a
// sum in it is a word; the strings in it are read on their own.
func (r *goReader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.Ident:
		r.names[n.Name] = true
	case *ast.Field:
		r.readTag(n)
		n.Tag = nil
	case *ast.BinaryExpr:
		if !hasString(n) {
			return true
		}
		var t text
		r.sum(n, &t)
		r.keep(t)
		return false
	case *ast.BasicLit:
		var t text
		r.sum(n, &t)
		r.keep(t)
	}
	return true
}

// readTag reads the key doc of a tag, from which JSON schemas are made.
func (r *goReader) readTag(f *ast.Field) {
	if f.Tag == nil {
		return
	}
	if tag, err := strconv.Unquote(f.Tag.Value); err == nil {
		var t text
		t.add(reflect.StructTag(tag).Get("doc"), r.line(f.Tag.Pos()))
		r.keep(t)
	}
}

func hasString(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (hasString(e.X) || hasString(e.Y))
	case *ast.ParenExpr:
		return hasString(e.X)
	case *ast.BasicLit:
		return e.Kind == token.STRING
	}
	return false
}

func (r *goReader) sum(e ast.Expr, t *text) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		r.sum(e.X, t)
		r.sum(e.Y, t)
	case *ast.ParenExpr:
		r.sum(e.X, t)
	case *ast.BasicLit:
		r.literal(e, t)
	default:
		t.add("X", r.line(e.Pos()))
		ast.Inspect(e, r.visit)
	}
}

func (r *goReader) literal(e *ast.BasicLit, t *text) {
	value, err := strconv.Unquote(e.Value)
	if e.Kind != token.STRING || err != nil {
		return
	}
	line := r.line(e.Pos())
	for _, part := range strings.SplitAfter(value, "\n") {
		t.add(part, line)
		if e.Value[0] == '`' {
			line++
		}
	}
}

var noProse = regexp.MustCompile(`^\s*terraform|^\s*[{<\[(^]|\(\?|\\[dsw]|^(?:#|//) |%-\d+s|%\*s|(?m)^\s*(?:resource|data|provider|variable|output) "|^\s*[a-z_]+ += |" = \{`)

// keep decides what is prose: four words or more, and no code, no pattern, no table.
func (r *goReader) keep(t text) {
	if words(t.bytes) >= 4 && !noProse.MatchString(t.bytes) {
		r.strings = append(r.strings, t)
	}
}

func (r *goReader) readComment(group *ast.CommentGroup) {
	var t text
	for _, c := range group.List {
		line, s := r.line(c.Pos()), c.Text
		if strings.HasPrefix(s, "/*") {
			s = strings.TrimSuffix(s[2:], "*/")
		} else if s = strings.TrimPrefix(s[2:], " "); strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//nolint") {
			s = ""
		}
		for i, part := range strings.Split(s, "\n") {
			t.add(part+"\n", line+i)
		}
	}
	r.comments = append(r.comments, t)
}

var firstName = regexp.MustCompile(`^(?:An? |The )?([A-Za-z_]\w*)`)

// withoutNames puts the word X for an identifier of the file that begins a
// comment: it is code.
func (r *goReader) withoutNames(t text) text {
	at := firstName.FindStringSubmatchIndex(t.bytes)
	if at == nil || !r.names[t.bytes[at[2]:at[3]]] {
		return t
	}
	var out text
	out.add("X", t.lines[0])
	out.append(t.slice(at[3], len(t.bytes)))
	return out
}
