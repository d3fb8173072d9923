package emulator

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// query reads the parameters of one request. It keeps the first error, so that a
// caller reads all that it needs and asks once; and it remembers what was read,
// so that what nobody asked for can be refused.
type query struct {
	values map[string]string
	read   map[string]bool
	err    error
}

func newQuery(values map[string]string) *query {
	return &query{values: values, read: map[string]bool{}}
}

func (q *query) fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

// check keeps the first of the problems that is an error.
func (q *query) check(ps mirror.Problems) { q.fail(refuseProblems(ps)) }

// finish returns the first error, and otherwise refuses a parameter that nobody
// asked for.
func (q *query) finish() error {
	if q.err != nil {
		return q.err
	}
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		if !q.read[name] {
			return refuse("UnknownParameter", "The parameter %s is not recognized", name)
		}
	}
	return nil
}

func (q *query) has(name string) bool {
	_, given := q.values[name]
	return given
}

// hasBelow reports whether the parameter is given, or a part of it.
func (q *query) hasBelow(name string) bool {
	for key := range q.values {
		if key == name || strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}

// str returns a parameter's text, "" if it is not given. An empty text is one
// that is not given (A0014).
func (q *query) str(name string) string {
	q.read[name] = true
	return q.values[name]
}

func (q *query) needStr(name string) string {
	text := q.str(name)
	if text == "" {
		q.fail(missing(name))
	}
	return text
}

// optStr tells a text that is given, be it empty, from one that is not.
func (q *query) optStr(name string) *string {
	if !q.has(name) {
		return nil
	}
	return new(q.str(name))
}

func (q *query) int(name string) *int {
	if !q.has(name) {
		return nil
	}
	text := q.str(name)
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		q.fail(invalidValue(name, text, "Write a whole number."))
		return nil
	}
	return new(int(n))
}

func (q *query) needInt(name string) int {
	n := q.int(name)
	if n == nil {
		q.fail(missing(name))
		return 0
	}
	return *n
}

func (q *query) optBool(name string) *bool {
	if !q.has(name) {
		return nil
	}
	switch text := q.str(name); text {
	case "true":
		return new(true)
	case "false":
		return new(false)
	default:
		q.fail(invalidValue(name, text, "Write true or false."))
		return nil
	}
}

func (q *query) bool(name string) bool {
	b := q.optBool(name)
	return b != nil && *b
}

// prefix reads a CIDR block. Host bits are left to the check of the whole, which
// refuses them (A0068).
func (q *query) prefix(name string) netip.Prefix {
	text := q.needStr(name)
	if text == "" {
		return netip.Prefix{}
	}
	prefix, ps := mirror.ParseCIDR(name, text)
	q.check(ps)
	return prefix
}

func (q *query) optPrefix(name string) *netip.Prefix {
	if !q.has(name) {
		return nil
	}
	return new(q.prefix(name))
}

// members returns the numbered parameters below name, in the order of their
// numbers: for "Filter", the names "Filter.1", "Filter.2". The numbers begin at 1
// and may have gaps (A0015).
func (q *query) members(name string) []string {
	numbers := map[int]bool{}
	for key := range q.values {
		rest, below := strings.CutPrefix(key, name+".")
		digits, _, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(digits)
		if below && err == nil && n >= 1 && strconv.Itoa(n) == digits {
			numbers[n] = true
		}
	}
	var names []string
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		names = append(names, fmt.Sprintf("%s.%d", name, n))
	}
	return names
}

// list reads a numbered list of texts: Name.1, Name.2.
func (q *query) list(name string) []string {
	var texts []string
	for _, member := range q.members(name) {
		if q.has(member) {
			texts = append(texts, q.str(member))
		}
	}
	return texts
}
