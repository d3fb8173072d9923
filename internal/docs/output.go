package docs

import (
	"fmt"
	"regexp"
	"strings"
)

// What differs from run to run, and how it is written before two outputs are compared.
var varying = []struct {
	form  *regexp.Regexp
	plain string
}{
	{regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`), ""},
	{regexp.MustCompile(`(?m)^[│╷╵] ?`), ""},
	{regexp.MustCompile(`\b(tmt|tmf|tmfr|tms|sg)-[0-9a-f]{8,17}\b`), "$1-ID"},
	{regexp.MustCompile(`\b(loadbalancer/(?:net|gwy)/[\w-]+)/[0-9a-f]{16}\b`), "$1/ID"},
	{regexp.MustCompile(`\b(targetgroup/[\w-]+)/[0-9a-f]{16}\b`), "$1/ID"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d| UTC)?`), "TIME"},
	{regexp.MustCompile(`(^|[\s"'=(])(/[\w.@+-]+)+/([\w.@+-]+)`), "$1/PATH/$3"},
	{regexp.MustCompile(`\b127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`\bafter \d+s\b`), "after 0s"},
	{regexp.MustCompile(`\[\d+s elapsed\]`), "[0s elapsed]"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ms|µs) `), "TIME "},
	{regexp.MustCompile(`\bOpenTofu\b`), "Terraform"},
	{regexp.MustCompile(`\btofu `), "terraform "},
}

// A word is a word of an output. begins is set for the first word of a line.
type word struct {
	text   string
	begins bool
}

// plainWords returns the words of an output, without what differs from run to run.
func plainWords(output string) []word {
	for _, v := range varying {
		output = v.form.ReplaceAllString(output, v.plain)
	}
	var found []word
	for line := range strings.SplitSeq(output, "\n") {
		for i, text := range strings.Fields(line) {
			found = append(found, word{text, i == 0})
		}
	}
	return found
}

func joined(words []word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, w.text)
	}
	return strings.Join(texts, " ")
}

// matchOutput compares an output with what a page shows. A line of the page that is "..." is any
// number of lines. White space does not count, nor does what differs from run to run.
func matchOutput(shown, output string) error {
	parts := strings.Split(wildcard.ReplaceAllString("\n"+shown+"\n", "\n\x00\n"), "\x00")
	got := plainWords(output)
	for i, part := range parts {
		want := plainWords(part)
		if len(want) == 0 {
			continue
		}
		at := indexWords(got, want)
		switch {
		case at < 0:
			return mismatch(want, got)
		case i == 0 && at > 0:
			return fmt.Errorf("the output begins with %q, which the page does not show; a line %q stands for any lines", joined(got[:at]), "...")
		}
		got = got[at+len(want):]
	}
	if last := parts[len(parts)-1]; len(got) > 0 && (len(parts) == 1 || strings.TrimSpace(last) != "") {
		return fmt.Errorf("the output ends with %q, which the page does not show", joined(got))
	}
	return nil
}

var wildcard = regexp.MustCompile(`(?m)^[ \t]*\.\.\.[ \t]*$`)

// indexWords returns where want is in got first, at the beginning of a line, or -1.
func indexWords(got, want []word) int {
	for i := 0; i+len(want) <= len(got); i++ {
		if got[i].begins && samePrefix(got[i:], want) == len(want) {
			return i
		}
	}
	return -1
}

// samePrefix returns how many words are the same.
func samePrefix(a, b []word) int {
	n := 0
	for n < len(a) && n < len(b) && a[n].text == b[n].text {
		n++
	}
	return n
}

// mismatch words where the longest beginning of want that is in got ends.
func mismatch(want, got []word) error {
	best, at := 0, 0
	for i := range got {
		if n := samePrefix(got[i:], want); n > best {
			best, at = n, i
		}
	}
	const shown = 12
	follows := got[min(at+best, len(got)):]
	return fmt.Errorf("the page shows %q after %q, and the output has %q",
		joined(want[best:min(best+shown, len(want))]), joined(want[max(0, best-shown):best]), joined(follows[:min(shown, len(follows))]))
}
