package docs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"two":               {"One. Two.", []string{"One.", "Two."}},
		"no stop":           {"One. Two", []string{"One.", "Two"}},
		"lines":             {"One\nis this. Two.", []string{"One is this.", "Two."}},
		"lower case":        {"It ends. name is \"a\".", []string{"It ends.", `name is "a".`}},
		"abbreviations":     {"Some, e.g. this, i.e. that etc. and more.", []string{"Some, X this, X that X and more."}},
		"versions":          {"Use 1.11.4 or v2.0. Not 1.10.", []string{"Use 1.11.4 or v2.0.", "Not 1.10."}},
		"names":             {"Open main.tf at docs.aws.amazon.com now.", []string{"Open main.tf at docs.aws.amazon.com now."}},
		"code with dots":    {"Set `a.b. c` and ``d. `e` ``. Then go.", []string{"Set X and X.", "Then go."}},
		"a link":            {"See [a guide](b.md#c). Go.", []string{"See a guide^.", "Go."}},
		"bare link":         {"See https://a.example/b.c?d=e. Go.", []string{"See X.", "Go."}},
		"parentheses":       {"One (it is one.) Two. (Three.)", []string{"One (it is one.)", "Two.", "(Three.)"}},
		"quotes":            {`It is "one." It is two.`, []string{`It is "one."`, "It is two."}},
		"question":          {"Why? Because!", []string{"Why?", "Because!"}},
		"list":              {"Two:\n- One. And\n  more.\n- Two", []string{"Two:", "One.", "And more.", "Two"}},
		"numbers":           {"1. One\n2. Two. Three", []string{"One", "Two.", "Three"}},
		"cells":             {"| A. B | `c | d` |\n|---|---|\n| E \\| F | g |", []string{"A.", "B", "X", "E | F", "g"}},
		"heading":           {"# A title\nText", []string{"A title", "Text"}},
		"bold":              {"**One. Two** three.", []string{"One.", "Two three."}},
		"format":            {"%s is %q. %[2]d is more.", []string{"X is X.", "X is more."}},
		"fence":             {"One:\n\n```text\nNot. This.\n```\n\nTwo.", []string{"One:", "Two."}},
		"comments of HCL":   {"```terraform\n# One. Two\n# three.\na = 1 # four\n```", []string{"One.", "Two three.", "four"}},
		"HTML comment":      {"<!-- Not. This. -->\nOne.", []string{"One."}},
		"front matter":      {"---\npage_title: \"Not this\"\ndescription: |-\n  One. Two.\n---\nThree.", []string{"One.", "Two.", "Three."}},
		"template":          {"{{ .Name }}\nOne {{ .Two }} three.", []string{"One  three."}},
		"code by an indent": {"One:\n\n    not. this.\n\nTwo.", []string{"One:", "Two."}},
		"callout":           {"~> One. Two.", []string{"One.", "Two."}},
		"ellipsis":          {"The ID, tms-..., is new. Go.", []string{"The ID, tms-..., is new.", "Go."}},
	} {
		var got []string
		for _, p := range markdown(fileText(test.text)) {
			for _, s := range p.plain().sentences() {
				got = append(got, s.bytes)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                        0,
		"one two":                 2,
		"one - two = three":       3,
		"10.0.0.0/8 { } \"a\" 1%": 3,
		"don't re-use it (ever)":  4,
	} {
		if got := words(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("word ", 36))
	for name, test := range map[string]struct {
		path, content string
		want          []string // line and problem
	}{
		"long":                      {"a.md", "# A\n\nShort.\nAnd " + long + ".\n", []string{"4: 37 words"}},
		"as long as it may be":      {"a.md", long[5:] + ".", nil},
		"private word":              {"a.md", "One.\n\nNothing\nstands here.", []string{`4: "stands"`}},
		"allowed word":              {"a.md", "X stands for something. Check the spelling.", nil},
		"word in code":              {"a.md", "Run `stands`.", nil},
		"below":                     {"a.md", "See below.", []string{"1: above or below"}},
		"below with a link":         {"a.md", "See [below](#x).", nil},
		"below a number":            {"a.md", "It is below 5 and above `max`.", nil},
		"second stop":               {"a.md", "It ends.. So. . Or yet!.", []string{"1: second"}},
		"no second stop":            {"a.md", "The ID `tms-...`. Wait ... and go. From 1 to ...", nil},
		"front matter without stop": {"a.md", "---\ndescription: |-\n  No stop\n---\n", []string{"3: no full stop"}},
		"argument without stop":     {"docs/a.md", "- `a` (String) No stop\n- `b` (String) Stop.\n- `c` (Attributes) Stop. (see [below for nested schema](#x))\n- `d` (String)", []string{"1: no full stop"}},
		"string":                    {"a.go", "package a\n\nvar a = f(\"It says \" +\n\t\"that it stands here.\", \"b\")", []string{`4: "stands"`}},
		"string with a value":       {"a.go", "package a\nvar a = \"It is \" + f(\"nothing that stands here\") + \" here\"", []string{`2: "stands"`}},
		"raw string":                {"a.go", "package a\nvar a = `One line.\nAnother line stands here.`", []string{`3: "stands"`}},
		"string of a test":          {"a_test.go", "package a\nvar a = \"It is this that stands here.\"", nil},
		"code in a string":          {"a.go", "package a\nvar a, b = `resource \"stands\" \"a\" { b = 1 }`, \"stands\"", nil},
		"tag":                       {"a.go", "package a\ntype a struct {\n\tb int `json:\"b\" doc:\"It is this that stands here.\"`\n}", []string{`3: "stands"`}},
		"comment":                   {"a_test.go", "package a\n\n// One.\n// It stands here, see below.\nvar a int", []string{`4: "stands"`}},
		"name in a comment":         {"a.go", "package a\n\n// stands is a name.\nvar stands int", nil},
		"code in a comment":         {"a.go", "package a\n\n// As here:\n//\n//\ta.stands()\nvar a int", nil},
		"comment of HCL":            {"a.tf", "a = 1\n# It stands\nb = 2 // and tells", []string{`2: "stands"`, `3: "tells"`}},
		"checks":                    {"checks.txt", "plan stands\n  error at tells: It stands\n    It stands here.", []string{`3: "stands"`}},
	} {
		found, err := lint(test.path, test.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		same := len(found) == len(test.want)
		for i := 0; same && i < len(found); i++ {
			same = found[i].path == test.path && strings.HasPrefix(fmt.Sprintf("%d: %s", found[i].line, found[i].problem), test.want[i])
		}
		if !same {
			t.Errorf("%s: %v, want %q", name, found, test.want)
		}
	}
}
