package simulation

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// Results are the expectations of a run, and which of them do not hold.
type Results struct {
	Suite        string // names the expectations, for example by their file
	Expectations []Expectation
	Failures     []Failure
	Err          error // that ended the run, so that nothing is known; nil: none
}

// Failed is how many expectations do not hold.
func (r Results) Failed() int {
	failed := 0
	for _, f := range r.Failures {
		if f.Index >= 0 {
			failed++
		}
	}
	return failed
}

// result is the result of an expectation, or of the run as a whole.
type result struct{ name, failure string } // "": it holds

// list returns the result of each expectation. Names are unique, and the same in each run.
func (r Results) list() []result {
	texts := map[int]string{}
	for _, f := range r.Failures {
		texts[f.Index] = f.Text
	}
	var list []result
	names := map[string]int{}
	for i, e := range r.Expectations {
		name := e.String()
		names[name]++
		if n := names[name]; n > 1 {
			name = fmt.Sprintf("%s (%d)", name, n)
		}
		list = append(list, result{name, texts[i]})
	}
	if text := texts[-1]; text != "" {
		list = append(list, result{"the interface has a session", text})
	}
	return list
}

// The elements of JUnit XML that GitHub's actions, GitLab and Jenkins read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitMessage `xml:"failure"`
		Error   *junitMessage `xml:"error"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit returns the results as JUnit XML: a test case for each expectation.
func JUnit(r Results) []byte {
	suite := junitSuite{Name: r.Suite}
	for _, result := range r.list() {
		c := junitCase{Name: result.name, Class: r.Suite}
		switch {
		case r.Err != nil:
			c.Error = &junitMessage{"not compared: the simulation failed", r.Err.Error()}
			suite.Errors++
		case result.failure != "":
			message, _, _ := strings.Cut(result.failure, "\n")
			c.Failure = &junitMessage{message, result.failure}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		panic(err) // the types above cannot be written
	}
	return []byte(xml.Header + string(text) + "\n")
}

// Markdown returns the results and the summary as Markdown in the dialect of GitHub and GitLab.
func Markdown(r Results, s dataplane.Summary) string {
	var b strings.Builder
	b.WriteString("## Traffic mirror simulation\n\n")
	results := r.list()
	switch {
	case r.Err != nil:
		fmt.Fprintf(&b, "The simulation failed, and no expectation was compared.\n\n%s\n", codeBlock(r.Err.Error()))
	case len(results) > 0:
		fmt.Fprintf(&b, "%d of %d expectations hold.\n\n", len(r.Expectations)-r.Failed(), len(r.Expectations))
	}
	if r.Err == nil {
		writeExpectations(&b, results)
	}
	fmt.Fprintf(&b, "### Summary\n\n%s", codeBlock(Table(s)))
	return b.String()
}

// writeExpectations writes a table of the expectations, and then the failures.
func writeExpectations(b *strings.Builder, results []result) {
	if len(results) == 0 {
		return
	}
	b.WriteString("| Result | Expectation |\n|---|---|\n")
	for _, result := range results {
		word := "holds"
		if result.failure != "" {
			word = "**does not hold**"
		}
		fmt.Fprintf(b, "| %s | <code>%s</code> |\n", word, cell(result.name))
	}
	b.WriteString("\n")
	for _, result := range results {
		if result.failure != "" {
			fmt.Fprintf(b, "%s\n", codeBlock(result.failure))
		}
	}
}

// cell writes a text so that neither Markdown nor HTML reads anything in it: each character with
// a meaning becomes a character reference.
func cell(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < ' ' || r == 0x7F:
			b.WriteByte(' ')
		case strings.ContainsRune("!\"#$%&'*+/:;<>?@[\\]^_`|~", r):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// codeBlock writes a text as a block of code, with a fence that the text does not have.
func codeBlock(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fmt.Sprintf("%s\n%s\n%[1]s\n", fence, strings.TrimRight(text, "\n"))
}
