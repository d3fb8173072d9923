package query

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Query is one request: an action and its parameters.
type Query struct {
	Action string
	Parameters
}

// New returns the request of an action.
func New(action string, values map[string]string) *Query {
	return &Query{Action: action, Parameters: Parameters{values: values, names: newIndex(values), read: map[string]bool{}}}
}

// Parameters reads the parameters of one request. It keeps the first error, so that a
// caller can read all parameters before it checks. It also remembers which parameters
// were read, so that Finish can refuse the others.
type Parameters struct {
	values map[string]string
	names  index
	read   map[string]bool
	err    error
}

// Fail keeps an error, if it is the first one.
func (q *Parameters) Fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

// Check keeps the first problem that is an error.
func (q *Parameters) Check(ps mirror.Problems) { q.Fail(RefuseProblems(ps)) }

// Finish returns the first error. Without one, it refuses a parameter that was not
// read.
func (q *Query) Finish() error {
	if q.err != nil {
		return q.err
	}
	for _, name := range q.names {
		if !q.read[name] {
			return Refuse("UnknownParameter", "The parameter %s is not recognized", shortened(name))
		}
	}
	return nil
}

// Has reports whether a parameter is given.
func (q *Parameters) Has(name string) bool {
	_, given := q.values[name]
	return given
}

// HasBelow reports whether a parameter or a part of it is given.
func (q *Parameters) HasBelow(name string) bool {
	return q.Has(name) || len(q.names.below(name)) > 0
}

// Text returns the text of a parameter, "" if it is not given. An empty text is the
// same as none (A0014).
func (q *Parameters) Text(name string) string {
	q.read[name] = true
	return q.values[name]
}

// NeedText returns a parameter that must be given.
func (q *Parameters) NeedText(name string) string {
	text := q.Text(name)
	if text == "" {
		q.Fail(Missing(name))
	}
	return text
}

// OptText returns nil for a parameter that is not given. An empty text is not nil.
func (q *Parameters) OptText(name string) *string {
	if !q.Has(name) {
		return nil
	}
	return new(q.Text(name))
}

// Int returns a number, or nil where it is not given.
func (q *Parameters) Int(name string) *int {
	if !q.Has(name) {
		return nil
	}
	text := q.Text(name)
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		q.Fail(InvalidValue(name, text, "Write a whole number."))
		return nil
	}
	return new(int(n))
}

// NeedInt returns a number that must be given. An empty text is none (A0014).
func (q *Parameters) NeedInt(name string) int {
	if q.NeedText(name) == "" {
		return 0
	}
	n := q.Int(name)
	if n == nil {
		return 0
	}
	return *n
}

// OptBool returns a truth value, or nil where it is not given.
func (q *Parameters) OptBool(name string) *bool {
	if !q.Has(name) {
		return nil
	}
	switch text := q.Text(name); text {
	case "true":
		return new(true)
	case "false":
		return new(false)
	default:
		q.Fail(InvalidValue(name, text, "Write true or false."))
		return nil
	}
}

// Bool returns a truth value, false where it is not given.
func (q *Parameters) Bool(name string) bool {
	b := q.OptBool(name)
	return b != nil && *b
}

// Prefix reads a CIDR block. It accepts host bits: the check of the whole object
// refuses them (A0068).
func (q *Parameters) Prefix(name string) netip.Prefix {
	text := q.NeedText(name)
	if text == "" {
		return netip.Prefix{}
	}
	prefix, ps := mirror.ParseCIDR(name, text)
	q.Check(ps)
	return prefix
}

// OptPrefix returns a CIDR block, or nil where it is not given.
func (q *Parameters) OptPrefix(name string) *netip.Prefix {
	if !q.Has(name) {
		return nil
	}
	return new(q.Prefix(name))
}

// maxMembers is how many members a list can have (A0133).
const maxMembers = 1000

// Members returns the numbered parameters below name, in the order of their
// numbers: for "Filter", the names "Filter.1", "Filter.2". The numbers begin at 1
// and may have gaps (A0015). It refuses a list that is too long, and then returns no
// members.
func (q *Parameters) Members(name string) []string {
	return membersUpTo(q, maxMembers, name, func(n int) error {
		return Refuse("InvalidParameterValue", "The list %s has %d members. It can have %d.", shortened(name), n, maxMembers)
	})
}

// membersUpTo returns the members of a list, unless there are more than limit. A list that
// is not given has nil.
func membersUpTo(q *Parameters, limit int, name string, tooMany func(n int) error) []string {
	numbers := q.names.members(name)
	if len(numbers) > limit {
		q.Fail(tooMany(len(numbers)))
		return nil
	}
	if len(numbers) == 0 {
		return nil
	}
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = name + "." + strconv.Itoa(n)
	}
	return names
}

// List reads a numbered list of texts: Name.1, Name.2.
func (q *Parameters) List(name string) []string {
	var texts []string
	for _, member := range q.Members(name) {
		if q.Has(member) {
			texts = append(texts, q.Text(member))
		}
	}
	return texts
}

// Hash returns a hash of the parameters except those named.
func (q *Query) Hash(but ...string) string {
	h := sha256.New()
	for _, name := range q.names {
		if !slices.Contains(but, name) {
			fmt.Fprintf(h, "%q=%q\n", name, q.values[name])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
