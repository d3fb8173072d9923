package cli_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

var updateTraceSchema = flag.Bool("update-trace-schema", false, "write the published schema of the command trace")

func trace(t *testing.T, c simulateCase, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return run(t, append([]string{"trace", "--config", c.path("mirror.json")}, args...)...)
}

// The direction is that of the argument, and of mirror.json for a capture.
func TestTrace_direction(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, `"sessions"`, `"direction": "egress", "sessions"`, 1)))
	for text, args := range map[string][]string{
		"The direction is ingress, as given.": {"--ingress", "tcp 192.0.2.1:1 > 10.0.1.10:443"},
		"The direction is egress, as given.":  {"--in", c.path("in.pcap"), "--packet", "2"},
	} {
		if status, stdout, stderr := trace(t, c, args...); status != 0 || !strings.Contains(stdout, text) {
			t.Errorf("%q ends with %d: %s%s", args, status, stdout, stderr)
		}
	}
}

func TestTrace_errors(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	in := c.path("in.pcap")
	for want, args := range map[string][]string{
		"at least one of the flags in the group [ingress egress in result-schema] is required":                                                              {},
		"--packet is 5, and " + in + " has 4 packets":                                                                                                       {"--in", in, "--packet", "5"},
		"--packet is 0: write the number of a packet, from 1":                                                                                               {"--in", in, "--packet", "0"},
		`--ingress: the packet says egress. Write the direction only once`:                                                                                  {"--ingress", "egress tcp 10.0.1.10:1 > 192.0.2.1:2"},
		`--egress: destination_port is "x". Write a whole number from 0 to 65535.`:                                                                          {"--egress", "tcp 10.0.1.10:1 > 192.0.2.1:x"},
		"if any flags in the group [in packet] are set they must all be set; missing [packet]":                                                              {"--in", in},
		"if any flags in the group [ingress egress in result-schema] are set none of the others can be; [egress ingress] were all set":                      {"--ingress", "a", "--egress", "b"},
		`--ingress: source_port is missing. Write it behind the address, such as "192.0.2.1:443": a TCP or UDP packet has both ports, unless it is a later`: {"--ingress", "tcp 192.0.2.1 > 10.0.1.10:443"},
	} {
		if status, stdout, stderr := trace(t, c, args...); status != 1 || stdout != "" || !strings.HasPrefix(stderr, "Error: "+want) {
			t.Errorf("%q ends with %d:\n got %s\nwant %s", args, status, stderr, want)
		}
	}
	if status, _, stderr := runWith(t, mirrorJSON, "trace", "--config", "-", "--in", "-", "--packet", "1"); status != 1 || !strings.Contains(stderr, "cannot both be standard input") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
}

// The schema has the keys of the output, and those that are always there are required.
func TestTrace_schema(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "trace", "--result-schema")
	if status != 0 {
		t.Fatal(stderr)
	}
	const published = "../../templates/schemas/trace.schema.json"
	if *updateTraceSchema {
		if err := os.WriteFile(filepath.FromSlash(published), []byte(stdout), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(published); err != nil || string(got) != stdout {
		t.Errorf("%s is not what --result-schema prints (%v): run go test ./internal/cli -run TestTrace_schema -update-trace-schema", published, err)
	}
	type schema struct {
		Properties map[string]struct {
			schemaKeys
			Items schemaKeys
		}
		Required []string
	}
	var s schema
	if err := json.Unmarshal([]byte(stdout), &s); err != nil {
		t.Fatal(err)
	}
	compareTraceKeys(t, reflect.TypeFor[dataplane.Step](), s.Properties["steps"].Items)
	compareTraceKeys(t, reflect.TypeFor[dataplane.Verdict](), s.Properties["verdict"].schemaKeys)
	var whole schemaKeys
	if err := json.Unmarshal([]byte(stdout), &whole); err != nil {
		t.Fatal(err)
	}
	compareTraceKeys(t, reflect.TypeFor[dataplane.Trace](), whole)
}

type schemaKeys struct {
	Properties map[string]any
	Required   []string
}

func compareTraceKeys(t *testing.T, of reflect.Type, s schemaKeys) {
	t.Helper()
	n := 0
	for i := range of.NumField() {
		name, options, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		if name == "" {
			continue // not exported
		}
		n++
		if _, has := s.Properties[name]; !has {
			t.Errorf("the schema of %s lacks %s", of, name)
		}
		if isRequired := !strings.HasPrefix(options, "omit"); isRequired != slices.Contains(s.Required, name) {
			t.Errorf("%s of %s: the type says required %t, the schema the contrary", name, of, isRequired)
		}
	}
	if n != len(s.Properties) {
		t.Errorf("the schema of %s has %d properties, and the type %d", of, len(s.Properties), n)
	}
}
