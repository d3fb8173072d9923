package query

import (
	"strings"
	"unicode/utf8"
)

// Parts of a pattern that are no ordinary characters.
const (
	anyText rune = -1 - iota
	oneCharacter
	noCharacter
)

// pattern is a value of a filter: * is any text, and ? any character (A0135). A
// backslash makes them ordinary characters.
type pattern []rune

func newPattern(text string) pattern {
	p := make(pattern, 0, len(text))
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '*':
			r = anyText
		case r == '?':
			r = oneCharacter
		}
		p = append(p, r)
	}
	if escaped {
		p = append(p, noCharacter)
	}
	return p
}

// isLiteral reports whether a pattern matches its own text and nothing else.
func isLiteral(text string) bool { return !strings.ContainsAny(text, `*?\`) }

// match reports whether a text matches, and in how many steps it found out. It goes back
// only to the last *, so that these are at most len(p) * len(text).
func (p pattern) match(text string) (ok bool, steps int) {
	i, j := 0, 0
	star, mark := -1, 0
	steps = 1
	for j < len(text) {
		steps++
		r, size := utf8.DecodeRuneInString(text[j:])
		switch {
		case i < len(p) && p[i] == anyText:
			star, mark = i, j
			i++
			continue
		case i < len(p) && (p[i] == oneCharacter || p[i] == r):
			i, j = i+1, j+size
			continue
		case star < 0:
			return false, steps
		}
		_, size = utf8.DecodeRuneInString(text[mark:])
		mark += size
		i, j = star+1, mark
	}
	for ; i < len(p) && p[i] == anyText; steps++ {
		i++
	}
	return i == len(p), steps
}

// condition is met by an object that has one of the values.
type condition struct {
	name     string
	values   []string // each once
	literals map[string]bool
	patterns []pattern
}

func newCondition(name string, values []string) condition {
	c := condition{name: name, literals: map[string]bool{}}
	seen := map[string]bool{}
	for _, v := range values {
		if seen[v] {
			continue
		}
		seen[v] = true
		c.values = append(c.values, v)
		if isLiteral(v) {
			c.literals[v] = true
		} else {
			c.patterns = append(c.patterns, newPattern(v))
		}
	}
	return c
}

// matches reports whether one of the values meets the condition. It stops when the steps
// are used up.
func (c condition) matches(values []string, steps *int) bool {
	for _, v := range values {
		if c.literals[v] {
			return true
		}
	}
	for _, v := range values {
		for _, p := range c.patterns {
			ok, n := p.match(v)
			*steps -= n
			if ok || *steps < 0 {
				return ok
			}
		}
	}
	return false
}
