package query

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
)

// Limits of a describe. The default page (A0030), the code for a number outside of the
// range (A0031) and the numbers of filters (A0089) are assumptions.
const (
	minResults      = 5
	maxResults      = 1000
	maxFilters      = 50
	maxFilterValues = 200
)

// Listing is the conditions of a describe, and the page that it asks for.
type Listing struct {
	conditions []condition
	limit      int
	After      string // the position of the last item of the page before
	binding    string // what a token is bound to: the rest of the request
}

// condition is met by an object that has one of the values.
type condition struct {
	name   string
	values []string
}

// Listing reads the filters and the page of a describe. The code for a token of
// another request is an assumption (A0034).
func (q *Query) Listing() Listing {
	l := Listing{limit: maxResults, binding: q.binding()}
	l.conditions = q.conditions()
	if n := q.Int("MaxResults"); n != nil {
		l.limit = *n
		if *n < minResults || *n > maxResults {
			q.Fail(InvalidValue("MaxResults", fmt.Sprint(*n), fmt.Sprintf("Write a number from %d to %d.", minResults, maxResults)))
		}
	}
	if token := q.Text("NextToken"); token != "" {
		after, ok := readPageToken(token, l.binding)
		if !ok {
			q.Fail(Refuse("InvalidNextToken", "The token '%s' is not valid for this request", token))
		}
		l.After = after
	}
	return l
}

// Unpaged reads the filters of a describe that has no pages.
func (q *Query) Unpaged() Listing { return Listing{conditions: q.conditions(), limit: math.MaxInt} }

// conditions reads the filters of a describe. A filter without values is refused
// (A0035).
func (q *Query) conditions() []condition {
	var read []condition
	values := 0
	for _, member := range q.Members("Filter") {
		c := condition{q.NeedText(member + ".Name"), q.List(member + ".Value")}
		if len(c.values) == 0 {
			q.Fail(Missing(member + ".Value.1"))
		}
		values += len(c.values)
		read = append(read, c)
	}
	if len(read) > maxFilters || values > maxFilterValues {
		q.Fail(Refuse("FilterLimitExceeded", "The request has %d filters with %d values. It can have %d filters with %d values.", len(read), values, maxFilters, maxFilterValues))
	}
	return read
}

// Require adds a condition to those of the request.
func (l *Listing) Require(name string, values ...string) {
	l.conditions = append(l.conditions, condition{name, values})
}

// Allow refuses filters whose names are not in the list (A0032). With byTag, filters
// tag:KEY are allowed too.
func (l Listing) Allow(q *Query, names []string, byTag bool) {
	for _, c := range l.conditions {
		tag := strings.HasPrefix(c.name, "tag:") && c.name != "tag:"
		if slices.Contains(names, c.name) || tag && byTag {
			continue
		}
		q.Fail(Refuse("InvalidParameterValue", "The filter '%s' is invalid", c.name))
	}
}

// Matches reports whether an object meets every condition. Values returns the values of
// a filter.
func (l Listing) Matches(values func(name string) []string) bool {
	for _, c := range l.conditions {
		if !c.matches(values(c.name)) {
			return false
		}
	}
	return true
}

func (c condition) matches(values []string) bool {
	return slices.ContainsFunc(c.values, func(pattern string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return matchPattern(pattern, v) })
	})
}

// matchPattern matches * with any text and ? with any character. A backslash makes them
// ordinary characters. It goes back only to the last *, so that no pattern takes more
// than len(pattern) * len(text) steps.
func matchPattern(pattern, text string) bool {
	p, s := []rune(pattern), []rune(text)
	i, j := 0, 0
	star, mark := -1, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
			continue
		case i+1 < len(p) && p[i] == '\\' && p[i+1] == s[j]:
			i, j = i+2, j+1
			continue
		case i < len(p) && (p[i] == '?' || p[i] == s[j]) && p[i] != '\\':
			i, j = i+1, j+1
			continue
		case star < 0:
			return false
		}
		mark++
		i, j = star+1, mark
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// isLiteral reports whether a pattern matches its own text and nothing else.
func isLiteral(pattern string) bool { return !strings.ContainsAny(pattern, `*?\`) }

// Literals returns the values of a filter, if the listing has the filter and none of
// its values is a pattern.
func (l Listing) Literals(name string) ([]string, bool) {
	for _, c := range l.conditions {
		if c.name == name && !slices.ContainsFunc(c.values, func(v string) bool { return !isLiteral(v) }) {
			return c.values, true
		}
	}
	return nil, false
}

// A page token is the last position of a page, and a hash of the rest of the request,
// so that it is valid for no other request.
func (q *Query) binding() string {
	sum := sha256.Sum256([]byte(q.Action + q.Hash("NextToken", "MaxResults", "DryRun")))
	return string(sum[:12])
}

func pageToken(binding, position string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(binding + position))
}

func readPageToken(token, binding string) (position string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	position, ok = strings.CutPrefix(string(text), binding)
	return position, ok && position != ""
}

// WritePage writes a page of the items that match, and the token of the next page if
// there is one. Items must be in the order of their positions.
func WritePage[T any](x *Writer, l Listing, set string, items iter.Seq2[string, T], match func(T) bool, write func(T)) {
	n, last, more := 0, "", false
	x.Open(set)
	for position, item := range items {
		if !match(item) {
			continue
		}
		if n == l.limit {
			more = true
			break
		}
		x.In("item", func() { write(item) })
		n, last = n+1, position
	}
	x.Close(set)
	if more {
		x.Text("nextToken", pageToken(l.binding, last))
	}
}
