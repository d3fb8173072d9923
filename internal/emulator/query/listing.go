package query

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Limits of a describe. The default page (A0030), that the values of all filters count
// together (A0089), and the codes for a number outside of the range (A0031) and for a long
// filter (A0132) are assumptions
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html).
const (
	maxFilters      = 50
	maxFilterValues = 200
	maxFilterLength = 255 // characters, of a name and of a value

	// maxSteps is how much work the patterns of a request may make, so that a large
	// store does not multiply it: about 0.1 s (A0134).
	maxSteps = 20_000_000

	// maxPage is after how many bytes a page ends, whatever its number of results.
	// EC2 can answer with fewer results than asked for.
	maxPage = 16 << 20
)

// results is how many results of an action a client can ask for.
type results struct {
	min, max int
	cut      bool // a larger number is taken for the largest one
}

var usualResults = results{5, 1000, false}

// resultsOf has the actions with another range
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html
// and the pages next to it).
var resultsOf = map[string]results{
	"DescribeInstanceTypes": {5, 100, false},
	"DescribeRouteTables":   {5, 100, false},
	"DescribeVpcEndpoints":  {1, 1000, true},

	"DescribeVpcEndpointServices":              {1, 1000, true},
	"DescribeVpcEndpointServiceConfigurations": {5, 1000, true},
	"DescribeVpcEndpointServicePermissions":    {5, 1000, true},
	"DescribeVpcEndpointConnections":           {5, 1000, true},
}

// Listing is the conditions of a describe, and the page that it asks for.
type Listing struct {
	conditions []condition
	limit      int
	After      string        // the position of the last item of the page before
	binding    func() string // what a token is bound to: the rest of the request
	steps      *int          // that the patterns have left
	item, next string        // the elements of an object and of the token
}

// Listing reads the filters and the page of a describe. The code for a token of
// another request is an assumption (A0034).
func (q *Query) Listing() Listing {
	l := q.Unpaged()
	l.limit = q.readResults()
	l.binding = sync.OnceValue(q.binding)
	if token := q.Text("NextToken"); token != "" {
		after, ok := readPageToken(token, l.binding())
		if !ok {
			q.Fail(Refuse("InvalidNextToken", "The token '%s' is not valid for this request", shortened(token)))
		}
		l.After = after
	}
	return l
}

// readResults reads how many results a page has.
func (q *Query) readResults() int {
	r, special := resultsOf[q.Action]
	if !special {
		r = usualResults
	}
	n := q.Int("MaxResults")
	switch {
	case n == nil:
		return r.max
	case *n < r.min || *n > r.max && !r.cut:
		q.Fail(InvalidValue("MaxResults", strconv.Itoa(*n), fmt.Sprintf("Write a number from %d to %d.", r.min, r.max)))
	}
	return min(*n, r.max)
}

// Unpaged reads the filters of a describe that has no pages.
func (q *Query) Unpaged() Listing {
	return Listing{conditions: q.conditions(), limit: math.MaxInt, steps: new(maxSteps), item: "item", next: "nextToken"}
}

// conditions reads the filters of a describe, and returns those with the same name one
// after the other. A filter without values is refused (A0035).
func (q *Query) conditions() []condition {
	var read []condition
	left := maxFilterValues
	for _, member := range membersUpTo(&q.Parameters, maxFilters, "Filter", tooManyFilters) {
		name := q.filterText(member + ".Name")
		if name == "" {
			q.Fail(Missing(member + ".Name"))
		}
		var values []string
		for _, value := range membersUpTo(&q.Parameters, left, member+".Value", tooManyValues) {
			if q.Has(value) {
				values = append(values, q.filterText(value))
			}
		}
		if len(values) == 0 {
			q.Fail(Missing(member + ".Value.1"))
		}
		left -= len(values)
		read = append(read, newCondition(name, values))
	}
	sort.SliceStable(read, func(i, j int) bool { return read[i].name < read[j].name })
	return read
}

func tooManyFilters(n int) error {
	return Refuse("FilterLimitExceeded", "The request has %d filters. It can have %d filters.", n, maxFilters)
}

func tooManyValues(int) error {
	return Refuse("FilterLimitExceeded", "The request has more than %d values of filters", maxFilterValues)
}

// filterText reads a name or a value of a filter. Its length in characters is at most
// its length in bytes.
func (q *Query) filterText(name string) string {
	text := q.Text(name)
	if len(text) > maxFilterLength && utf8.RuneCountInString(text) > maxFilterLength {
		q.Fail(InvalidValue(name, text, fmt.Sprintf("A filter has at most %d characters.", maxFilterLength)))
		return shortened(text)
	}
	return text
}

// Require adds a condition to those of the request.
func (l *Listing) Require(name string, values ...string) {
	l.conditions = append(l.conditions, newCondition(name, values))
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
// a filter; it is called once for several conditions of the same name.
func (l Listing) Matches(values func(name string) []string) bool {
	var name string
	var found []string
	for i, c := range l.conditions {
		if i == 0 || c.name != name {
			name, found = c.name, values(c.name)
		}
		if !c.matches(found, l.steps) {
			return false
		}
	}
	return true
}

// Literals returns the values of a filter, each once, if the listing has the filter and
// none of its values is a pattern.
func (l Listing) Literals(name string) ([]string, bool) {
	for _, c := range l.conditions {
		if c.name == name && len(c.patterns) == 0 {
			return c.values, true
		}
	}
	return nil, false
}

// A page token is the last position of a page, and a hash of the rest of the request,
// so that it is valid for no other request.
func (q *Query) binding() string {
	sum := sha256.Sum256([]byte(q.Action + q.Hash("NextToken", "MaxResults", "DryRun", "Marker", "PageSize")))
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
	var item T
	positions := func(yield func(string) bool) {
		for position, next := range items {
			if item = next; !yield(position) {
				return
			}
		}
	}
	writePage(x, l, set, positions, func() bool { return match(item) }, func() { write(item) })
}

// writePage is compiled once, and not once for each type of item. Match and write are
// about the item at the last position.
func writePage(x *Writer, l Listing, set string, positions iter.Seq[string], match func() bool, write func()) {
	n, last, more := 0, "", false
	x.Open(set)
	for position := range positions {
		matched := match()
		if *l.steps < 0 {
			x.Fail(Refuse("FilterLimitExceeded", "The patterns of the filters take too long. Use fewer, or fewer wildcards in each."))
			break
		}
		if !matched {
			continue
		}
		if n == l.limit || l.limit < math.MaxInt && x.buf.Len() > maxPage {
			more = true
			break
		}
		x.In(l.item, write)
		n, last = n+1, position
	}
	x.Close(set)
	if more {
		x.Text(l.next, pageToken(l.binding(), last))
	}
}
