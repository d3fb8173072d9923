package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
)

// The resource says of a target what the command simulate says with the same values in
// mirror.json.
func TestAccSimulation_targetFacts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		topology [2]string // what is replaced in the topology
		backing  string    // argument of the target
		target   string    // of mirror.json
		want     string    // a part of the verdict
	}{
		"mtu": {
			[2]string{`"private_ip_address": "10.0.1.101"`, `"private_ip_address": "10.0.1.101", "mtu": 1500`},
			`network_interface_id = "` + sensor + `"`, `"type": "network-interface", "ip_address": "10.0.1.101", "mtu": 1500`, `"truncated_by":"target_mtu"`,
		},
		"no listener": {
			[2]string{`"udp_listeners": [4789]`, `"udp_listeners": []`},
			`network_load_balancer_arn = "` + sensors + `"`, `"type": "network-load-balancer", "ip_address": "10.0.1.201", "udp_listeners": []`, `"reason":"no_udp_listener"`,
		},
		"no appliance behind the load balancer": {
			[2]string{`"udp_listeners": [4789]`, `"udp_listeners": [4789], "appliances": []`},
			`network_load_balancer_arn = "` + sensors + `"`, `"type": "network-load-balancer", "ip_address": "10.0.1.201", "udp_listeners": [4789], "appliances": []`, `"reason":"no_appliance"`,
		},
		"no appliance behind the endpoint": {
			[2]string{`"ip_address": "10.0.1.202"`, `"ip_address": "10.0.1.202", "appliances": []`},
			`gateway_load_balancer_endpoint_id = "` + gateway + `"`, `"type": "gateway-load-balancer-endpoint", "ip_address": "10.0.1.202", "appliances": []`, `"reason":"no_appliance"`,
		},
		"everything as it should be": {
			[2]string{`"udp_listeners": [4789]`, `"udp_listeners": [4789], "appliances": [{ "ip_address": "10.0.1.50" }]`},
			`network_load_balancer_arn = "` + sensors + `"`, `"type": "network-load-balancer", "ip_address": "10.0.1.201", "udp_listeners": [4789], "appliances": [{ "ip_address": "10.0.1.50" }]`, `"outcome":"mirrored"`,
		},
		"nobody knows": {
			[2]string{`, "udp_listeners": [4789]`, ``},
			`network_load_balancer_arn = "` + sensors + `"`, `"type": "network-load-balancer", "ip_address": "10.0.1.201"`, `"unknown":["udp_listener","appliances"]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSimulationCase(t)
			c.writeCapture(t, c.frame(t, 443, 4000), c.frame(t, 443, 100))
			c.changeTopology(t, test.topology[0], test.topology[1])
			verdicts := c.simulate(t, `{ "interface": { "mac_address": "02:00:00:00:00:01", "private_ip_address": "10.0.1.11" }, "sessions": [{
  "session_number": 1, "virtual_network_id": 7, "target": { `+test.target+` },
  "filter": { "ingress_rules": { "100": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } } } }] }`)
			if !strings.Contains(verdicts[0], test.want) {
				t.Fatalf("the command says %s", verdicts[0])
			}
			config := regexp.MustCompile(`network_interface_id = "`+sensor+`"`).ReplaceAllLiteralString(c.mirrored("", c.capture()), test.backing)
			config = strings.NewReplacer("packet_length            = 128", "").Replace(config)
			c.test(t, resource.TestStep{
				Config: config,
				Check: func(s *terraform.State) error {
					for i, want := range verdicts {
						if err := sameVerdict(s, fmt.Sprint(i+1), want); err != nil {
							return err
						}
					}
					// The only appliance gets every copy.
					const counted = "summary.appliances.10.0.1.50"
					attributes := s.RootModule().Resources[simulated].Primary.Attributes
					if there := strings.Contains(test.target, "10.0.1.50"); there != (attributes[counted] == "2") || there != (attributes["verdicts.1.appliance"] == "10.0.1.50") {
						return fmt.Errorf("%s is %q, and the appliance of packet 1 %q", counted, attributes[counted], attributes["verdicts.1.appliance"])
					}
					return nil
				},
			})
		})
	}
}

// changeTopology replaces a part of the topology file.
func (c simulationCase) changeTopology(t *testing.T, old, now string) {
	t.Helper()
	changed := strings.Replace(testTopology, old, now, 1)
	if changed == testTopology {
		t.Fatalf("the topology has no %s", old)
	}
	c.setTopology(t, changed)
}

// simulate runs the command on the capture, and returns its verdicts.
func (c simulationCase) simulate(t *testing.T, config string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	args := []string{"simulate", "--config", "-", "--in", c.path("web.pcap"), "--verdicts", "-"}
	if status := cli.Main(t.Context(), "0.0.0", args, strings.NewReader(config), &out, &errs); status != 0 {
		t.Fatalf("simulate ends with %d: %s", status, &errs)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// sameVerdict compares a verdict in the state with one of the command.
func sameVerdict(s *terraform.State, name, line string) error {
	var want map[string]any
	if err := json.Unmarshal([]byte(line), &want); err != nil {
		return err
	}
	attributes := s.RootModule().Resources[simulated].Primary.Attributes
	at := "verdicts." + name + "."
	for _, field := range []string{"direction", "outcome", "reason", "session_number", "rule_number", "bytes", "truncated_by", "assumption", "appliance"} {
		text := ""
		if v, there := want[field]; there {
			text = fmt.Sprint(v)
		}
		if got := attributes[at+field]; got != text {
			return fmt.Errorf("packet %s: %s is %q, and the command says %q", name, field, got, text)
		}
	}
	var unknown []any
	for i := 0; attributes[fmt.Sprintf("%sunknown.%d", at, i)] != ""; i++ {
		unknown = append(unknown, attributes[fmt.Sprintf("%sunknown.%d", at, i)])
	}
	if listed, _ := want["unknown"].([]any); !reflect.DeepEqual(unknown, listed) {
		return fmt.Errorf("packet %s: unknown is %v, and the command says %v", name, unknown, listed)
	}
	return nil
}

// A target that another account shares is alive. Its copies cannot be written, and those of
// other sessions are, also when the target of a third session is dead.
func TestAccSimulation_sharedTarget(t *testing.T) {
	c := newSimulationCase(t)
	c.changeTopology(t, `"vpcs":`, `"shared_targets": [{ "id": "tmt-0000000000000000f", "owner_id": "210987654321", "network_interface_id": "eni-000000000000000ff" }],
  "vpcs":`)
	more := `
resource "trafficmirror_filter" "rest" {
  ingress_rules = { "100" = { rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 80, to_port = 80 } } }
}
resource "trafficmirror_session" "shared" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = "tmt-0000000000000000f"
  traffic_mirror_filter_id = trafficmirror_filter.rest.id
  session_number           = 2
}
resource "trafficmirror_filter" "ssh" {
  ingress_rules = { "100" = { rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } } }
}
resource "trafficmirror_target" "dead" {
  network_interface_id = "` + sensor2 + `"
}
resource "trafficmirror_session" "dead" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.dead.id
  traffic_mirror_filter_id = trafficmirror_filter.ssh.id
  session_number           = 3
}
`
	config := func(simulation string) string {
		return strings.Replace(c.mirrored("", simulation), "[trafficmirror_session.this]", "[trafficmirror_session.this, trafficmirror_session.shared, trafficmirror_session.dead]", 1) + more
	}
	steps := []resource.TestStep{{
		Config: config(c.capture()),
	}, {
		PreConfig: func() {
			attached, err := c.client.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{sensor2}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.client.DetachNetworkInterface(t.Context(), &ec2.DetachNetworkInterfaceInput{AttachmentId: attached.NetworkInterfaces[0].Attachment.AttachmentId}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.client.DeleteNetworkInterface(t.Context(), &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: new(sensor2)}); err != nil {
				t.Fatal(err)
			}
		},
		Config: config(c.capture() + c.output()),
		ConfigStateChecks: []statecheck.StateCheck{
			expectVerdict("1", map[string]knownvalue.Check{"outcome": text("mirrored")}),
			expectVerdict("2", map[string]knownvalue.Check{"outcome": text("lost"), "reason": text("target_gone"), "session_number": number(3)}),
			expectVerdict("3", map[string]knownvalue.Check{
				"outcome": text("mirrored"), "session_number": number(2),
				"unknown": knownvalue.ListExact([]knownvalue.Check{text("target_mtu")}),
			}),
		},
		Check: func(*terraform.State) error { return checkCopies(c.path("mirrored.pcap"), 50+128) },
	}}
	acceptance(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             c.counts(1, 0, 0), // the shared target is left
		Steps:                    steps,
	})
}

// The apply says which copies the output lacks.
func TestAccSimulation_leftOut(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	c.changeTopology(t, `"vpcs":`, `"shared_targets": [{ "id": "tmt-0000000000000000f", "owner_id": "210987654321", "network_interface_id": "eni-000000000000000ff" }],
  "vpcs":`)
	config := c.mirrored("", c.capture()+c.output())
	space.write(t, strings.Replace(config, "trafficmirror_target.this.id", `"tmt-0000000000000000f"`, 1))
	output := words(space.run(t, "apply -auto-approve"))
	want := "mirrored.pcap lacks 1 copy of session 1, because the IP address of its target is not known. EC2 shows the address of a target only to the account that owns it."
	if !strings.Contains(output, "Warning: Copies left out of the output") || !strings.Contains(output, want) {
		t.Errorf("the apply does not say %q:\n%s", want, output)
	}
	if err := checkCopies(c.path("mirrored.pcap")); err != nil {
		t.Error(err)
	}
	space.run(t, "destroy -auto-approve")
}

// Packets that the interface can neither receive nor send are errors, all of them in one
// apply. With the source/destination check off, only the one from itself is.
func TestAccSimulation_impossible(t *testing.T) {
	c := newSimulationCase(t)
	const body = `packets = [
  { name = "wrong way", direction = "ingress", protocol = "tcp", source = "10.0.1.11", source_port = 40000, destination = "198.51.100.7", destination_port = 443 },
  { name = "foreign", direction = "egress", protocol = "tcp", source = "172.31.0.1", source_port = 40000, destination = "198.51.100.7", destination_port = 443 },
  { name = "IPv6", direction = "egress", protocol = "tcp", source = "2001:db8::1", source_port = 40000, destination = "2001:db8::2", destination_port = 443 },
]`
	said := func(parts ...string) *regexp.Regexp {
		for i, part := range parts {
			parts[i] = strings.ReplaceAll(regexp.QuoteMeta(part), " ", `\s+`)
		}
		return regexp.MustCompile("(?s)" + strings.Join(parts, ".*"))
	}
	onlyForeign := regexp.MustCompile(`(?m)^  \{ name = "wrong way".*\n`).ReplaceAllString(body, "")
	c.test(t, resource.TestStep{
		Config: c.mirrored("", body),
		ExpectError: said(
			`packet "wrong way": source is 10.0.1.11, which is an address of `+source+`: it cannot receive a packet from itself. Write direction = "egress"`,
			`packet "foreign": source is 172.31.0.1, which is not an address of `+source+` (10.0.1.11): its source/destination check is on`,
			`packet "IPv6": source is 2001:db8::1, and `+source+` has no IPv6 address`,
		),
	}, resource.TestStep{
		PreConfig: func() {
			in := &ec2.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceId: new(source), SourceDestCheck: &types.AttributeBooleanValue{Value: new(bool)}}
			if _, err := c.client.ModifyNetworkInterfaceAttribute(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		},
		Config:      c.mirrored("", body),
		ExpectError: said(`packet "wrong way"`),
	}, resource.TestStep{
		Config:            c.mirrored("", onlyForeign),
		ConfigStateChecks: []statecheck.StateCheck{expectVerdict("foreign", map[string]knownvalue.Check{"reason": text("no_rule")})},
	})
}

// The summary counts what a rule hits apart from what it decides, and has the table of the
// command.
func TestAccSimulation_hits(t *testing.T) {
	c := newSimulationCase(t)
	second := `
resource "trafficmirror_filter" "second" {
  ingress_rules = { "10" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }
}
resource "trafficmirror_session" "second" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.second.id
  session_number           = 2
  virtual_network_id       = 8
}
`
	const table = `3 packets, 1,200 bytes; mirrored 3 packets, 328 bytes copied.

Session  VNI  Packets  Bytes copied
      1    7        1           128
      2    8        2           200

Session  Direction        Rule  Hits  Packets  Bytes copied
      1  ingress           100     1        1           128
      1  ingress           200     1        0             0
      1  ingress    amazon-dns     0        0             0
      1  egress     amazon-dns     0        0             0
      2  ingress            10     2        2           200

No packet hits ingress amazon-dns of session 1.

Shorter than the packet:
Packets  Why            Meaning
      1  packet_length  The copy is cut to the session's packet length, which for a Network Load Balancer is 8500 when it is not set.

Not known of the target:
Packets  What        Meaning
      3  target_mtu  The MTU of the target's interface is not known; the verdict assumes 9001.
`
	summary := func(path ...string) tfjsonpath.Path {
		p := tfjsonpath.New("summary")
		for _, key := range path {
			p = p.AtMapKey(key)
		}
		return p
	}
	c.test(t, resource.TestStep{
		Config: strings.Replace(c.mirrored(rejectSSH, c.capture()), "[trafficmirror_session.this]", "[trafficmirror_session.this, trafficmirror_session.second]", 1) + second,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(simulated, summary("rules").AtSliceIndex(1), knownvalue.ObjectExact(map[string]knownvalue.Check{
				"session_number": number(1), "direction": text("ingress"), "rule_number": number(200), "hits": number(1), "packets": number(0), "bytes": number(0),
			})),
			statecheck.ExpectKnownValue(simulated, summary("unknown"), knownvalue.MapExact(map[string]knownvalue.Check{"target_mtu": number(3)})),
			statecheck.ExpectKnownValue(simulated, summary("table"), text(table)),
		},
	})
}
