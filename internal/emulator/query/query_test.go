package query

import (
	"errors"
	"slices"
	"strings"
	"testing"

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

func TestPattern_match(t *testing.T) {
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
