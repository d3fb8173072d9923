package cli_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The packets of the capture go to the ports 443, 22, 80 and 443; only that to 22 is not
// mirrored.
const (
	goodExpectations = `{ "expect": [
  { "packet": "2", "mirrored": false, "rule_number": 50 },
  { "packet": 1, "mirrored": "true" },
  { "where": { "destination_port": 443 }, "mirrored": "all", "at_least": 2 }
] }`
	badExpectations = `{ "expect": [
  { "packet": "2", "mirrored": true },
  { "where": { "destination_port": 443 }, "mirrored": "all" },
  { "where": { "destination_port": 23 }, "mirrored": "none" }
] }`
	wordsExpectations = `{ "packets": [
  { "name": "tls", "direction": "ingress", "protocol": 6, "source": "192.0.2.1", "source_port": 50000, "destination": "10.0.1.10", "destination_port": 443 }
], "expect": [{ "packet": "tls", "mirrored": true, "session_number": 1 }] }`
)

// junit is what a reader of the results sees.
type junit struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Cases    []struct {
		Name    string  `xml:"name,attr"`
		Failure *string `xml:"failure"`
	} `xml:"testsuite>testcase"`
}

func (c simulateCase) readJUnit(t *testing.T) junit {
	t.Helper()
	var results junit
	if err := xml.Unmarshal(c.read(t, "results.xml"), &results); err != nil {
		t.Fatal(err)
	}
	return results
}

func TestSimulate_expect(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "expectations.json", []byte(goodExpectations))
	stdout := c.succeed(t, "--expect", c.path("expectations.json"), "--junit", c.path("results.xml"), "--markdown", c.path("summary.md"))
	if !strings.Contains(stdout, "4 packets") {
		t.Errorf("prints %s", stdout)
	}
	if results := c.readJUnit(t); results.Tests != 3 || results.Failures != 0 {
		t.Errorf("the results are %+v", results)
	}
	if text := string(c.read(t, "summary.md")); !strings.Contains(text, "3 of 3 expectations hold.") || !strings.Contains(text, "4 packets, ") {
		t.Errorf("the summary is %s", text)
	}
}

// The exit status of a broken expectation differs from that of an error, and every output is written.
func TestSimulate_expectBroken(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "expectations.json", []byte(badExpectations))
	status, stdout, stderr := c.run(t, "--expect", c.path("expectations.json"), "--junit", c.path("results.xml"), "--markdown", c.path("summary.md"),
		"--out", c.path("out.pcap"), "--verdicts", c.path("verdicts.jsonl"), "--json")
	if status != 2 || !json.Valid([]byte(stdout)) || !strings.HasSuffix(stderr, "\nError: 2 of 3 expectations do not hold\n") {
		t.Errorf("ends with %d: %s%s", status, stdout, stderr)
	}
	for _, want := range []string{"Packet \"2\" (ingress, ", "How the verdict of packet 2 is reached:", "No packet fits where = { destination_port = 23 }"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in %s", want, stderr)
		}
	}
	if results := c.readJUnit(t); results.Tests != 3 || results.Failures != 2 || results.Cases[1].Failure != nil {
		t.Errorf("the results are %+v", results)
	}
	if text := string(c.read(t, "summary.md")); !strings.Contains(text, "1 of 3 expectations hold.") {
		t.Errorf("the summary is %s", text)
	}
	if lengths, _ := framesOf(t, c.read(t, "out.pcap")); len(lengths) != 3 || strings.Count(string(c.read(t, "verdicts.jsonl")), "\n") != 4 {
		t.Errorf("%d copies", len(lengths))
	}
}

// A run that ends early has no result, and the status is that of an error.
func TestSimulate_expectDamaged(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "in.pcap", whole[:len(whole)-10])
	c.write(t, "expectations.json", []byte(badExpectations))
	status, _, stderr := c.run(t, "--expect", c.path("expectations.json"), "--junit", c.path("results.xml"))
	if status != 1 || !strings.Contains(stderr, "the file ends here") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	if results := c.readJUnit(t); results.Tests != 3 || results.Errors != 3 {
		t.Errorf("the results are %+v", results)
	}
}

// Packets in words need no capture.
func TestSimulate_words(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "expectations.json", []byte(wordsExpectations))
	status, stdout, stderr := run(t, "simulate", "--config", c.path("mirror.json"), "--expect", c.path("expectations.json"))
	if status != 0 || stderr != "" || !strings.HasPrefix(stdout, c.path("expectations.json")+": 1 packet, 54 bytes; mirrored 1 packet") {
		t.Errorf("ends with %d: %s%s", status, stdout, stderr)
	}
	if stdout = c.succeed(t, "--expect", c.path("expectations.json")); !strings.HasPrefix(stdout, c.path("in.pcap")+" and "+c.path("expectations.json")+": 5 packets") {
		t.Errorf("with a capture: %s", stdout)
	}
}

// Results on standard output move the summary to standard error.
func TestSimulate_expectStandard(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	status, stdout, stderr := runWith(t, goodExpectations, "simulate", "--config", c.path("mirror.json"), "--in", c.path("in.pcap"), "--expect", "-", "--junit", "-")
	if status != 0 || !strings.HasPrefix(stdout, "<?xml") || !strings.Contains(stdout, `<testsuite name="standard input"`) || !strings.Contains(stderr, "4 packets") {
		t.Errorf("ends with %d: %s\n%s", status, stdout, stderr)
	}
}

func TestSimulate_expectSchema(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "simulate", "--expect-schema")
	published, err := os.ReadFile("../../templates/schemas/expectations.schema.json")
	if status != 0 || err != nil || stdout != string(published) {
		t.Errorf("ends with %d: %s%s (%v)", status, stdout, stderr, err)
	}
}

func TestSimulate_expectRefuses(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "good.json", []byte(goodExpectations))
	c.write(t, "words.json", []byte(wordsExpectations))
	for name, test := range map[string]struct {
		content string // of expectations.json; "": there is none
		args    []string
		want    string
	}{
		"key":       {`{ "expects": [] }`, nil, "expects is not a known key: write one of $schema, expect, packets"},
		"twice":     {`{ "expect": [], "expect": [] }`, nil, "expect is there twice"},
		"missing":   {`{}`, nil, "expect is missing"},
		"nothing":   {`{ "expect": [] }`, nil, "expect is empty. Write at least one expectation."},
		"null":      {`{ "expect": [{ "packet": "1", "mirrored": null }] }`, nil, "expect[0].mirrored is null: leave it out instead"},
		"word":      {`{ "expect": [{ "packet": "1", "mirrored": 1 }] }`, nil, `expect[0].mirrored: write true or false for one packet, or "all" or "none" for a set of packets`},
		"value":     {`{ "expect": [{ "packet": "1", "mirrored": "all" }] }`, nil, `expect[0].mirrored is "all". Write true or false`},
		"empty":     {`{ "expect": [{ "where": { "source": "" }, "mirrored": "all" }] }`, nil, "expect[0].where.source is empty: leave it out instead"},
		"protocol":  {`{ "expect": [{ "where": { "protocol": "" }, "mirrored": "all" }] }`, nil, "expect[0].where.protocol: is empty: leave it out instead"},
		"set":       {`{ "expect": [{ "where": { "source": "10.0.0.1/8" }, "mirrored": "all" }] }`, nil, "expect[0].where.source is \"10.0.0.1/8\", which has bits set"},
		"no packet": {`{ "expect": [{ "packet": "ssh", "mirrored": true }] }`, nil, `expect[0].packet is "ssh", and there is no such packet`},
		"two names": {`{ "packets": [` + words("a", "tcp") + "," + words("a", "tcp") + `], "expect": [{ "packet": "a", "mirrored": true }] }`, nil,
			`packets[1].name is "a", and another packet has the same name. Give each packet its own name.`},
		"a packet":   {`{ "packets": [` + words("a", "tpc") + `], "expect": [{ "packet": "a", "mirrored": true }] }`, nil, `packets[0].protocol is "tpc"`},
		"impossible": {`{ "packets": [` + strings.Replace(words("a", "tcp"), "ingress", "egress", 1) + `], "expect": [{ "packet": "a", "mirrored": true }] }`, nil, `packet "a": `},
		"no results": {"", []string{"--junit", c.path("results.xml")}, "--junit writes the results of expectations. Write --expect too"},
		"an input":   {"", []string{"--expect", c.path("good.json"), "--junit", c.path("good.json")}, "--junit " + c.path("good.json") + " would overwrite --expect"},
		"the mirror": {"", []string{"--expect", c.path("good.json"), "--markdown", c.path("mirror.json")}, "would overwrite --config"},
		"an output":  {"", []string{"--expect", c.path("good.json"), "--markdown", c.path("x"), "--junit", c.path("x")}, "would overwrite --junit"},
		"outputs":    {"", []string{"--expect", c.path("good.json"), "--markdown", "-", "--junit", "-"}, "--junit and --markdown cannot both be standard output"},
		"no file":    {"", []string{"--expect", c.path("none")}, "--expect: open "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := test.args
			if test.content != "" {
				file := filepath.Join(t.TempDir(), "expectations.json")
				if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
					t.Fatal(err)
				}
				args = []string{"--expect", file}
			}
			status, _, stderr := c.run(t, args...)
			if status != 1 || !strings.HasPrefix(stderr, "Error: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("ends with %d: %s\nwant %s", status, stderr, test.want)
			}
		})
	}
	t.Cleanup(func() {
		if string(c.read(t, "good.json")) != goodExpectations || string(c.read(t, "mirror.json")) != mirrorJSON {
			t.Error("an input was overwritten")
		}
	})
}

// words is a packet to port 443 in JSON.
func words(name, protocol string) string {
	return `{ "name": "` + name + `", "direction": "ingress", "protocol": "` + protocol +
		`", "source": "192.0.2.1", "source_port": 50000, "destination": "10.0.1.10", "destination_port": 443 }`
}
