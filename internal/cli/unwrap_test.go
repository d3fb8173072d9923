package cli_test

import (
	"strconv"
	"strings"
	"testing"
)

// newSensorCase is a simulateCase whose capture was taken at the sensor: the three copies of
// that of newSimulateCase, and a packet of the sensor itself.
func newSensorCase(t *testing.T) simulateCase {
	t.Helper()
	c := newSimulateCase(t)
	c.succeed(t, "--out", c.path("copies.pcap"))
	copies := c.read(t, "copies.pcap")
	own := captureOf(t, frame(t, 9000, 60))
	c.write(t, "in.pcap", append(own, copies[24:]...))
	return c
}

func TestSimulate_unwrap(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	status, stdout, stderr := c.run(t, "--unwrap", "--report", c.path("report.html"))
	const left = "Unwrapped 3 packets from VXLAN. Left out 1 other packet: not UDP to port 4789 or 6081."
	if !strings.Contains(stdout, ": 3 packets, 428 bytes; mirrored 3 packets, 428 bytes copied.\n"+left+"\n\n") || status != 0 || stderr != "" {
		t.Errorf("ends with %d: %s\nthe summary is\n%s", status, stderr, stdout)
	}
	if page := string(c.read(t, "report.html")); !strings.Contains(page, `<p class="alert">`+left) {
		t.Error("the report does not say it")
	}
	status, stdout, stderr = c.run(t, "--unwrap", "--json")
	if want := c.path("in.pcap") + ": u" + left[1:] + "\n"; status != 0 || stderr != want {
		t.Errorf("ends with %d:\n%s\nwant\n%s", status, stderr, want)
	}
	const counts = `"unwrapped": {
    "vxlan": 3,
    "geneve": 0,
    "no_tunnel": 1,
    "unreadable": 0
  }`
	if !strings.Contains(stdout, counts) {
		t.Errorf("the JSON is\n%s", stdout)
	}
	if _, stdout, _ := c.run(t, "--json"); strings.Contains(stdout, "unwrapped") {
		t.Errorf("without --unwrap, the JSON is\n%s", stdout)
	}
	if _, stdout, _ := c.run(t); !strings.Contains(stdout, ": 4 packets, ") || !strings.Contains(stdout, "      3  no_rule") {
		t.Errorf("without --unwrap, the summary is\n%s", stdout)
	}
}

// With several captures, one line counts the packets of all.
func TestSimulate_unwrapSeveral(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	c.write(t, "second.pcap", captureOf(t, frame(t, 9000, 60)))
	for _, args := range [][]string{nil, {"--verdicts", c.path("verdicts.jsonl")}} { // side by side, and by time
		status, stdout, stderr := c.run(t, append(args, "--in", c.path("second.pcap"), "--unwrap")...)
		if want := "\nUnwrapped 3 packets from VXLAN. Left out 2 other packets: not UDP to port 4789 or 6081.\n"; status != 0 || stderr != "" || !strings.Contains(stdout, want) {
			t.Errorf("ends with %d: %s\n%s\ndoes not have%s", status, stderr, stdout, want)
		}
		if !strings.HasPrefix(stdout, "2 files: 3 packets, 428 bytes;") {
			t.Errorf("the summary is\n%s", stdout)
		}
	}
}

// Merged runs say what all of them have left out, as one run does. The example is on standard error.
func TestMerge_unwrapped(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	sent := c.read(t, "in.pcap")
	damaged := append([]byte{}, sent...)
	damaged[len(damaged)-1-len(frame(t, 80, 100))-7] = 0 // the flags of the last VXLAN header
	c.write(t, "damaged.pcap", damaged)
	one := []string{"simulate", "--config", c.path("mirror.json"), "--unwrap", "--in"}
	for i, name := range []string{"in.pcap", "damaged.pcap"} {
		if status, _, stderr := run(t, append(one, c.path(name), "--summary", c.path("part-"+strconv.Itoa(i)+".json"))...); status != 0 || (i == 1) != strings.Contains(stderr, "such as packet 4: ") {
			t.Fatalf("%s ends with %d: %s", name, status, stderr)
		}
	}
	for _, args := range [][]string{nil, {"--json"}} {
		_, want, _ := run(t, append(append(one, c.path("in.pcap"), "--in", c.path("damaged.pcap")), args...)...)
		status, got, stderr := run(t, append([]string{"merge", c.path("part-*.json")}, args...)...)
		if status != 0 || stderr != "" || got != want || !strings.Contains(got, "unreadable\": 1") && !strings.Contains(got, "Left out 1 VXLAN or GENEVE packet that cannot be unwrapped.\n") {
			t.Errorf("ends with %d: %s\n%s\nwant\n%s", status, stderr, got, want)
		}
	}
}

// What was unwrapped is also said of a capture that is damaged.
func TestSimulate_unwrapDamaged(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "in.pcap", whole[:len(whole)-1])
	status, stdout, stderr := c.run(t, "--unwrap")
	if status != 1 || !strings.Contains(stdout, "\nUnwrapped 2 packets from VXLAN. Left out 1 other") || !strings.Contains(stderr, "record 4 of the capture") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
}

func TestTrace_unwrap(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	trace := func(number string) (int, string, string) {
		return run(t, "trace", "--config", c.path("mirror.json"), "--in", c.path("in.pcap"), "--unwrap", "--packet", number)
	}
	status, stdout, stderr := trace("2")
	if want := "Packet 2 in VXLAN or GENEVE of " + c.path("in.pcap") + " is in packet 3 of the file.\n"; status != 0 || stderr != want {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	if !strings.HasPrefix(stdout, "tcp 192.0.2.1:50000 > 10.0.1.10:80, 200 bytes\n") {
		t.Errorf("the trace is\n%s", stdout)
	}
	status, _, stderr = trace("4")
	if want := "Error: --packet is 4, and " + c.path("in.pcap") + " has 3 packets in VXLAN or GENEVE\n"; status != 1 || !strings.HasSuffix(stderr, want) {
		t.Errorf("ends with %d: %s", status, stderr)
	}
}

func TestAnalyze_unwrap(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	c.write(t, "filter.json", []byte(`{ "ingress_rules": {
	  "1": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" },
	  "2": { "rule_action": "accept", "protocol": "udp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } } }`))
	status, stdout, stderr := run(t, "analyze", "--config", c.path("filter.json"), "--in", c.path("in.pcap"), "--interface-address", "10.0.1.10", "--unwrap", "--json")
	if status != 0 || !strings.HasPrefix(stderr, c.path("in.pcap")+": unwrapped 3 packets from VXLAN. Left out 1 other packet") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	if !strings.Contains(stdout, `"packets": 3`) {
		t.Errorf("the report is\n%s", stdout)
	}
}

func TestUnwrap_withoutCapture(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "filter.json", []byte(`{ "ingress_rules": {} }`))
	for _, args := range [][]string{
		{"simulate", "--config", c.path("mirror.json"), "--expect", c.path("expectations.json")},
		{"trace", "--config", c.path("mirror.json"), "--ingress", "tcp 192.0.2.1:1 > 10.0.1.10:22"},
		{"analyze", "--config", c.path("filter.json")},
	} {
		status, _, stderr := run(t, append(args, "--unwrap")...)
		if status != 1 || stderr != "Error: --unwrap is about the packets of --in. Write --in too, or leave --unwrap out\n" {
			t.Errorf("%s ends with %d: %s", args[0], status, stderr)
		}
	}
}
