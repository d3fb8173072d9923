package cli_test

import (
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
	status, stdout, stderr := c.run(t, "--unwrap")
	if want := c.path("in.pcap") + ": unwrapped 3 packets from VXLAN. Left out 1 other packet: not UDP to port 4789 or 6081.\n"; status != 0 || stderr != want {
		t.Errorf("ends with %d:\n%s\nwant\n%s", status, stderr, want)
	}
	if !strings.Contains(stdout, ": 3 packets, 428 bytes; mirrored 3 packets, 428 bytes copied.") {
		t.Errorf("the summary is\n%s", stdout)
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
		if want := "2 files: unwrapped 3 packets from VXLAN. Left out 2 other packets: not UDP to port 4789 or 6081.\n"; status != 0 || stderr != want {
			t.Errorf("ends with %d:\n%s\nwant\n%s", status, stderr, want)
		}
		if !strings.Contains(stdout, ": 3 packets, 428 bytes;") {
			t.Errorf("the summary is\n%s", stdout)
		}
	}
}

// What was unwrapped is also said of a capture that is damaged.
func TestSimulate_unwrapDamaged(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "in.pcap", whole[:len(whole)-1])
	status, _, stderr := c.run(t, "--unwrap")
	if status != 1 || !strings.HasPrefix(stderr, c.path("in.pcap")+": unwrapped 2 packets from VXLAN. Left out 1 other") || !strings.Contains(stderr, "record 4 of the capture") {
		t.Errorf("ends with %d: %s", status, stderr)
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
