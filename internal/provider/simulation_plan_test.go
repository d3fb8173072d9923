package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const ssh = `packets = [{ name = "ssh", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 1, destination = "10.0.1.11", destination_port = 22 }]
`

// neverSSH is a body that lets no SSH pass, with rules that do not.
const neverSSH = ssh + `expect = [{ packet = "ssh", mirrored = false }, { where = { destination_port = 22 }, mirrored = "none" }, { packet = "1", mirrored = true }]
`

// rejectThenAll are rules that mirror all but SSH.
const rejectThenAll = `"50" = {
  rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0"
  destination_port_range = { from_port = 22, to_port = 22 }
}
` + all

const all = `"300" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
`

// named is mirrored with a simulation that names its session.
func (c simulationCase) named(rules, body string) string {
	return strings.Replace(c.mirrored(rules, body), "depends_on = [trafficmirror_session.this]", "traffic_mirror_session_ids = [trafficmirror_session.this.id]", 1)
}

// The table "What fails when" of the guide: what a plan and an apply say about an expectation,
// after an apply in which all expectations held.
func TestAccSimulation_whatFailsWhen(t *testing.T) {
	const (
		passes = ""
		warns  = "Warning: Expectation does not hold"
		fails  = "Error: Expectation does not hold"
	)
	for name, test := range map[string]struct {
		body     string                                      // of the first apply; "": neverSSH
		change   func(t *testing.T, c simulationCase) string // returns the next configuration
		plan     string
		apply    string
		sentence string // in the plan
	}{
		"nothing changes": {
			change: func(_ *testing.T, c simulationCase) string { return c.named(rejectThenAll, c.capture()+neverSSH) },
		},
		"a filter that it uses breaks it": {
			change: func(_ *testing.T, c simulationCase) string { return c.named(all, c.capture()+neverSSH) },
			plan:   fails, apply: fails, sentence: "This is so after the apply: the plan changes what the simulation uses, tmf-",
		},
		"a filter that it uses breaks it, with on_failure": {
			change: func(_ *testing.T, c simulationCase) string {
				return c.named(all, c.capture()+neverSSH+`on_failure = "warn"`)
			},
			plan: warns, apply: warns, sentence: "Warning: Verdicts change",
		},
		"an edited expectation": {
			change: func(_ *testing.T, c simulationCase) string {
				return c.named(rejectThenAll, c.capture()+strings.Replace(neverSSH, "false", "true", 1))
			},
			plan: fails, apply: fails, sentence: "nothing in this plan changes what the simulation uses",
		},
		"a set in which there is no packet": {
			change: func(_ *testing.T, c simulationCase) string {
				return c.named(rejectThenAll, c.capture()+strings.Replace(neverSSH, "where = { destination_port = 22 }", "where = { destination_port = 23 }", 1))
			},
			plan: fails, apply: fails, sentence: "No packet fits where = { destination_port = 23 }, so that nothing was compared",
		},
		"an edited packet": {
			change: func(_ *testing.T, c simulationCase) string {
				return c.named(rejectThenAll, c.capture()+strings.Replace(neverSSH, "destination_port = 22 }]\n", "destination_port = 23 }]\n", 1))
			},
			plan: fails, apply: fails, sentence: "Mirrored by session 1: ingress rule 300",
		},
		"another capture": {
			change: func(t *testing.T, c simulationCase) string {
				c.writeCapture(t, c.frame(t, 22, 100))
				return c.named(rejectThenAll, c.capture()+neverSSH)
			},
			plan: fails, apply: fails, sentence: "ingress rule 50 (reject)",
		},
		"drift, which the plan does not revert": {
			change: func(t *testing.T, c simulationCase) string {
				c.deleteRules(t)
				return withoutIngress(c.named(rejectThenAll, c.capture()+neverSSH))
			},
			plan: warns, apply: warns, sentence: "Something was changed outside of this configuration.",
		},
		"drift, with on_drift": {
			body: neverSSH + `on_drift = "error"`,
			change: func(t *testing.T, c simulationCase) string {
				c.deleteRules(t)
				return withoutIngress(c.named(rejectThenAll, c.capture()+neverSSH+`on_drift = "error"`))
			},
			plan: fails, apply: fails, sentence: "terraform destroy -refresh=false",
		},
		"drift, which the plan reverts": {
			change: func(t *testing.T, c simulationCase) string {
				c.deleteRules(t)
				return c.named(rejectThenAll, c.capture()+neverSSH)
			},
			plan: warns, apply: warns, sentence: `Packet "1" (tcp 192.0.2.1:50000 > 10.0.1.11:443, 1000 bytes): no_match (no_rule) -> mirrored by session 1, rule 100, 128 bytes`,
		},
		"a session that the interface does not have": {
			change: func(_ *testing.T, c simulationCase) string {
				return strings.Replace(c.named(rejectThenAll, c.capture()+neverSSH), "session_ids = [", `session_ids = ["tms-00000000000000099", `, 1)
			},
			plan: fails, apply: fails, sentence: "tms-00000000000000099 is not a session of " + source,
		},
		"a target of a session that the interface does not have": {
			change: func(_ *testing.T, c simulationCase) string {
				return c.named(rejectThenAll, c.capture()+neverSSH+`targets = { "1" = { mtu = 1500 }, "3" = { mtu = 1500 } }`)
			},
			plan: fails, apply: fails, sentence: `targets has the key "3", and ` + source + " has no session with this number.",
		},
		"the sessions go, and nothing expects that": {
			change: func(_ *testing.T, c simulationCase) string {
				return c.config("resource \"trafficmirror_simulation\" \"this\" {\n  network_interface_id = %q\n  %s\n}\n", source, c.capture())
			},
			// Terraform plans deletions in any order: see "A simulation does not wait for this deletion".
			apply: fails, sentence: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			space := newWorkspace(t)
			c := newSimulationCase(t)
			body := test.body
			if body == "" {
				body = neverSSH
			}
			space.write(t, c.named(rejectThenAll, c.capture()+body))
			space.run(t, "apply -auto-approve")
			space.planIsEmpty(t)
			space.write(t, test.change(t, c))
			commands := map[string]string{"plan": test.plan, "apply -auto-approve": test.apply}
			if name == "the sessions go, and nothing expects that" {
				delete(commands, "plan")
			}
			for _, command := range []string{"plan", "apply -auto-approve"} {
				want, isAsked := commands[command]
				if !isAsked {
					continue
				}
				output, code := space.try(t, command)
				if (code != 0) != (want == fails) {
					t.Errorf("%s exits with %d:\n%s", command, code, output)
				}
				if want != passes && !strings.Contains(output, want) || want == passes && strings.Contains(output, "Expectation does not hold") {
					t.Errorf("%s does not say %q:\n%s", command, want, output)
				}
				if command == "plan" && !strings.Contains(words(output), test.sentence) {
					t.Errorf("the plan does not say %q:\n%s", test.sentence, output)
				}
			}
			// A destroy is always possible.
			space.run(t, "destroy -auto-approve -refresh=false")
		})
	}
}

// withoutIngress leaves the ingress rules of a filter to others.
func withoutIngress(config string) string {
	return regexp.MustCompile(`(?s)ingress_rules = \{.*?\n  \}\n`).ReplaceAllString(config, "")
}

// A plan that would mirror SSH is refused before the filter is touched, and no later: a destroy
// that refreshes is refused too, and says how to go on.
func TestAccSimulation_refusedBeforeChange(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	space.write(t, c.named(rejectThenAll, c.capture()+neverSSH))
	space.run(t, "apply -auto-approve")
	space.write(t, c.named(all, c.capture()+neverSSH))
	output, code := space.try(t, "apply -auto-approve")
	if code == 0 {
		t.Errorf("the apply passes:\n%s", output)
	}
	says(t, output, 1, `Packet "ssh" (ingress, tcp 192.0.2.1:1 > 10.0.1.11:22, 54 bytes) expected: mirrored = false actual: mirrored = true Mirrored by session 1: ingress rule 300 (accept) is the first rule of its filter that matches.`)
	rules, err := c.client.DescribeTrafficMirrorFilterRules(t.Context(), &ec2.DescribeTrafficMirrorFilterRulesInput{})
	if err != nil || len(rules.TrafficMirrorFilterRules) != 3 {
		t.Errorf("the filter was changed: %d rules, %v", len(rules.TrafficMirrorFilterRules), err)
	}
	output, code = space.try(t, "destroy -auto-approve")
	if code == 0 {
		t.Errorf("the destroy passes:\n%s", output)
	}
	if !strings.Contains(output, "terraform destroy -refresh=false") {
		t.Errorf("the destroy does not say how to go on:\n%s", output)
	}
	space.run(t, "destroy -auto-approve -refresh=false")
}

// A state that was written when mirrored was a bool, and when there were fewer attributes, is
// read, and the plan is empty.
func TestAccSimulation_olderState(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	space.write(t, c.mirrored(rejectSSH, c.capture()+`expect = [{ packet = "2", mirrored = false }]`))
	space.run(t, "apply -auto-approve")
	rewriteState(t, space, func(attributes map[string]any) {
		for _, name := range []string{"passed", "failures", "on_drift", "on_failure", "interface", "sessions", "targets", "traffic_mirror_session_ids"} {
			delete(attributes, name)
		}
		for _, e := range attributes["expect"].([]any) {
			expectation := e.(map[string]any)
			expectation["mirrored"] = false
			for _, name := range []string{"where", "at_least", "at_most"} {
				delete(expectation, name)
			}
		}
		for _, v := range attributes["verdicts"].(map[string]any) {
			delete(v.(map[string]any), "protocol")
		}
	})
	for _, command := range []string{"plan -detailed-exitcode", "plan -detailed-exitcode -refresh=false"} {
		if output, code := space.try(t, command); code != 0 {
			t.Errorf("%s: exit %d\n%s", command, code, output)
		}
	}
	space.run(t, "apply -auto-approve -refresh-only")
	says(t, space.run(t, "show -json"), 1, `"passed":true`)
}

// rewriteState changes the simulation in the state of a workspace.
func rewriteState(t *testing.T, space *workspace, change func(attributes map[string]any)) {
	t.Helper()
	name := filepath.Join(space.folder, stateFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		if one := r.(map[string]any); one["type"] == "trafficmirror_simulation" {
			change(one["instances"].([]any)[0].(map[string]any)["attributes"].(map[string]any))
		}
	}
	if text, err = json.Marshal(state); err == nil {
		err = os.WriteFile(name, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What targets says is believed more than what the embedded EC2 knows.
func TestAccSimulation_statedTargets(t *testing.T) {
	c := newSimulationCase(t)
	config := strings.Replace(c.mirrored("", c.capture()+`targets = { "1" = { mtu = 300 } }`), "packet_length            = 128", "", 1)
	c.test(t, resource.TestStep{
		Config: config,
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(simulated, "verdicts.1.truncated_by", "target_mtu"),
			resource.TestCheckResourceAttr(simulated, "verdicts.1.destination_port", "443"),
			resource.TestCheckResourceAttr(simulated, "verdicts.1.length", "1000"),
			resource.TestCheckResourceAttr(simulated, "passed", "true"),
			resource.TestCheckResourceAttr(simulated, "failures.#", "0"),
		),
	})
}

// placed is a configuration with a filter of its own and a simulation in place.
func (c simulationCase) placed(rules, body string) string {
	return c.config(`
resource "trafficmirror_filter" "web" {
  ingress_rules = {
    %s
  }
  egress_rules = {}
}
resource "trafficmirror_simulation" "this" {
  interface = { private_ip_address = "10.0.1.11" }
  sessions = [{
    session_number = 1, packet_length = 100
    filter = trafficmirror_filter.web
    target = { type = "network-interface" }
  }]
  %s
}
`, rules, body)
}

// A simulation in place knows everything on the first plan, and refuses the filter before it is
// created.
func TestAccSimulation_inPlace(t *testing.T) {
	c := newSimulationCase(t)
	const body = ssh + `expect = [{ packet = "ssh", mirrored = false }]
`
	known := func(mirrored bool) resource.ConfigPlanChecks {
		checks := []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(simulated, tfjsonpath.New("passed"), knownvalue.Bool(!mirrored)),
			plancheck.ExpectKnownValue(simulated, tfjsonpath.New("verdicts").AtMapKey("ssh").AtMapKey("mirrored"), knownvalue.Bool(mirrored)),
			plancheck.ExpectKnownValue(simulated, tfjsonpath.New("summary").AtMapKey("packets"), knownvalue.NotNull()),
			plancheck.ExpectKnownValue(simulated, tfjsonpath.New("failures"), knownvalue.ListSizeExact(map[bool]int{true: 1}[mirrored])),
		}
		return resource.ConfigPlanChecks{PreApply: checks}
	}
	c.test(t, resource.TestStep{
		Config:      c.placed(all, body),
		ExpectError: regexp.MustCompile(`(?s)expected: mirrored = false\s+actual:   mirrored = true.*Correct the expectation, or the sessions of the\s+simulation`),
	}, resource.TestStep{
		Config:           c.placed(rejectThenAll, body),
		ConfigPlanChecks: known(false),
	}, resource.TestStep{
		Config:      c.placed(all, body),
		ExpectError: regexp.MustCompile(`Expectation does not hold`),
	}, resource.TestStep{
		// For people who judge by themselves.
		Config:           c.placed(all, body+`on_failure = "warn"`),
		ConfigPlanChecks: known(true),
	}, resource.TestStep{
		Config:           c.placed(rejectThenAll, body+`on_failure = "warn"`),
		ConfigPlanChecks: known(false),
	})
}

// In place, a rule that is only written in another way is no change.
func TestAccSimulation_inPlaceSpelling(t *testing.T) {
	c := newSimulationCase(t)
	config := func(protocol string) string {
		text := c.placed("", ssh)
		return strings.Replace(text, "trafficmirror_filter.web\n", fmt.Sprintf(`{ ingress_rules = { 100 = { rule_action = "accept", protocol = %s, source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }, egress_rules = {} }
`, protocol), 1)
	}
	c.test(t, resource.TestStep{
		Config: config(`"tcp"`),
	}, resource.TestStep{
		Config:           config("6"),
		ConfigPlanChecks: unchanged(simulated),
	}, resource.TestStep{
		Config:           config("17"),
		ConfigPlanChecks: inUpdate(simulated),
	})
}

// What is not known yet is no error, and the verdicts are known after the apply. A broken
// expectation is then found before the simulation is created.
func TestAccSimulation_inPlaceUnknown(t *testing.T) {
	c := newSimulationCase(t)
	config := func(cidr string) string {
		rules := strings.Replace(all, `source_cidr_block = "0.0.0.0/0"`, "source_cidr_block = terraform_data.cidr.output", 1)
		return c.placed(rules, ssh+`expect = [{ packet = "ssh", mirrored = true }]`) + fmt.Sprintf("resource \"terraform_data\" \"cidr\" {\n  input = %q\n}\n", cidr)
	}
	c.test(t, resource.TestStep{
		Config: config("192.0.2.0/24"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(simulated, tfjsonpath.New("verdicts")), plancheck.ExpectUnknownValue(simulated, tfjsonpath.New("passed")),
		}},
		Check: resource.TestCheckResourceAttr(simulated, "verdicts.ssh.rule_number", "300"),
	}, resource.TestStep{
		Config:      config("198.51.100.0/24"),
		ExpectError: regexp.MustCompile(`(?s)expected: mirrored = true\s+actual:   mirrored = false`),
	})
}

// The plan knows the verdicts of a capture whose digest is in the configuration, and another file
// is refused.
func TestAccSimulation_pinnedCapture(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	body := func(sha256 string) string {
		return fmt.Sprintf("capture = { path = %q, sha256 = %q }\nexpect = [{ packet = \"1\", mirrored = true }]\n", c.path("web.pcap"), sha256)
	}
	space.write(t, c.placed(all, body(strings.Repeat("0", 64))))
	output, code := space.try(t, "plan")
	digest := regexp.MustCompile(`Its SHA-256 is ([0-9a-f]{64}), not 0000`).FindStringSubmatch(words(output))
	if code == 0 || digest == nil {
		t.Fatalf("another file is not refused:\n%s", output)
	}
	space.write(t, c.placed(all, body(digest[1])))
	output = space.run(t, "plan -out=plan")
	if !regexp.MustCompile(`\+ passed += true`).MatchString(output) {
		t.Errorf("the plan does not know the result:\n%s", output)
	}
	c.writeCapture(t, c.frame(t, 80, 100))
	output, code = space.try(t, "apply plan")
	if code == 0 || strings.Contains(output, "bug") {
		t.Errorf("the apply of another file exits with %d:\n%s", code, output)
	}
	says(t, output, 1, "Error: The capture is another file", "is not the file that capture.sha256 names.")
	c.writeCapture(t, c.frame(t, 443, 1000), c.frame(t, 22, 100), c.frame(t, 80, 100))
	space.run(t, "apply -auto-approve")
	space.planIsEmpty(t)
}

// What can never be simulated is refused by validate, with one message each. A wrong rule with an
// unquoted number as its key does not crash the CLI.
func TestAccSimulation_placesValidation(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	const session = `{ session_number = 1, filter = { ingress_rules = {}, egress_rules = {} }, target = { type = "network-interface" } }`
	config := c.config("")
	var want []string
	for i, test := range []struct{ body, want string }{
		{ssh, `The sessions to simulate are missing.`},
		{ssh + "interface = {}", `The sessions to simulate are missing.`},
		{ssh + "network_interface_id = \"eni-1\"\nsessions = []", `network_interface_id is set, and so is interface or sessions.`},
		{ssh + "interface = {}\nsessions = []\ntraffic_mirror_session_ids = []", `traffic_mirror_session_ids is set, and so is interface or sessions.`},
		{ssh + "interface = {}\nsessions = []\ndns_resolver_addresses = []", `dns_resolver_addresses is set, and so is interface or sessions.`},
		{ssh + "interface = {}\nsessions = []\ntargets = {}", `targets is set, and so is interface or sessions.`},
		{ssh + "interface = {}\nsessions = [null]", `sessions[0] is null. Write a session, or leave it out.`},
		{ssh + "interface = { mac_address = \"02\" }\nsessions = []", `interface.mac_address is "02", which is not a MAC address.`},
		{ssh + "interface = { mtu = 1.5 }\nsessions = []", `interface.mtu is 1.5.`},
		{ssh + "interface = { ipv6_addresses = [\"x\"] }\nsessions = []", `interface.ipv6_addresses[0] is "x", which is not an IP address.`},
		{ssh + "interface = {}\nsessions = [{ session_number = 0 }]", `sessions[0].filter is missing.`},
		{ssh + "interface = {}\nsessions = [" + session + ", " + session + "]", `sessions[1].session_number is 1, as is that of sessions[0].`},
		{ssh + "interface = {}\nsessions = [" + strings.Replace(session, "network-interface", "nlb", 1) + "]", `sessions[0].target.type is "nlb".`},
		{ssh + "interface = {}\nsessions = [" + strings.Replace(session, "ingress_rules = {}", `ingress_rules = { 100 = { rule_action = "accept", source_cidr_block = "10.0.0.1/8", destination_cidr_block = "::/0" } }`, 1) + "]",
			`sessions[0].filter.ingress_rules["100"].source_cidr_block is`},
		{ssh + "interface = {}\nsessions = [" + strings.Replace(session, "egress_rules = {}", "", 1) + "]", `sessions[0].filter.egress_rules is null, so that its rules are not known here. Write {} if no rule of this direction is to be there.`},
		{ssh + "network_interface_id = \"eni-00000000000000001\"\ntargets = { one = {} }", `targets["one"] is not a session number.`},
		{ssh + "network_interface_id = \"eni-00000000000000001\"\ntargets = { 1 = { udp_listeners = [70000] } }", `targets["1"].udp_listeners[0] is 70000.`},
		{ssh + "network_interface_id = \"eni-00000000000000001\"\ntraffic_mirror_session_ids = [\"tmf-1\"]", `traffic_mirror_session_ids[0] is "tmf-1"`},
		{ssh + "network_interface_id = \"eni-00000000000000001\"\non_drift = \"fail\"", `Attribute on_drift value must be one of: ["warn" "error"], got: "fail"`},
		{ssh + "network_interface_id = \"eni-00000000000000001\"\nexpect = [{ where = { source = \"x\" }, mirrored = \"none\" }]", `expect[0].where.source is "x", which is neither an IP address nor a CIDR block.`},
		{ssh + "network_interface_id = \"eni-00000000000000001\"\nexpect = [{ packet = \"ssh\", mirrored = \"none\" }]", `expect[0].mirrored is "none". Write true or false for one packet.`},
	} {
		config += fmt.Sprintf("resource \"trafficmirror_simulation\" \"s%d\" {\n%s\n}\n", i, test.body)
		want = append(want, test.want)
	}
	// Values that are not known yet are no errors.
	config += `
resource "terraform_data" "late" {}
resource "trafficmirror_simulation" "late" {
  network_interface_id = terraform_data.late.id == "" ? "eni-1" : null
  interface            = { mac_address = terraform_data.late.id }
  sessions             = [{ session_number = terraform_data.late.id == "" ? 1 : 2, filter = terraform_data.late.output, target = { type = terraform_data.late.id } }]
  packets              = []
}
`
	space.write(t, config)
	output, code := space.try(t, "validate")
	if code == 0 {
		t.Error("validate passes")
	}
	for _, sentence := range want {
		if !strings.Contains(words(output), sentence) {
			t.Errorf("validate does not say %q", sentence)
		}
	}
	if strings.Contains(output, "panic") || strings.Contains(output, "trafficmirror_simulation.late") {
		t.Errorf("a wrong message")
	}
	if t.Failed() {
		t.Log(output)
	}
}
