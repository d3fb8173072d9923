package docs

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseBlocks(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{
		"# Page", "", "<!-- test: file main.tf; needs aws -->", "```terraform", "a = 1", "```", "",
		"- item", "", "  ```console", "  $ ls", "    x", "  ```", "```", "plain", "```", "<!-- test: not run: no; really -->", "```sh", "rm", "```",
	}, "\n")
	got, err := parseBlocks(text)
	want := []Block{
		{Line: 4, Language: "terraform", Text: "a = 1\n", Tests: []Test{{File, "main.tf"}, {Needs, "aws"}}},
		{Line: 10, Language: "console", Text: "$ ls\n  x\n"},
		{Line: 14, Text: "plain\n"},
		{Line: 18, Language: "sh", Text: "rm\n", Tests: []Test{{NotRun, "no; really"}}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for text, want := range map[string]string{
		"```\na":                                               "1: the block has no end",
		"<!-- test: fails -->\n\n```\n```":                     "1: the comment about a test is not followed",
		"<!-- test: flies -->\n```\n```":                       `1: "flies" is no directive`,
		"<!-- test: file -->\n```\n```":                        `1: the directive "file" needs an argument`,
		"<!-- test: fails 2 -->\n```\n```":                     `1: the directive "fails" has no argument`,
		"<!-- test: not run: -->\n```\n```":                    `1: the directive "not run:" needs an argument`,
		"<!-- test: fails -->\n<!-- test: fails -->\n```\n```": "2: two comments before one block",
	} {
		if _, err := parseBlocks(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
