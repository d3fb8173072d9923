// Package wording writes numbers and counted things in sentences.
package wording

import (
	"strconv"
	"strings"
)

// Number is a type of whole numbers.
type Number interface{ ~int | ~int64 }

// Grouped writes a number with a comma between each three digits: "1,234".
func Grouped[N Number](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Count writes a number with a noun: "1 packet", "2,000 packets", "2 copies". The noun is in the singular.
func Count[N Number](n N, noun string) string {
	return Grouped(n) + " " + plural(n, noun)
}

// CountIs writes a number with a noun and "is" or "are".
func CountIs[N Number](n N, noun string) string {
	return Count(n, noun) + " " + Is(n)
}

// CountWas writes a number with a noun and "was" or "were".
func CountWas[N Number](n N, noun string) string {
	if n == 1 {
		return Count(n, noun) + " was"
	}
	return Count(n, noun) + " were"
}

// Is returns "is" for one thing and "are" for another number of things.
func Is[N Number](n N) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func plural[N Number](n N, noun string) string {
	switch before, ends := strings.CutSuffix(noun, "y"); {
	case n == 1:
		return noun
	case ends && !strings.HasSuffix(before, "a") && !strings.HasSuffix(before, "e"): // "copy", not "key" or "day"
		return before + "ies"
	}
	return noun + "s"
}

// List writes texts as a list in a sentence: "a", "a and b", "a, b and c".
func List(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1]
}
