package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

const (
	sshRejected    = `"100" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } }`
	restAccepted   = `"200" = { rule_action = "accept", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0" }`
	neverMirrorSSH = `never_mirror = { ssh = { traffic_direction = "ingress", protocol = "tcp", destination_port_range = { from_port = 22, to_port = 22 } } }`
	noAssertions   = "never_mirror = {}"
	broken         = "The filter breaks its assertions"
)

// inlineFilter is a filter that owns its rules. The keys without quotes are legal, and crash a
// CLI that shows a line of them.
func inlineFilter(assertions string, rules ...string) string {
	return fmt.Sprintf(`
resource "trafficmirror_filter" "x" {
  ingress_rules = {
    %s
  }
  egress_rules = {}
  assertions   = { %s }
}
`, strings.Join(rules, "\n    "), assertions)
}

// A plan that would mirror SSH is refused before anything is created or changed, and shows the
// packet and the rule. Assertions are not in EC2, so a change of them makes no call.
func TestAccAssertions_inline(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	write := func(body string) { space.write(t, endpointBlock(ec2.url)+body) }
	refuse := func(command string, sentences ...string) {
		t.Helper()
		made := len(ec2.actions(0))
		output, code := space.try(t, command)
		if code == 0 || len(ec2.actions(made)) > 0 {
			t.Errorf("%s: exit %d, made %v\n%s", command, code, ec2.actions(made), output)
		}
		for _, sentence := range append(sentences, "Error: "+broken) {
			if !strings.Contains(words(output), sentence) {
				t.Errorf("%s does not say %q:\n%s", command, sentence, output)
			}
		}
	}
	write(inlineFilter(neverMirrorSSH, restAccepted))
	refuse("apply -auto-approve", `never_mirror["ssh"] says that no packet of "ingress tcp any > any:22" is mirrored. But the new filter would mirror this packet: ingress tcp 10.`, `ingress_rules["200"] accepts it.`)

	write(inlineFilter(neverMirrorSSH, sshRejected, restAccepted))
	space.run(t, "apply -auto-approve")
	space.planIsEmpty(t)
	made := len(ec2.actions(0))

	write(inlineFilter(strings.Replace(neverMirrorSSH, `"tcp"`, "6", 1), sshRejected, restAccepted))
	space.planIsEmpty(t)
	write(inlineFilter(neverMirrorSSH+"\n"+`always_mirror = { 22 = { traffic_direction = "ingress", protocol = "tcp", source_cidr_block = "10.0.0.0/8", destination_port_range = { from_port = 443, to_port = 443 } } }`, sshRejected, restAccepted))
	if output := space.run(t, "apply -auto-approve"); !strings.Contains(output, "0 added, 1 changed, 0 destroyed") || len(ec2.actions(made)) > 0 {
		t.Errorf("a change of assertions makes %v:\n%s", ec2.actions(made), output)
	}
	space.planIsEmpty(t)
	write(inlineFilter(`always_mirror = { 22 = { traffic_direction = "ingress", protocol = "udp" } }`, sshRejected, restAccepted))
	refuse("plan", "No ingress rule matches it.")
	write(inlineFilter(neverMirrorSSH, restAccepted))
	refuse("apply -auto-approve", "would mirror this packet")
	refuse("destroy -auto-approve", "terraform destroy -refresh=false")
	space.run(t, "destroy -auto-approve -refresh=false")
	ec2.has(t, 0, 0, 0, 0)
}

// A value that is known only after apply is no error. The apply refuses the filter before it
// creates it.
func TestAccAssertions_unknown(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	write := func(ports string) {
		space.write(t, endpointBlock(ec2.url)+`
resource "terraform_data" "port" { input = `+ports+` }
`+inlineFilter(neverMirrorSSH, strings.ReplaceAll(sshRejected, "_port = 22", "_port = terraform_data.port.output"), restAccepted))
	}
	write("23")
	output := space.run(t, "plan")
	warnings(t, output, "Assertions are not proved yet", 1)
	output, code := space.try(t, "apply -auto-approve")
	if code == 0 || !strings.Contains(output, "Error: "+broken) {
		t.Errorf("exit %d\n%s", code, output)
	}
	ec2.has(t, 0, 0, 0, 0)
	space.run(t, "destroy -auto-approve -refresh=false")
	write("22")
	space.run(t, "apply -auto-approve")
	space.planIsEmpty(t)
	space.run(t, "destroy -auto-approve")
}

// The plan that repairs a filter is judged by the repaired rules. An import takes on
// assertions as a change.
func TestAccAssertions_drift(t *testing.T) {
	space, a := newWorkspace(t), newAccount(t)
	space.write(t, a.config("%s", inlineFilter(neverMirrorSSH, sshRejected, restAccepted)+`output "id" { value = trafficmirror_filter.x.id }`))
	space.run(t, "apply -auto-approve")
	id := strings.Trim(strings.TrimSpace(space.run(t, "output id")), `"`)
	filter, err := a.filter(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range filter.IngressFilterRules {
		if aws.ToInt32(rule.RuleNumber) != 100 {
			continue
		}
		if _, err := a.client.DeleteTrafficMirrorFilterRule(t.Context(), &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: rule.TrafficMirrorFilterRuleId}); err != nil {
			t.Fatal(err)
		}
	}
	if output := space.run(t, "apply -auto-approve"); strings.Contains(output, broken) || !strings.Contains(output, "1 changed") {
		t.Errorf("the repair is not judged as planned:\n%s", output)
	}
	space.planIsEmpty(t)
	if err := os.Remove(filepath.Join(space.folder, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	space.run(t, "import trafficmirror_filter.x "+id)
	if output := space.run(t, "apply -auto-approve"); !strings.Contains(output, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("an imported filter takes on its assertions:\n%s", output)
	}
	space.planIsEmpty(t)
	space.run(t, "destroy -auto-approve")
}

// separateFilter is a filter with separate rules.
func separateFilter(rules string) string {
	return fmt.Sprintf(`
resource "trafficmirror_filter" "x" {
  assertions = { %s }
}
resource "trafficmirror_filter_rule" "x" {
  for_each                 = { %s }
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = each.key
  rule_action              = each.value
  protocol                 = "tcp"
  source_cidr_block        = "10.0.0.0/8"
  destination_cidr_block   = "0.0.0.0/0"
  destination_port_range   = each.value == "reject" ? { from_port = 22, to_port = 22 } : null
}
`, neverMirrorSSH, rules)
}

// With separate rules, a plan that breaks an assertion is a warning, once, because the plan may
// change other rules. A broken assertion does not stop a destroy.
func TestAccAssertions_separateRules(t *testing.T) {
	space, a := newWorkspace(t), newAccount(t)
	const separate = "Separate rules break assertions of their filter"
	space.write(t, a.config("%s", separateFilter(`100 = "reject", 200 = "accept"`)))
	output := space.run(t, "plan")
	warnings(t, output, "Assertions are not proved yet", 1)
	space.run(t, "apply -auto-approve")
	output = space.run(t, "plan -detailed-exitcode")
	warnings(t, output, "Assertions are not proved yet", 0)
	warnings(t, output, separate, 0)

	space.write(t, a.config("%s", separateFilter(`200 = "accept"`)))
	output = space.run(t, "plan")
	warnings(t, output, separate, 1)
	if !strings.Contains(words(output), "ingress rule 200 accepts it.") {
		t.Errorf("the rule is not named:\n%s", output)
	}
	space.run(t, "apply -auto-approve")
	output = space.run(t, "plan -detailed-exitcode")
	warnings(t, output, separate, 1)

	// The plan that repairs it may warn meanwhile, and works.
	space.write(t, a.config("%s", separateFilter(`100 = "reject", 200 = "accept"`)))
	space.run(t, "apply -auto-approve")
	warnings(t, space.run(t, "plan -detailed-exitcode"), separate, 0)
	space.write(t, a.config("%s", separateFilter(`200 = "accept"`)))
	space.run(t, "destroy -auto-approve")
}

// mirrored is a session that uses trafficmirror_filter.x.
var mirrored = fmt.Sprintf(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
}
`, sensor, source)

// The guard refuses or reports a change by which a filter in use mirrors more. Separate rules
// are reported only.
func TestAccGuard_widening(t *testing.T) {
	t.Parallel()
	const wider = "The filter mirrors more than before"
	for name, c := range map[string]struct {
		narrow, wide string
		exit         int
	}{
		"maps":           {inlineFilter(noAssertions, sshRejected, restAccepted), inlineFilter(noAssertions, restAccepted), 1},
		"separate rules": {separateFilter(`100 = "reject", 200 = "accept"`), separateFilter(`200 = "accept"`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			space, a := newWorkspace(t), newAccount(t)
			write := func(guard, filter string) {
				space.write(t, strings.Replace(a.config("%s", strings.Replace(filter, neverMirrorSSH, noAssertions, 1)+mirrored), `"us-east-1"`, "\"us-east-1\"\n  guard = { widening = \""+guard+"\" }", 1))
			}
			write("error", c.narrow)
			space.run(t, "apply -auto-approve")
			space.planIsEmpty(t)
			write("error", c.wide)
			output, code := space.try(t, "plan")
			for _, sentence := range []string{wider, "ingress tcp 10.", "reject", "accepts it."} {
				if code != c.exit || !strings.Contains(words(output), sentence) {
					t.Errorf("exit %d, %q:\n%s", code, sentence, output)
				}
			}
			write("warn", c.wide)
			warnings(t, space.run(t, "plan"), wider, 1)
			space.run(t, "apply -auto-approve")
			output = space.run(t, "plan -detailed-exitcode")
			warnings(t, output, wider, 0)
			write("error", c.narrow)
			warnings(t, space.run(t, "apply -auto-approve"), wider, 0)
			space.run(t, "destroy -auto-approve")
		})
	}
}

// A finding is silenced by its name, in whatever collection the name is, or for one rule of one
// filter.
func TestAccSilence(t *testing.T) {
	space, a := newWorkspace(t), newAccount(t)
	const found = "no effect"
	variables := ""
	write := func(silence string) {
		rules := `10 = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    20 = { rule_action = "accept", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0" }`
		space.write(t, strings.Replace(a.config("%s", inlineFilter(noAssertions, rules)+`output "id" { value = trafficmirror_filter.x.id }`+variables), `"us-east-1"`, "\"us-east-1\"\n  warnings = { silence = "+silence+" }", 1))
	}
	write("null")
	if output := words(space.run(t, "apply -auto-approve")); !strings.Contains(output, found) {
		t.Errorf("the finding is not shown:\n%s", output)
	}
	id := strings.TrimSpace(space.run(t, "output id"))
	for silence, isShown := range map[string]bool{
		`["unreachable_rule"]`:                  false,
		`toset(["unreachable_rule"])`:           false,
		`tolist(["unreachable_rule", "quota"])`: false,
		`[]`:                                    true,
		`["quota", { finding = "unreachable_rule", id = ` + id + `, rule_numbers = [20], because = "kept for the audit" }]`: false,
		`[{ finding = "unreachable_rule", id = ` + id + `, rule_numbers = [30], because = "kept for the audit" }]`:          true,
		`[{ finding = "unreachable_rule", id = ` + id + `, because = "kept for the audit" }]`:                               false,
	} {
		write(silence)
		if output := words(space.run(t, "plan -detailed-exitcode")); strings.Contains(output, found) != isShown {
			t.Errorf("%s: shown is not %v:\n%s", silence, isShown, output)
		}
	}
	// A variable is not known while Terraform validates.
	variables = `
variable "name" { default = "mirrors_nothing" }
variable "one" {
  type    = object({ finding = string, id = string, because = string })
  default = { finding = "unreachable_rule", id = ` + id + `, because = "kept for the audit" }
}
`
	write(`["quota", var.name, var.one]`)
	output, err := space.output(t, `plan -detailed-exitcode`)
	if err != nil || strings.Contains(words(output), found) {
		t.Errorf("a variable silences nothing: %v\n%s", err, output)
	}
	write(`["unreachable", { finding = "unreachable_rule", id = "tmt-00000000000000001" }]`)
	output, code := space.try(t, "validate")
	for _, sentence := range []string{
		`warnings.silence[0] is "unreachable", which is not the name of a finding.`,
		`warnings.silence[1].id is "tmt-00000000000000001", and unreachable_rule is about no such object. Write "tmf-...".`,
		`warnings.silence[1].because is missing.`,
	} {
		if code == 0 || !strings.Contains(words(output), sentence) {
			t.Errorf("exit %d, without %q:\n%s", code, sentence, output)
		}
	}
}
