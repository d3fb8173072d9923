package query

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// slowMembers looks at every parameter for each list.
func slowMembers(values map[string]string, name string) []string {
	numbers := map[int]bool{}
	for key := range values {
		rest, below := strings.CutPrefix(key, name+".")
		digits, _, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(digits)
		if below && err == nil && n >= 1 && n < 1e9 && strconv.Itoa(n) == digits {
			numbers[n] = true
		}
	}
	var names []string
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		names = append(names, fmt.Sprintf("%s.%d", name, n))
	}
	return names
}

func slowHasBelow(values map[string]string, name string) bool {
	for key := range values {
		if key == name || strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}

// The index finds what a look at every parameter finds.
func FuzzIndex(f *testing.F) {
	f.Add("A.1\nA.10\nA.2\nA.2.B\nA.1-x\nA.1/x\nA\nAB.1\nA.01\nA.0", "A")
	f.Add("A..1\nA.\n.A\n.\nA.1.1.1", "A.1")
	f.Add("A.999999999\nA.1000000000\nA.18446744073709551617\nA.+1\nA.-1\nA.1_0", "A")
	f.Add("Filter.1.Value.1\nFilter.1.Value.2\nFilter.1.Value-1\nFilter.10.Value.1", "Filter.1.Value")
	f.Fuzz(func(t *testing.T, names, name string) {
		values := map[string]string{}
		for key := range strings.SplitSeq(names, "\n") {
			values[key] = ""
		}
		q := New("A", values)
		want := slowMembers(values, name)
		got := q.Members(name)
		if len(want) <= maxMembers && !slices.Equal(got, want) {
			t.Errorf("%q in %q: members %q, want %q", name, names, got, want)
		}
		if got, want := q.HasBelow(name), slowHasBelow(values, name); got != want {
			t.Errorf("%q in %q: has below %t, want %t", name, names, got, want)
		}
	})
}

// oracle is the regular expression of a pattern.
func oracle(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '*':
			b.WriteString(".*")
		case r == '?':
			b.WriteString(".")
		case r == '\\' && i+1 == len(runes):
			b.WriteString(`[^\x00-\x{10FFFF}]`) // no character
		case r == '\\':
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

// A pattern matches what a regular expression of it matches, and takes no more steps than
// it has characters for each character of the text.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"*ab*ab", "abxabab"}, {"a*?c", "abbc"}, {`\*\?\\`, `*?\`}, {`a\`, `a\`}, {"?", "é"}, {"*日?", "a日本"}, {"", ""}, {"**", ""}, {"*?", ""}, {"a\n*", "a\nb"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if !isXMLText(text) || !isXMLText(value) || len(text) > 1000 {
			return // is refused before
		}
		got, steps := newPattern(text).match(value)
		if want := oracle(text).MatchString(value); got != want {
			t.Errorf("%q, %q: got %t, want %t", text, value, got, want)
		}
		if most := (len(text) + 2) * (len(value) + 2); steps > most {
			t.Errorf("%q, %q: %d steps, want at most %d", text, value, steps, most)
		}
		if isLiteral(text) && got != (text == value) {
			t.Errorf("%q, %q: it is literal", text, value)
		}
	})
}
