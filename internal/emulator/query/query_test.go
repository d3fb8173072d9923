package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func codeOf(err error) string {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

// A request is refused for its first wrong parameter, and without one for a parameter
// that was not read.
func TestQuery_Finish(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		form map[string]string
		want string
	}{
		{"all are read", map[string]string{"Name": "n", "Count": "1", "On": "true", "Filter.1.Name": "f"}, ""},
		{"one is missing", map[string]string{"Count": "x"}, "MissingParameter"},
		{"not a number", map[string]string{"Name": "n", "Count": "x"}, "InvalidParameterValue"},
		{"not true or false", map[string]string{"Name": "n", "On": "yes"}, "InvalidParameterValue"},
		{"one is not read", map[string]string{"Name": "n", "Nam": "n"}, "UnknownParameter"},
		{"a member is not read", map[string]string{"Name": "n", "Filter.01.Name": "f"}, "UnknownParameter"},
		{"not read and wrong", map[string]string{"Nam": "n"}, "MissingParameter"},
	} {
		q := New("Action", test.form)
		q.NeedText("Name")
		q.Int("Count")
		q.Bool("On")
		for _, member := range q.Members("Filter") {
			q.Text(member + ".Name")
		}
		if got := codeOf(q.Finish()); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestQuery_Members(t *testing.T) {
	t.Parallel()
	q := New("Action", map[string]string{"A.10": "", "A.2.B": "", "A.2.C": "", "A.0": "", "A.x": "", "AB.1": "", "A": ""})
	if got, want := q.Members("A"), []string{"A.2", "A.10"}; !slices.Equal(got, want) { // A0015
		t.Errorf("got %q, want %q", got, want)
	}
}

// A list finds its members without a look at the parameters of the others, so that many
// lists take no more time than one.
func TestIndex(t *testing.T) {
	t.Parallel()
	form := map[string]string{"Filter": "", "Filter-1": "", "Filters.1": "", "Filter/1": ""}
	for n := range 100 {
		form[fmt.Sprintf("Filter.%d.Name", n+1)] = ""
		form[fmt.Sprintf("Filter.%d.Value.1", n+1)] = ""
	}
	i := newIndex(form)
	if n := len(i.below("Filter")); n != 200 {
		t.Errorf("200 parameters are below Filter, found %d", n)
	}
	looked := 0
	for n := range 100 {
		looked += len(i.below(fmt.Sprintf("Filter.%d.Value", n+1)))
	}
	if looked != 100 {
		t.Errorf("100 lists of one member look at %d names", looked)
	}
	if len(i.below("Filter.1.Name")) > 0 {
		t.Error("a name is below itself")
	}
}

// A list that is too long is refused before its members are read.
func TestQuery_limits(t *testing.T) {
	t.Parallel()
	list := func(n int, format string, more ...string) map[string]string {
		form := map[string]string{}
		for i := range n {
			form[fmt.Sprintf(format, i+1)] = "x"
		}
		for _, name := range more {
			form[name] = "x"
		}
		return form
	}
	for _, test := range []struct {
		name string
		form map[string]string
		code string
		read int // the most parameters that may be read
	}{
		{"members", list(1000, "Id.%d"), "", 1100},
		{"A0133: too many members", list(1001, "Id.%d"), "InvalidParameterValue", 10},
		{"values", list(200, "Filter.1.Value.%d", "Filter.1.Name"), "", 300},
		{"too many values", list(201, "Filter.1.Value.%d", "Filter.1.Name"), "FilterLimitExceeded", 10},
		{"too many values of two filters", list(200, "Filter.1.Value.%d", "Filter.1.Name", "Filter.2.Name", "Filter.2.Value.1"), "FilterLimitExceeded", 300},
		{"too many filters", list(9000, "Filter.%d.Name"), "FilterLimitExceeded", 10},
	} {
		q := New("DescribeAll", test.form)
		l := q.Listing()
		l.Allow(q, []string{"x"}, false)
		q.List("Id")
		err := q.Finish()
		if got := codeOf(err); got != test.code {
			t.Errorf("%s: got %q, want %q", test.name, got, test.code)
		}
		if len(q.read) > test.read {
			t.Errorf("%s: %d parameters were read", test.name, len(q.read))
		}
	}
}

// A filter has at most 255 characters, whatever they are.
func TestListing_longFilters_A0132(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, code string }{
		{"tag:k", strings.Repeat("é", 255), ""},
		{"tag:k", strings.Repeat("é", 256), "InvalidParameterValue"},
		{"tag:k", strings.Repeat("*", 50_000), "InvalidParameterValue"},
		{"tag:" + strings.Repeat("k", 251), "v", ""},
		{"tag:" + strings.Repeat("k", 252), "v", "InvalidParameterValue"},
	} {
		q := New("Describe", map[string]string{"Filter.1.Name": test.name, "Filter.1.Value.1": test.value})
		l := q.Listing()
		l.Allow(q, nil, true)
		if got := codeOf(q.Finish()); got != test.code {
			t.Errorf("%.10s of %d bytes: %.10s of %d bytes: got %q, want %q", test.name, len(test.name), test.value, len(test.value), got, test.code)
		}
	}
}

// pages answers a listing of n items of one value.
func pages(form map[string]string, n int, value string) (x *Writer, err error) {
	q, x := New("Describe", form), &Writer{}
	l := q.Listing()
	if err := q.Finish(); err != nil {
		return nil, err
	}
	items := func(yield func(string, string) bool) {
		for i := range n {
			if !yield(fmt.Sprintf("%08d", i), value) {
				return
			}
		}
	}
	match := func(v string) bool { return l.Matches(func(string) []string { return []string{v} }) }
	return x, x.Answer(EC2, "Describe", "1", func() error {
		WritePage(x, l, "set", items, match, func(v string) { x.Text("v", v) })
		return nil
	})
}

// The work that patterns make does not grow with the number of objects for ever.
func TestListing_steps_A0134(t *testing.T) {
	t.Parallel()
	form := map[string]string{"Filter.1.Name": "v"}
	for i := range 100 {
		form[fmt.Sprintf("Filter.1.Value.%d", i+1)] = fmt.Sprint(i, strings.Repeat("*v", 60), "x")
		form[fmt.Sprintf("Filter.1.Value.%d", i+101)] = "*" + strings.Repeat("?", 100) + fmt.Sprint(i) + "x"
	}
	value := strings.Repeat("v", 256)
	if _, err := pages(form, 10, value); err != nil {
		t.Errorf("10 objects: %v", err)
	}
	if _, err := pages(form, 10_000, value); codeOf(err) != "FilterLimitExceeded" {
		t.Errorf("10,000 objects: got %v", err)
	}
	for i := range 200 {
		form[fmt.Sprintf("Filter.1.Value.%d", i+1)] = strings.Repeat("*", 200) + fmt.Sprint(i)
	}
	if _, err := pages(form, 10_000, ""); codeOf(err) != "FilterLimitExceeded" {
		t.Errorf("10,000 objects with an empty value: got %v", err)
	}
	form = map[string]string{"Filter.1.Name": "v", "Filter.1.Value.1": "*web*", "Filter.1.Value.2": "*db*"}
	if _, err := pages(form, 10_000, "a name of a usual length"); err != nil {
		t.Errorf("usual filters of 10,000 objects: %v", err)
	}
}

// A page ends when it is long, whatever its number of results.
func TestListing_longPage(t *testing.T) {
	t.Parallel()
	x, err := pages(nil, 100, strings.Repeat("v", 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(x.Bytes()); n > maxPage+2<<20 {
		t.Errorf("it has %d bytes", n)
	}
	if !strings.Contains(string(x.Bytes()[len(x.Bytes())-200:]), "<nextToken>") {
		t.Error("it has no token of the next page")
	}
}

// Each action documents how many results a client can ask for.
func TestListing_results(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action, asked, code string
		limit               int
	}{
		{"DescribeTrafficMirrorSessions", "", "", 1000},
		{"DescribeTrafficMirrorSessions", "4", "InvalidParameterValue", 4},
		{"DescribeTrafficMirrorSessions", "5", "", 5},
		{"DescribeTrafficMirrorSessions", "1000", "", 1000},
		{"DescribeTrafficMirrorSessions", "1001", "InvalidParameterValue", 1000},
		{"DescribeRouteTables", "", "", 100},
		{"DescribeRouteTables", "100", "", 100},
		{"DescribeRouteTables", "101", "InvalidParameterValue", 100},
		{"DescribeInstanceTypes", "101", "InvalidParameterValue", 100},
		{"DescribeVpcEndpoints", "0", "InvalidParameterValue", 0},
		{"DescribeVpcEndpoints", "1", "", 1},
		{"DescribeVpcEndpoints", "5000", "", 1000},
	} {
		form := map[string]string{}
		if test.asked != "" {
			form["MaxResults"] = test.asked
		}
		q := New(test.action, form)
		l := q.Listing()
		if got := codeOf(q.Finish()); got != test.code || l.limit != test.limit {
			t.Errorf("%s with %q: got %q and %d, want %q and %d", test.action, test.asked, got, l.limit, test.code, test.limit)
		}
	}
}

// A message quotes a long text only in part.
func TestRefuse_longText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1<<19)
	for _, err := range []error{
		Missing(long), InvalidValue("A", long, ""), InvalidValue(long, "a", ""), Refuse("A", "%s", long),
		New("A", map[string]string{long: ""}).Finish(),
	} {
		if text := err.Error(); len(text) > maxMessage+100 || !utf8.ValidString(text) {
			t.Errorf("%.80s... has %d bytes", text, len(text))
		}
	}
}

// The token of a page is valid for the rest of the same request, and for no other.
func TestListing_pages(t *testing.T) {
	t.Parallel()
	form := map[string]string{"MaxResults": "5", "Filter.1.Name": "letter", "Filter.1.Value.1": "*"}
	page := func(action string, form map[string]string) (found, token string, err error) {
		q, x := New(action, form), &Writer{}
		l := q.Listing()
		if err := q.Finish(); err != nil {
			return "", "", err
		}
		items := func(yield func(string, string) bool) {
			for _, letter := range strings.Split("abcdefgh", "") {
				if letter > l.After && !yield(letter, letter) {
					return
				}
			}
		}
		match := func(v string) bool { return l.Matches(func(string) []string { return []string{v} }) }
		WritePage(x, l, "set", items, match, func(v string) { x.Text("v", v) })
		text := string(x.Bytes())
		_, rest, _ := strings.Cut(text, "<nextToken>")
		token, _, _ = strings.Cut(rest, "</nextToken>")
		return strings.NewReplacer("<item><v>", "", "</v></item>", "").Replace(strings.TrimSuffix(strings.SplitAfter(text, "</set>")[0], "</set>")), token, nil
	}
	found, token, err := page("Describe", form)
	if found != "<set>abcde" || token == "" || err != nil {
		t.Fatalf("the first page is %q, %q, %v", found, token, err)
	}
	form["NextToken"] = token
	if found, token, err = page("Describe", form); found != "<set>fgh" || token != "" || err != nil {
		t.Errorf("the second page is %q, %q, %v", found, token, err)
	}
	if _, _, err := page("DescribeOthers", form); codeOf(err) != "InvalidNextToken" {
		t.Errorf("in another action: %v", err)
	}
	form["Filter.1.Value.1"] = "a"
	if _, _, err := page("Describe", form); codeOf(err) != "InvalidNextToken" {
		t.Errorf("with another filter: %v", err)
	}
}

func TestPattern_match_A0135(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "A", false},
		{"*", "", true},
		{"a*c", "abbc", true},
		{"a*c", "abcb", false},
		{"*ab*ab", "abxabab", true},
		{"?", "é", true},
		{"?", "", false},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{`a\`, `a\`, false},
		{`\\`, `\`, true},
		{"*?", "é", true},
		{"*?b", "éb", true},
		{strings.Repeat("*a", 500) + "b", strings.Repeat("a", 5000), false},
	} {
		if got, _ := newPattern(test.pattern).match(test.text); got != test.want {
			t.Errorf("%.20q, %.20q: got %t", test.pattern, test.text, got)
		}
	}
}

func TestRefuseProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		problem mirror.Problem
		code    string
		message string
	}{
		{mirror.Problem{Kind: mirror.Missing, Field: "rule_number"}, "MissingParameter", "The request must contain the parameter RuleNumber"},
		{mirror.Problem{Kind: mirror.Conflict, Field: "source_port_range.from_port", Wrong: "is above to_port"}, "InvalidParameterCombination", "SourcePortRange.FromPort is above ToPort"},
		{mirror.Problem{Field: "packet_length", Wrong: "is 0", Fix: "Write 1."}, "InvalidParameterValue", "PacketLength is 0. Write 1."},
		{mirror.Problem{Kind: mirror.Warning, Field: "packet_length"}, "", ""},
	} {
		err := RefuseProblems(mirror.Problems{test.problem})
		var refusal *Error
		if errors.As(err, &refusal); codeOf(err) != test.code || err != nil && refusal.Message != test.message {
			t.Errorf("%+v: got %v, want %s: %s", test.problem, err, test.code, test.message)
		}
	}
}
