package docs_test

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// maxWords is the longest sentence that a reader in a hurry follows.
const maxWords = 35

// kind says who reads a text, and so which rules it keeps.
type kind int

const (
	guide   kind = iota // Markdown for users and contributors
	message             // a string of the program
	comment             // of a Go file
)

type finding struct {
	path    string
	line    int
	problem string
	excerpt string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.path, f.line, f.problem, f.excerpt)
}

func TestProse(t *testing.T) {
	t.Parallel()
	var all []finding
	for _, path := range proseFiles(t) {
		content, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		found, err := lint(path, string(content))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	reported := map[string]bool{} // a description is in the schema and on its page
	for _, f := range all {
		if key := f.problem + f.excerpt; !reported[key] {
			reported[key] = true
			t.Error(f)
		}
	}
}

// skipped are the folders without prose. The guides and the JSON schemas in docs/ are
// copies.
var skipped = []string{".git", "bin", "dist", "docs/guides", "docs/schemas"}

// proseFiles are the files that somebody reads, by their path below the root.
func proseFiles(t *testing.T) []string {
	t.Helper()
	paths := []string{"internal/provider/testdata/checks.txt"}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if slices.Contains(skipped, name) || d.Name() == "testdata" || d.Name() == ".terraform" {
				return filepath.SkipDir
			}
			return err
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".tf", ".tmpl", ".hcl":
			paths = append(paths, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// What is generated comes last: its source is reported.
	slices.SortStableFunc(paths, func(a, b string) int {
		return cmp.Compare(fmt.Sprint(strings.HasPrefix(a, "docs/")), fmt.Sprint(strings.HasPrefix(b, "docs/")))
	})
	return paths
}

func lint(path, content string) ([]finding, error) {
	var found []finding
	look := func(k kind, passages []passage) {
		for _, p := range passages {
			for _, f := range p.problems(k) {
				f.path = path
				found = append(found, f)
			}
		}
	}
	switch filepath.Ext(path) {
	case ".go":
		r, err := readGo(path, content)
		if err != nil {
			return nil, err
		}
		for _, s := range r.strings {
			if !strings.HasSuffix(path, "_test.go") {
				look(message, markdown(s))
			}
		}
		for _, s := range r.comments {
			look(comment, markdown(r.withoutNames(s)))
		}
	case ".tf", ".hcl":
		var r markdownReader
		for _, line := range fileText(content).split() {
			r.readHCL(line)
		}
		r.flush()
		look(guide, r.passages)
	case ".txt":
		look(message, checkTexts(fileText(content)))
	default:
		passages := markdown(fileText(content))
		if strings.HasPrefix(path, "docs/") { // the generator repeats the description there, without its markup
			passages = slices.DeleteFunc(passages, func(p passage) bool { return p.kind == "matter" })
		}
		look(guide, passages)
	}
	return found, nil
}

var checkText = regexp.MustCompile(`^    \S`)

// checkTexts are the messages of testdata/checks.txt: the lines with an indent of four.
func checkTexts(t text) []passage {
	var passages []passage
	for _, line := range t.split() {
		if checkText.MatchString(line.bytes) {
			passages = append(passages, markdown(line.slice(4, len(line.bytes)))...)
		}
	}
	return passages
}

var (
	secondStop = regexp.MustCompile(`(?:^|[^.])\.\s*\.(?:[^./\w]|$)|[!?]\.(?:\s|$)`)
	direction  = regexp.MustCompile(`(?i)\b(?:above|below)\b`)
	// limit is what above and below are followed by where they compare.
	limit = regexp.MustCompile(`(?i)\b(?:above|below) (?:\d|[/A-Z_]|at_most|the (?:limit|quota|rules)|their (?:limit|target)s?)`)
)

// problems are what a passage has that its reader trips over.
func (p passage) problems(k kind) []finding {
	var found []finding
	plain := p.plain()
	report := func(line int, at text, format string, values ...any) {
		excerpt := strings.ReplaceAll(at.bytes, linkMark, "")
		if runes := []rune(excerpt); len(runes) > 110 {
			excerpt = string(runes[:110]) + "..."
		}
		found = append(found, finding{line: line, problem: fmt.Sprintf(format, values...), excerpt: excerpt})
	}
	for _, s := range plain.sentences() {
		if n := words(s.bytes); n > maxWords {
			report(s.lines[0], s, "%d words in a sentence, more than %d", n, maxWords)
		}
		if k != comment && direction.MatchString(s.bytes) && !limit.MatchString(s.bytes) && !strings.Contains(s.bytes, linkMark) {
			report(s.lines[0], s, "above or below without a link")
		}
	}
	for _, hit := range privateHits(plain.bytes) {
		report(plain.lines[hit.at], plain.slice(max(0, hit.at-30), min(len(plain.bytes), hit.end+50)), "%q: write %s", plain.bytes[hit.at:hit.end], hit.plainer)
	}
	if k == guide && p.lacksStop() {
		report(plain.lines[0], plain, "no full stop at the end of a description")
	}
	if at := secondStop.FindStringIndex(plain.bytes); at != nil && k != comment {
		report(plain.lines[at[0]], plain.slice(max(0, at[0]-40), at[1]), "second full stop")
	}
	return found
}

var (
	argumentItem = regexp.MustCompile("^`\\w+` \\([A-Z][\\w ,]*\\) *(.*?)(?: ?\\(see \\[below for nested schema\\]\\([^)]*\\)\\))?$")
	fullStop     = regexp.MustCompile(`[.!?:][)"]*$`)
)

// lacksStop reports whether a passage is the description of a page or an argument, and
// does not end in a full stop, or in a colon before a list.
func (p passage) lacksStop() bool {
	description := p.bytes
	if m := argumentItem.FindStringSubmatch(p.bytes); m != nil && p.kind == "item" {
		description = m[1]
	} else if p.kind != "matter" {
		return false
	}
	return description != "" && !fullStop.MatchString(description)
}
