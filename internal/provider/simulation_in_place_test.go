package provider_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The plan knows the results of a capture that is pinned. An apply that does not find the capture
// any more, or cannot read it, says so, whatever else it changes.
func TestAccSimulation_pinnedCaptureGone(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := func(rules, sha256 string) string {
		return c.placed(rules, fmt.Sprintf("capture = { path = %q, sha256 = %q }\nexpect = [{ packet = \"1\", mirrored = true }]\n", c.path("web.pcap"), sha256))
	}
	space.write(t, config(all, strings.Repeat("0", 64)))
	output, _ := space.try(t, "plan")
	digest := regexp.MustCompile(`Its SHA-256 is ([0-9a-f]{64}), not 0000`).FindStringSubmatch(words(output))
	if digest == nil {
		t.Fatalf("the plan does not say the digest:\n%s", output)
	}
	file, err := os.ReadFile(c.path("web.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(c.path("web.pcap"), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fails := func(command, sentence string) {
		t.Helper()
		output, code := space.try(t, command)
		if code == 0 {
			t.Errorf("%s passes", command)
		}
		says(t, output, 1, sentence)
		says(t, output, 0, "bug in the provider", "inconsistent final plan")
	}
	for _, isNew := range []bool{true, false} {
		rules := all
		if !isNew {
			space.run(t, "apply -auto-approve")
			rules = rejectThenAll
		}
		space.write(t, config(rules, digest[1]))
		space.run(t, "plan -out=plan")
		if err := os.Remove(c.path("web.pcap")); err != nil {
			t.Fatal(err)
		}
		fails("plan", "Error: Capture not readable")
		fails("apply plan", "Error: Capture not readable")
		put(file)
		space.run(t, "plan -out=plan")
		put(file[:len(file)-10])
		fails("plan", "Error: Capture not readable")
		fails("apply plan", "Error: Capture not readable")
		put([]byte("no capture at all, but long enough to be one"))
		fails("plan", "Error: Capture not readable")
		put(file)
	}
	space.run(t, "destroy -auto-approve")
}

// In place, the rules that a filter leaves to others are not known. They are not taken for none.
func TestAccSimulation_inPlaceSeparateRules(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := func(filter string) string {
		return c.config(`
resource "trafficmirror_filter" "web" {
  %s
}
resource "trafficmirror_filter_rule" "web" {
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  traffic_direction        = "ingress"
  rule_number              = 100
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
resource "trafficmirror_simulation" "this" {
  interface  = {}
  sessions   = [{ session_number = 1, filter = trafficmirror_filter.web, target = { type = "network-interface" } }]
  %s
  expect     = [{ packet = "ssh", mirrored = false }]
  depends_on = [trafficmirror_filter_rule.web]
}
`, filter, ssh)
	}
	for filter, want := range map[string][]string{
		"":                   {"sessions[0].filter.ingress_rules is null", "sessions[0].filter.egress_rules is null"},
		"egress_rules = {}":  {"sessions[0].filter.ingress_rules is null"},
		"ingress_rules = {}": {"sessions[0].filter.egress_rules is null"},
	} {
		space.write(t, config(filter))
		output, code := space.try(t, "plan")
		if code == 0 {
			t.Errorf("%q: the plan passes", filter)
		}
		says(t, output, 1, want...)
		says(t, output, len(want), "is null", "Write {} if no rule of this direction is to be there. If a trafficmirror_filter_rule manages them, use network_interface_id.")
	}
}
