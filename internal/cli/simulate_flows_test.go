package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
)

// Each ending has its form, and all forms have the same conversations.
func TestSimulate_flows(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	for _, name := range []string{"flows.csv", "flows.json", "flows.txt"} {
		c.succeed(t, "--flows", c.path(name))
	}
	f, err := flow.Parse(strings.NewReader(string(c.read(t, "flows.json"))))
	if err != nil || len(f.Conversations) != 3 || f.Total.Packets != 4 || f.Total.Mirrored != 3 || f.Incomplete {
		t.Errorf("the flows are %+v, %v", f, err)
	}
	if lines, err := csv.NewReader(strings.NewReader(string(c.read(t, "flows.csv")))).ReadAll(); err != nil || len(lines) != 4 {
		t.Errorf("the CSV has %d lines, %v", len(lines), err)
	}
	text := string(c.read(t, "flows.txt"))
	stdout := c.succeed2(t, "--flows", "-")
	if !strings.HasPrefix(text, "The interface: 4 packets, 900 bytes on the wire, in 3 conversations, from ") || stdout != text {
		t.Errorf("the text is %s, and on standard output %s", text, stdout)
	}
}

// succeed2 is succeed for a result on standard output: the summary is then on standard error.
func (c simulateCase) succeed2(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	status, stdout, stderr := c.run(t, args...)
	if status != 0 || !strings.Contains(stderr, "mirrored") {
		t.Fatalf("%q ends with %d: %s", args, status, stderr)
	}
	return stdout
}

// A damaged capture has the flows of the packets before the damage, and they say so.
func TestSimulate_flowsOfDamagedCapture(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "in.pcap", whole[:len(whole)-10])
	if status, _, stderr := c.run(t, "--flows", c.path("flows.json")); status != 1 || !strings.Contains(stderr, "record 4") {
		t.Fatalf("it ends with %d: %s", status, stderr)
	}
	f, err := flow.Parse(strings.NewReader(string(c.read(t, "flows.json"))))
	if err != nil || !f.Incomplete || f.Total.Packets != 3 {
		t.Errorf("the flows are %+v, %v", f, err)
	}
}

func TestSimulate_flowsRefused(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	for name, args := range map[string][]string{
		`--flows is "flows.xml". Write a name that ends in .csv, .json or .txt`:           {"--flows", "flows.xml"},
		"--flows and --verdicts cannot both be standard output":                           {"--flows", "-", "--verdicts", "-"},
		`--format: there is no form "xml" of verdicts. Write one of ["json" "csv" "eve"]`: {"--verdicts", c.path("v"), "--format", "xml"},
		"--format is the form of --verdicts. Write --verdicts too":                        {"--format", "eve"},
	} {
		status, _, stderr := c.run(t, args...)
		both := strings.ReplaceAll(stderr, "--verdicts and --flows", "--flows and --verdicts")
		if status != 1 || !strings.Contains(both, name) {
			t.Errorf("%q ends with %d: %s", args, status, stderr)
		}
	}
	if _, err := os.Stat(c.path("v")); err == nil {
		t.Error("a file was created all the same")
	}
	c.write(t, "in.json", c.read(t, "in.pcap"))
	status, _, stderr := run(t, "simulate", "--config", c.path("mirror.json"), "--in", c.path("in.json"), "--flows", c.path("in.json"))
	if status != 1 || !strings.Contains(stderr, "--flows") || string(c.read(t, "in.json")) != string(c.read(t, "in.pcap")) {
		t.Errorf("the input is overwritten: %d, %s", status, stderr)
	}
}

func TestSimulate_format(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	for format, want := range map[string]string{"json": `{"packet":1,`, "csv": "packet,name,time,", "eve": `{"timestamp":"1970-01-01T00:00:01.000000+0000",`} {
		c.succeed(t, "--verdicts", c.path("verdicts"), "--format", format)
		if got := string(c.read(t, "verdicts")); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", format, got)
		}
	}
}

// The schemas name every member of the files, and no other. So they do if nothing is mirrored, or
// if no packet has a time.
func TestSimulate_outputSchemas(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.succeed(t, "--flows", c.path("flows.json"), "--verdicts", c.path("verdicts.jsonl"))
	line, _, _ := strings.Cut(string(c.read(t, "verdicts.jsonl")), "\n")
	c.write(t, "in.pcap", captureOf(t, frame(t, 22, 100)))
	c.succeed(t, "--flows", c.path("nothing.json"))
	c.write(t, "expectations.json", []byte(wordsExpectations))
	if status, _, stderr := run(t, "simulate", "--config", c.path("mirror.json"), "--expect", c.path("expectations.json"), "--flows", c.path("untimed.json")); status != 0 {
		t.Fatalf("ends with %d: %s", status, stderr)
	}
	for _, test := range [][2]string{
		{"--flows-schema", string(c.read(t, "flows.json"))}, {"--flows-schema", string(c.read(t, "nothing.json"))}, {"--flows-schema", string(c.read(t, "untimed.json"))},
		{"--verdicts-schema", line},
	} {
		flag, text := test[0], test[1]
		status, stdout, stderr := run(t, "simulate", flag)
		if status != 0 || stderr != "" {
			t.Fatalf("%s ends with %d: %s", flag, status, stderr)
		}
		var schema, value any
		if err := json.Unmarshal([]byte(stdout), &schema); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		checkSchema(t, schema.(map[string]any), schema.(map[string]any), value, flag)
	}
}

// checkSchema checks a value with the part of JSON Schema that the schemas use.
func checkSchema(t *testing.T, root, schema map[string]any, value any, at string) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if one, ok := schema["enum"].([]any); ok {
		for _, word := range one {
			if word == value {
				return
			}
		}
		t.Errorf("%s: %v is not one of %v", at, value, one)
		return
	}
	types, isList := schema["type"].([]any)
	if !isList {
		types = []any{schema["type"]}
	}
	kind := map[bool]string{true: "null"}[value == nil]
	switch v := value.(type) {
	case map[string]any:
		kind = "object"
		properties, _ := schema["properties"].(map[string]any)
		for name, member := range v {
			if properties[name] == nil {
				t.Errorf("%s: the schema has no %q", at, name)
				continue
			}
			checkSchema(t, root, properties[name].(map[string]any), member, at+"."+name)
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, has := v[name.(string)]; !has {
				t.Errorf("%s: %q is missing", at, name)
			}
		}
	case []any:
		kind = "array"
		for _, element := range v {
			checkSchema(t, root, schema["items"].(map[string]any), element, at+"[]")
		}
	case string:
		kind = "string"
	case float64:
		kind = "integer"
	case bool:
		kind = "boolean"
	}
	for _, one := range types {
		if one == kind {
			return
		}
	}
	t.Errorf("%s: %v is a %s, and the schema says %v", at, value, kind, types)
}
