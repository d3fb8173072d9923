// Package docs reads the Markdown pages of the project, so that its tests can run
// what the pages show. It is for tests: nothing else imports it.
//
// An HTML comment on the line before a fenced block says how the block is tested: see Test.
package docs

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A Page is a Markdown file.
type Page struct {
	Path   string // below the root of the project
	Text   string
	Blocks []Block
}

// A Block is a fenced code block.
type Block struct {
	Line     int    // of its first fence, from 1
	Language string // such as "terraform"; empty if the fence has none
	Text     string // without the indentation of the fence
	Tests    []Test // what the comment before it says
}

// A Test is one directive of a comment such as <!-- test: file main.tf; fails -->.
type Test struct {
	Word     string // see words
	Argument string
}

// The words of directives, and whether each has an argument.
const (
	File      = "file"       // write the block as this file into the folder of the page
	In        = "in"         // the block is a part of this resource, or of "provider"
	Continued = "continued"  // the block adds to the configuration of the block before
	Fails     = "fails"      // the plan or the last command fails; the next text block is in the output
	Exit      = "exit"       // the last command exits with this status
	Serve     = "serve"      // the last command goes on in the background
	Needs     = "needs"      // the block needs this program, or a provider such as hashicorp/aws; terraform: not OpenTofu
	ExcerptOf = "excerpt of" // each paragraph of the block is in this file
	Long      = "long"       // the commands take minutes: make test-long runs them
	NotRun    = "not run:"   // the block is not run, with the reason
)

var words = map[string]bool{
	File: true, In: true, Continued: false, Fails: false, Exit: true, Serve: false, Needs: true, ExcerptOf: true, Long: false, NotRun: true,
}

// Has returns the argument of a directive, and whether the block has it.
func (b Block) Has(word string) (string, bool) {
	i := slices.IndexFunc(b.Tests, func(t Test) bool { return t.Word == word })
	if i < 0 {
		return "", false
	}
	return b.Tests[i].Argument, true
}

// IsTerraform reports whether the block is configuration.
func (b Block) IsTerraform() bool { return b.Language == "terraform" || b.Language == "hcl" }

// IsConsole reports whether the block has commands.
func (b Block) IsConsole() bool {
	return b.Language == "console" || b.Language == "sh" || b.Language == "shell"
}

var (
	fence     = regexp.MustCompile("^( *)(```+|~~~+)([a-zA-Z]*)(.*)$")
	directive = regexp.MustCompile(`^\s*<!-- test: (.*) -->$`)
)

// Read reads a page.
func Read(root fs.FS, name string) (Page, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return Page{}, err
	}
	blocks, err := parseBlocks(string(text))
	if err != nil {
		return Page{}, fmt.Errorf("%s:%w", name, err)
	}
	return Page{Path: name, Text: string(text), Blocks: blocks}, nil
}

// parseBlocks returns the blocks of a page. Its errors begin with the line.
func parseBlocks(text string) ([]Block, error) {
	var blocks []Block
	var open *Block
	var indent, closing string
	var tests []Test
	for i, line := range strings.Split(text, "\n") {
		if open != nil {
			if strings.TrimSpace(line) == closing {
				blocks, open = append(blocks, *open), nil
				continue
			}
			open.Text += strings.TrimPrefix(line, indent) + "\n"
			continue
		}
		if d := directive.FindStringSubmatch(line); d != nil {
			if tests != nil {
				return nil, fmt.Errorf("%d: two comments before one block; separate directives by a semicolon", i+1)
			}
			parsed, err := parseTests(d[1])
			if err != nil {
				return nil, fmt.Errorf("%d: %w", i+1, err)
			}
			tests = parsed
			continue
		}
		if f := fence.FindStringSubmatch(line); f != nil {
			open = &Block{Line: i + 1, Language: f[3], Tests: tests}
			indent, closing, tests = f[1], f[2], nil
			continue
		}
		if tests != nil {
			return nil, fmt.Errorf("%d: the comment about a test is not followed by a fenced block", i)
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%d: the block has no end", open.Line)
	}
	return blocks, nil
}

func parseTests(text string) ([]Test, error) {
	if reason, ok := strings.CutPrefix(text, NotRun); ok {
		return []Test{{NotRun, strings.TrimSpace(reason)}}, requireArgument(NotRun, reason)
	}
	var tests []Test
	for part := range strings.SplitSeq(text, ";") {
		t, err := parseTest(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return tests, nil
}

func parseTest(text string) (Test, error) {
	for word, hasArgument := range words {
		rest, ok := strings.CutPrefix(text, word)
		if !ok || rest != "" && rest[0] != ' ' {
			continue
		}
		rest = strings.TrimSpace(rest)
		if !hasArgument && rest != "" {
			return Test{}, fmt.Errorf("the directive %q has no argument, and %q follows it", word, rest)
		}
		if hasArgument {
			return Test{word, rest}, requireArgument(word, rest)
		}
		return Test{Word: word}, nil
	}
	return Test{}, fmt.Errorf("%q is no directive", text)
}

func requireArgument(word, argument string) error {
	if strings.TrimSpace(argument) == "" {
		return fmt.Errorf("the directive %q needs an argument", word)
	}
	return nil
}

// Pages returns the paths of the pages that people write: the templates of the published pages, and
// the Markdown files beside the code and the examples. The pages below docs are generated from them.
func Pages(root fs.FS) ([]string, error) {
	var pages []string
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(name)
		}
		if strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".md.tmpl") {
			pages = append(pages, name)
		}
		return nil
	})
	return pages, err
}

// skipFolder skips folders without pages that people write.
func skipFolder(name string) error {
	base := path.Base(name)
	if name == "docs" || name == "bin" || name == "dist" || base == "testdata" || base == "node_modules" {
		return fs.SkipDir
	}
	if name != "." && strings.HasPrefix(base, ".") && base != ".github" {
		return fs.SkipDir
	}
	return nil
}
