package cli_test

import (
	"bytes"
	"strings"
	"testing"
)

// The report is one page with the packets of the run, also on standard output.
func TestSimulate_report(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	stdout := c.succeed(t, "--report", c.path("report.html"))
	page := string(c.read(t, "report.html"))
	for _, want := range []string{"<!doctype html>", "in.pcap, sent through 2 sessions of the interface 10.0.1.10.", ">mirrored to 10.0.2.20 ", "</html>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	status, onStandard, stderr := c.run(t, "--report", "-")
	if status != 0 || onStandard != page || stderr != stdout {
		t.Errorf("--report - ends with %d; the page is the same: %t; the summary is\n%s", status, onStandard == page, stderr)
	}
}

// With --flows, both outputs have one flow table, and are the same as without the other.
func TestSimulate_reportAndFlows(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	whole := c.read(t, "in.pcap")
	for _, in := range [][]byte{whole, whole[:len(whole)-1]} { // the second is damaged
		c.write(t, "in.pcap", in)
		for _, args := range [][]string{{"--flows", c.path("1.json")}, {"--report", c.path("1.html")}, {"--flows", c.path("2.json"), "--report", c.path("2.html")}} {
			if status, _, stderr := c.run(t, args...); status == 0 != (len(in) == len(whole)) {
				t.Fatalf("%q ends with %d: %s", args, status, stderr)
			}
		}
		for _, ending := range []string{".json", ".html"} {
			if both, alone := c.read(t, "2"+ending), c.read(t, "1"+ending); !bytes.Equal(both, alone) || len(alone) == 0 {
				t.Errorf("with %d bytes of the capture, the %s file is another one", len(in), ending)
			}
		}
	}
}

// The report says of which files it is, and which program wrote it.
func TestSimulate_reportOrigin(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "second.pcap", captureOf(t, frame(t, 80, 60)))
	c.write(t, "expect.json", []byte(`{"expect": [{"packet": "1", "mirrored": true}], "packets": [{"name": "a", "direction": "ingress", "protocol": "icmp", "source": "192.0.2.1", "destination": "10.0.1.10"}]}`))
	c.run(t, "--in", c.path("second.pcap"), "--expect", c.path("expect.json"), "--report", c.path("report.html"))
	page := string(c.read(t, "report.html"))
	for _, want := range []string{
		"<li><code>" + c.path("in.pcap") + "</code></li><li><code>" + c.path("second.pcap") + "</code></li><li><code>" + c.path("expect.json") + "</code></li>",
		"<li><code>--config " + c.path("mirror.json") + "</code></li><li><code>--expect " + c.path("expect.json") + "</code></li>",
		"<td>terraform-provider-trafficmirror ",
		"<p>The packets are from ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
}

// A run that ends in damage has a report too, which says so at its top.
func TestSimulate_reportOfDamage(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "in.pcap", whole[:len(whole)-1])
	status, _, _ := c.run(t, "--report", c.path("report.html"))
	page := string(c.read(t, "report.html"))
	if head, _, _ := strings.Cut(page, "<main"); status != 1 || !strings.Contains(head, "The run ended early.") || !strings.Contains(head, "record 4 of the capture") {
		t.Errorf("the status is %d, and the head of the page\n%s", status, head)
	}
	if !strings.Contains(page, `<th scope="row">Packets</th><td class="n">3</td>`) {
		t.Error("the page does not count the packets before the damage")
	}
}

// Expectations that do not hold are in the report.
func TestSimulate_reportOfExpectations(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "expect.json", []byte(`{"expect": [{"packet": "1", "mirrored": true}, {"packet": "3", "mirrored": false}]}`))
	status, _, _ := c.run(t, "--expect", c.path("expect.json"), "--report", c.path("report.html"))
	if page := string(c.read(t, "report.html")); status != 2 || !strings.Contains(page, "1 of 2 expectations does not hold.") {
		t.Errorf("the status is %d, and the page does not have the failure", status)
	}
}

func TestSimulate_reportRefused(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	for want, args := range map[string][]string{
		"--report " + c.path("in.pcap") + " would overwrite --in": {"--report", c.path("in.pcap")},
		"would overwrite --verdicts":                              {"--verdicts", c.path("x"), "--report", c.path("x")},
		"cannot both be standard output":                          {"--verdicts", "-", "--report", "-"},
	} {
		if status, _, stderr := c.run(t, args...); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%q ends with %d: %s", args, status, stderr)
		}
	}
}
