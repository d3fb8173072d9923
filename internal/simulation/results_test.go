package simulation_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

var update = flag.Bool("update", false, "write the golden files")

// evilName has what XML and Markdown give a meaning.
const evilName = "a|b `c` ``` <d> & \"e\" *f* ~k~ [g](h) ]]> \u2028 \U0001F600 \uFFFE \u0085"

func someResults() (simulation.Results, dataplane.Summary) {
	expectations := []simulation.Expectation{
		{Packet: "ssh", Mirrored: "false"},
		{Packet: evilName, Mirrored: "true", RuleNumber: new(int64(7))},
		{Where: &simulation.Where{DestinationPort: new(int64(22))}, Mirrored: "none"},
		{Packet: "ssh", Mirrored: "false"},
	}
	results := simulation.Results{Suite: "expectations.json", Expectations: expectations, Failures: []simulation.Failure{
		{Index: 1, Text: "Packet " + evilName + "\n  expected: \x00\x1b[31m\n````\n" + evilName},
		{Index: 2, Text: "Packets that fit\n  actual: 1"},
		{Index: -1, Text: "The interface has no session."},
	}}
	return results, dataplane.Summary{
		Packets: 2, BytesIn: 120, Directions: map[mirror.Direction]int64{mirror.Ingress: 2},
		Rules: []dataplane.RuleSummary{{SessionNumber: 1, Direction: mirror.Ingress, RuleNumber: new(10)}},
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o750), os.WriteFile(path, []byte(got), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != got {
		t.Errorf("%s is\n%s\nwant (%v)\n%s", name, got, err, want)
	}
}

func TestJUnit_golden(t *testing.T) {
	t.Parallel()
	results, _ := someResults()
	checkGolden(t, "results.xml", string(simulation.JUnit(results)))
}

func TestMarkdown_golden(t *testing.T) {
	t.Parallel()
	checkGolden(t, "results.md", simulation.Markdown(someResults()))
}

// parsedSuites is what a reader of JUnit XML sees.
type parsedSuites struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Cases    []struct {
		Name    string  `xml:"name,attr"`
		Failure *string `xml:"failure"`
		Error   *string `xml:"error"`
	} `xml:"testsuite>testcase"`
}

func parseJUnit(t *testing.T, text []byte) parsedSuites {
	t.Helper()
	var parsed parsedSuites
	if err := xml.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// The XML can be read again, whatever the names are, and the names differ.
func TestJUnit(t *testing.T) {
	t.Parallel()
	results, _ := someResults()
	parsed := parseJUnit(t, simulation.JUnit(results))
	if parsed.Tests != 5 || parsed.Failures != 3 || parsed.Errors != 0 || len(parsed.Cases) != 5 {
		t.Fatalf("parsed is %+v", parsed)
	}
	names := map[string]bool{}
	for i, c := range parsed.Cases {
		names[c.Name] = true
		if failed := i == 1 || i == 2 || i == 4; failed != (c.Failure != nil) {
			t.Errorf("%s: the failure is %v", c.Name, c.Failure)
		}
	}
	if len(names) != 5 || !names[`packet "ssh": mirrored = false`] || !names[`packet "ssh": mirrored = false (2)`] || !names["where { destination_port = 22 }: mirrored = \"none\""] {
		t.Errorf("the names are %v", names)
	}
	if text := *parsed.Cases[1].Failure; !strings.Contains(text, "<d> & \"e\" *f*") || !strings.Contains(text, "]]>") {
		t.Errorf("the failure is %q", text)
	}
}

// A run that ended early has no results: no test case passes.
func TestJUnit_error(t *testing.T) {
	t.Parallel()
	results, summary := someResults()
	results.Failures, results.Err = nil, errors.New("the capture is damaged")
	parsed := parseJUnit(t, simulation.JUnit(results))
	if parsed.Tests != 4 || parsed.Errors != 4 || parsed.Cases[0].Error == nil || *parsed.Cases[0].Error != "the capture is damaged" {
		t.Errorf("parsed is %+v", parsed)
	}
	text := simulation.Markdown(results, summary)
	if strings.Contains(text, "holds") || !strings.Contains(text, "The simulation failed, and no expectation was compared.\n\n```\nthe capture is damaged\n```\n") {
		t.Errorf("the Markdown is %s", text)
	}
}

// No name ends a cell, a row or a block of code.
func TestMarkdown_safe(t *testing.T) {
	t.Parallel()
	text := simulation.Markdown(someResults())
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") && strings.Count(line, "|") != 3 {
			t.Errorf("a row has other cells: %s", line)
		}
	}
	fence := "`````"
	if strings.Count(text, "\n"+fence+"\n") != 2 {
		t.Errorf("the fence is shorter than that in the failure: %s", text)
	}
}
