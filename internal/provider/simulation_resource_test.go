package provider_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

const (
	simulated     = "trafficmirror_simulation.this"
	sourceAddress = "10.0.1.11" // of source
)

// A simulationCase is an account with the capture web.pcap, of which one interface
// is mirrored and simulated.
type simulationCase struct{ *account }

func newSimulationCase(t *testing.T) simulationCase {
	t.Helper()
	c := simulationCase{newAccount(t)}
	c.writeCapture(t, c.frame(t, 443, 1000), c.frame(t, 22, 100), c.frame(t, 80, 100))
	return c
}

// frame returns a TCP packet to the source interface.
func (simulationCase) frame(t *testing.T, port uint16, length int) []byte {
	t.Helper()
	frame, err := packet.Build(packet.Spec{
		Protocol: packet.ProtocolTCP, Source: netip.MustParseAddr("192.0.2.1"), Destination: netip.MustParseAddr(sourceAddress),
		SourcePort: new(uint16(50000)), DestinationPort: &port, Length: length,
		DestinationMAC: [6]byte{0x02, 0, 0, 0, 0, 0x01},
	})
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

func (c simulationCase) writeCapture(t *testing.T, frames ...[]byte) {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for i, frame := range frames {
		if err := w.Write(int64(i), frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path("web.pcap"), file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mirrored is a configuration that mirrors TLS and what the rules say, and
// simulates it with the arguments in body.
func (c simulationCase) mirrored(rules, body string) string {
	return c.config(`
resource "trafficmirror_target" "this" {
  network_interface_id = "%s"
}

resource "trafficmirror_filter" "this" {
  network_services = ["amazon-dns"]
  ingress_rules = {
    "100" = {
      rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 443, to_port = 443 }
    }
    %s
  }
}

resource "trafficmirror_session" "this" {
  network_interface_id     = "%[3]s"
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.this.id
  session_number           = 1
  virtual_network_id       = 7
  packet_length            = 128
}

resource "trafficmirror_simulation" "this" {
  network_interface_id = "%[3]s"
  %[4]s
  depends_on = [trafficmirror_session.this]
}
`, sensor, rules, source, body)
}

// rejectSSH is a rule for config.
const rejectSSH = `"200" = {
  rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0"
  destination_port_range = { from_port = 22, to_port = 22 }
}`

func (c simulationCase) capture() string {
	return fmt.Sprintf("capture = { path = %q, verdicts = 100 }\n", c.path("web.pcap"))
}

func (c simulationCase) output() string {
	return fmt.Sprintf("output = { path = %q }\n", c.path("mirrored.pcap"))
}

func expectVerdict(name string, want map[string]knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(simulated, tfjsonpath.New("verdicts").AtMapKey(name), knownvalue.ObjectPartial(want))
}

func text(s string) knownvalue.Check  { return knownvalue.StringExact(s) }
func number(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }

func TestAccSimulation(t *testing.T) {
	c := newSimulationCase(t)
	body := c.capture() + c.output() + `
packets = [
  { name = "dns", direction = "egress", protocol = "udp", source = "10.0.1.11", source_port = 40000, destination = "10.0.0.2", destination_port = 53, length = 70 },
  { name = "time", direction = "egress", protocol = "17", source = "10.0.1.11", source_port = 123, destination = "169.254.169.123", destination_port = 123 },
]
expect = [
  { packet = "1", mirrored = true, outcome = "mirrored", reason = "rule_accepts", session_number = 1, rule_number = 100, bytes = 128 },
  { packet = "2", mirrored = false, rule_number = 200 },
  { packet = "dns", mirrored = true },
]
`
	c.test(t, resource.TestStep{
		Config: c.mirrored(rejectSSH, body),
		ConfigStateChecks: []statecheck.StateCheck{
			expectVerdict("1", map[string]knownvalue.Check{
				"packet": text("tcp 192.0.2.1:50000 > 10.0.1.11:443, 1000 bytes"), "direction": text("ingress"), "mirrored": knownvalue.Bool(true),
				"outcome": text("mirrored"), "reason": text("rule_accepts"), "session_number": number(1), "rule_number": number(100),
				"bytes": number(128), "truncated_by": text("packet_length"), "assumption": knownvalue.Null(),
			}),
			expectVerdict("2", map[string]knownvalue.Check{"outcome": text("rejected"), "session_number": number(1), "rule_number": number(200), "bytes": number(0)}),
			expectVerdict("3", map[string]knownvalue.Check{"outcome": text("no_match"), "session_number": knownvalue.Null(), "rule_number": knownvalue.Null()}),
			expectVerdict("dns", map[string]knownvalue.Check{"reason": text("network_service"), "rule_number": knownvalue.Null(), "bytes": number(70)}),
			expectVerdict("time", map[string]knownvalue.Check{"outcome": text("never_mirrored"), "reason": text("amazon_time_service")}),
			statecheck.ExpectKnownValue(simulated, tfjsonpath.New("summary"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"packets": number(5), "mirrored": number(2), "bytes_in": number(1000 + 100 + 100 + 70 + 42), "bytes_out": number(128 + 70),
				"truncated":    knownvalue.MapExact(map[string]knownvalue.Check{"packet_length": number(1)}),
				"not_mirrored": knownvalue.MapExact(map[string]knownvalue.Check{"rule_rejects": number(1), "no_rule": number(1), "amazon_time_service": number(1)}),
				"sessions": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"session_number": number(1), "virtual_network_id": number(7), "packets": number(2), "bytes": number(198),
				})}),
			})),
		},
		Check: func(*terraform.State) error { return checkCopies(c.path("mirrored.pcap"), 50+128, 50+70) },
	}, resource.TestStep{
		// Another packet length is a change of the session, not of the simulation,
		// which runs again all the same.
		Config: strings.NewReplacer("packet_length            = 128", "packet_length            = 64", "bytes = 128", "bytes = 64").
			Replace(c.mirrored(rejectSSH, body)),
		Check: func(*terraform.State) error { return checkCopies(c.path("mirrored.pcap"), 50+64, 50+64) },
	})
	if _, err := os.Stat(c.path("mirrored.pcap")); !os.IsNotExist(err) {
		t.Errorf("the output outlives destroy: %v", err)
	}
}

// checkCopies reads a capture and compares the lengths of its packets.
func checkCopies(path string, lengths ...int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := capture.NewReader(file)
	if err != nil {
		return err
	}
	for i, length := range lengths {
		var rec capture.Record
		if err := r.Next(&rec); err != nil {
			return fmt.Errorf("packet %d: %w", i+1, err)
		}
		if len(rec.Data) != length {
			return fmt.Errorf("packet %d has %d bytes, want %d", i+1, len(rec.Data), length)
		}
	}
	if err := r.Next(&capture.Record{}); err == nil {
		return fmt.Errorf("more than %d packets", len(lengths))
	}
	return nil
}

func TestAccSimulation_brokenExpectation(t *testing.T) {
	c := newSimulationCase(t)
	wrong := c.capture() + c.output() + `expect = [{ packet = "2", mirrored = true, rule_number = 100 }]`
	right := c.capture() + c.output() + `expect = [{ packet = "2", mirrored = false, rule_number = 200 }]`
	c.test(t, resource.TestStep{
		Config: c.mirrored(rejectSSH, wrong),
		ExpectError: regexp.MustCompile(`Packet "2" \(ingress, tcp 192\.0\.2\.1:50000 > 10\.0\.1\.11:22, 100 bytes\)\s+` +
			`expected: mirrored = true, rule_number = 100\s+actual:   mirrored = false, rule_number = 200\s+` +
			`Rejected by session 1: ingress rule 200 \(reject\) is the first rule of its\s+filter\s+that\s+matches\.\s+No\s+later\s+session\s+accepts\s+the\s+packet\.`),
	}, resource.TestStep{
		Config: c.mirrored(rejectSSH, right),
	}, resource.TestStep{
		// The filter changes, and with it what the simulation finds.
		Config:      c.mirrored(strings.Replace(rejectSSH, "reject", "accept", 1), right),
		ExpectError: regexp.MustCompile(`expected: mirrored = false\s+actual:   mirrored = true\s+Mirrored by session 1: ingress rule 200 \(accept\)`),
	}, resource.TestStep{
		// The same apply once more changes nothing else, and fails again.
		Config:      c.mirrored(strings.Replace(rejectSSH, "reject", "accept", 1), right),
		ExpectError: regexp.MustCompile(`expected: mirrored = false\s+actual:   mirrored = true\s+Mirrored by session 1: ingress rule 200 \(accept\)`),
	}, resource.TestStep{
		// A broken expectation does not block the plan that repairs it.
		Config: c.mirrored(rejectSSH, right),
	})
}

// A session that goes takes what it mirrored with it. Terraform does not plan a
// destroy anew while it applies, and the simulation runs all the same.
func TestAccSimulation_sessionRemoved(t *testing.T) {
	c := newSimulationCase(t)
	second := `
resource "trafficmirror_filter" "second" {
  ingress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
}
resource "trafficmirror_session" "second" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.second.id
  session_number           = 2
}
`
	body := c.capture() + `expect = [{ packet = "3", mirrored = true }]`
	both := strings.Replace(c.mirrored("", body), "[trafficmirror_session.this]", "[trafficmirror_session.this, trafficmirror_session.second]", 1)
	c.test(t, resource.TestStep{
		Config: both + second,
	}, resource.TestStep{
		Config:      c.mirrored("", body),
		ExpectError: regexp.MustCompile(`Packet "3"`),
	}, resource.TestStep{
		Config: c.mirrored("", c.capture()),
	})
}

// Somebody changes the filter by hand: a refresh shows the verdicts of the sessions
// as they are, and neither it nor a plan fails.
func TestAccSimulation_drift(t *testing.T) {
	c := newSimulationCase(t)
	body := c.capture() + `expect = [{ packet = "1", mirrored = true }]`
	// A filter that leaves its ingress rules to others does not repair them.
	unowned := regexp.MustCompile(`(?s)ingress_rules = \{.*?\n  \}\n`).ReplaceAllString(c.mirrored("", body), "")
	c.test(t, resource.TestStep{
		Config: c.mirrored("", body),
	}, resource.TestStep{
		Config: unowned,
	}, resource.TestStep{
		PreConfig: func() { c.deleteRules(t) },
		Config:    unowned,
		PlanOnly:  true,
	}, resource.TestStep{
		RefreshState: true,
		Check:        resource.TestCheckResourceAttr(simulated, "verdicts.1.outcome", "no_match"),
	})
}

// deleteRules deletes every filter rule of the account.
func (c simulationCase) deleteRules(t *testing.T) {
	t.Helper()
	rules, err := c.client.DescribeTrafficMirrorFilterRules(t.Context(), &ec2.DescribeTrafficMirrorFilterRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.TrafficMirrorFilterRules {
		_, err := c.client.DeleteTrafficMirrorFilterRule(t.Context(), &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: r.TrafficMirrorFilterRuleId})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAccSimulation_validation(t *testing.T) {
	t.Parallel()
	const one = `{ name = "a", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 1, destination = "10.0.1.11", destination_port = 2 }`
	change := func(old, to string) string { return "packets = [" + strings.Replace(one, old, to, 1) + "]" }
	c := newSimulationCase(t)
	for name, test := range map[string]struct{ body, want string }{
		"nothing":         {"", `There is nothing to simulate. Set capture, packets or both.`},
		"overwrite":       {"capture = { path = \"a/web.pcap\" }\noutput = { path = \"a/./web.pcap\" }", `output.path is "a/./web.pcap", which is the capture. Write another path: the capture is never overwritten.`},
		"resolver":        {c.capture() + `dns_resolver_addresses = ["10.0.0.0/24"]`, `dns_resolver_addresses[0] is "10.0.0.0/24", which is not an IP address. Write an address such as "10.0.1.10" or "2001:db8::10".`},
		"numeric name":    {change(`"a"`, `"1"`), `name is "1", but a number means a packet of the capture. Write a name such as "ssh from the office".`},
		"same name":       {"packets = [" + one + ", " + one + "]", `name is "a", and another packet has the same name. Give each packet its own name.`},
		"direction":       {change("ingress", "in"), `direction is "in". Write "ingress" or "egress".`},
		"protocol":        {change(`"tcp"`, `"tpc"`), `protocol is "tpc". Write a protocol number from 0 to 255 or a name`},
		"address":         {change("192.0.2.1", "web"), `source is "web", which is not an IP address. Write an address such as "10.0.1.10" or "2001:db8::10".`},
		"families":        {change("192.0.2.1", "2001:db8::1"), `destination is 10.0.1.11, of another address family than source, 2001:db8::1. Write both as IPv4 or both as IPv6.`},
		"port":            {change("source_port = 1", "source_port = 65536"), `source_port is 65536. Write a whole number from 0 to 65535.`},
		"no port":         {change("source_port = 1,", ""), `source_port is missing. Write a port from 0 to 65535: a TCP or UDP packet has both ports.`},
		"length":          {change("destination_port = 2", "destination_port = 2, length = 53"), `length is 53. Write the length of the frame with its Ethernet header, for this packet from 54 to 65549.`},
		"unknown packet":  {"packets = [" + one + "]\nexpect = [{ packet = \"b\", mirrored = true }]", `packet is "b", and there is no such packet. Write the name of one of packets, or the number of a packet of the capture, from 1.`},
		"number, no file": {"packets = [" + one + "]\nexpect = [{ packet = \"1\", mirrored = true }]", `packet is "1", and there is no such packet.`},
		"expects nothing": {c.capture() + `expect = [{ packet = "1" }]`, `expects nothing of the packet. Set at least one of mirrored, outcome, reason, session_number, rule_number and bytes.`},
	} {
		t.Run(name, func(t *testing.T) {
			// The CLI wraps lines.
			want := strings.ReplaceAll(regexp.QuoteMeta(test.want), " ", `\s+`)
			acceptance(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: c.mirrored("", test.body), PlanOnly: true, ExpectError: regexp.MustCompile(want)}},
			})
		})
	}
}
