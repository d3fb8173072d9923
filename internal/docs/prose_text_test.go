package docs_test

import (
	"regexp"
	"strings"
)

// text is a piece of a file, with the line of each of its bytes.
type text struct {
	bytes string
	lines []int
}

func (t *text) add(s string, line int) {
	t.bytes += s
	for range len(s) {
		t.lines = append(t.lines, line)
	}
}

func (t *text) append(other text) {
	t.bytes += other.bytes
	t.lines = append(t.lines, other.lines...)
}

func (t text) slice(from, to int) text {
	return text{t.bytes[from:to], t.lines[from:to]}
}

// fileText is a text whose first line is that of the file.
func fileText(content string) text {
	var t text
	for i, line := range strings.SplitAfter(content, "\n") {
		t.add(line, i+1)
	}
	return t
}

// split cuts a text after each newline, which it drops.
func (t text) split() []text {
	var lines []text
	for from := 0; from < len(t.bytes); {
		n := strings.IndexByte(t.bytes[from:], '\n')
		if n < 0 {
			return append(lines, t.slice(from, len(t.bytes)))
		}
		lines = append(lines, t.slice(from, from+n))
		from += n + 1
	}
	return lines
}

// trim drops white space at both ends.
func (t text) trim() text {
	from := len(t.bytes) - len(strings.TrimLeft(t.bytes, " \t\r\n"))
	to := max(from, len(strings.TrimRight(t.bytes, " \t\r\n")))
	return t.slice(from, to)
}

// markup is what a reader does not see as words: the first group is kept, the rest is
// replaced by the second field.
var markup = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile("``.+?``|`[^`]*`"), "X"},
	{regexp.MustCompile(`<!--.*?-->|\{\{.*?\}\}`), ""},
	{regexp.MustCompile(`</?[a-z][a-z0-9]*(?: [^>]*)?/?>`), ""},
	{regexp.MustCompile(`!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`), "LINK"},
	{regexp.MustCompile(`<?https?://[^\s)>"]+[^\s)>".,;:]>?`), "X"},
	{regexp.MustCompile(`%(?:\[\d+\])?[-+ #0]*[\d.*]*[a-zA-Z]`), "X"},
	{regexp.MustCompile(`\*\*|__|\\`), ""},
	{regexp.MustCompile(`\b(?:e\.g|i\.e|etc|vs|cf|no|Inc|St)\.(?:[ ,)])`), "X "},
}

// plain replaces code by the word X, keeps the text of links, which it marks with a
// caret, and drops other markup.
func (t text) plain() text {
	for _, m := range markup {
		var out text
		from := 0
		for _, at := range m.pattern.FindAllStringSubmatchIndex(t.bytes, -1) {
			out.append(t.slice(from, at[0]))
			switch line := t.lines[at[0]]; m.with {
			case "LINK":
				out.append(t.slice(at[2], at[3]))
				out.add(linkMark, line)
			default:
				out.add(m.with, line)
			}
			from = at[1]
		}
		out.append(t.slice(from, len(t.bytes)))
		t = out
	}
	return t
}

// linkMark follows the text of a link.
const linkMark = "^"

// sentenceEnd is a full stop and what may close with it, before white space or the end.
// A full stop within a word, as in a version, a file name or an address, ends nothing.
var sentenceEnd = regexp.MustCompile(`[.!?]+[)\]"'^*]*(?:\s+|$)`)

// sentences cuts a plain text. The number of a list item ends nothing.
func (t text) sentences() []text {
	var found []text
	from := 0
	for _, at := range sentenceEnd.FindAllStringIndex(t.bytes, -1) {
		if listNumber.MatchString(t.bytes[from:at[1]]) {
			continue
		}
		found = append(found, t.slice(from, at[1]).trim())
		from = at[1]
	}
	if rest := t.slice(from, len(t.bytes)).trim(); rest.bytes != "" {
		found = append(found, rest)
	}
	return found
}

var (
	listNumber = regexp.MustCompile(`^\s*\d+\.\s*$`)
	wordToken  = regexp.MustCompile(`\S*[\pL\pN]\S*`)
)

// words counts the tokens that have a letter or a digit.
func words(s string) int { return len(wordToken.FindAllString(s, -1)) }
