package provider_test

import (
	"regexp"
	"strings"
	"testing"
)

// ownProvider is a provider with an embedded EC2.
const ownProvider = `
provider "trafficmirror" {
  region   = "eu-west-1"
  emulator = { path = "ec2.db" }
}
`

// A filter that is not created yet is judged by its planned rules: what is known only after
// apply does not matter. What matters makes the result unknown. An error names the argument.
func TestAccFunctions_plan(t *testing.T) {
	space := newProcesses(t, nil)
	const config = ownProvider + `
resource "trafficmirror_filter" "web" {
  ingress_rules = provider::trafficmirror::mirror_all()
  egress_rules  = {}
}
output "known" {
  value = provider::trafficmirror::verdict(trafficmirror_filter.web, "ingress icmp 10.1.2.3 > 10.0.1.10").rule_number
}
output "unknown" {
  value = provider::trafficmirror::verdict({ ingress_rules = { "1" = { rule_action = "accept", source_cidr_block = "10.0.0.0/8", destination_cidr_block = terraform_data.cidr.output } } }, "ingress icmp 10.1.2.3 > 10.0.1.10").mirrored
}
resource "terraform_data" "cidr" {
  input = "10.0.0.0/8"
}
`
	space.write(t, config)
	plan := space.run(t, "plan")
	for _, line := range []string{`\+ known += 100\n`, `\+ unknown += \(known after apply\)\n`} {
		if !regexp.MustCompile(line).MatchString(plan) {
			t.Errorf("the plan has no line %s:\n%s", line, plan)
		}
	}
	space.run(t, "apply -auto-approve")
	space.planIsEmpty(t)
	space.write(t, strings.Replace(config, "10.1.2.3 > 10.0.1.10\").rule", "10.1.2.3 > web\").rule", 1))
	output, code := space.try(t, "plan")
	if flat := regexp.MustCompile(`[\s│╷╵]+`).ReplaceAllString(output, " "); code == 0 || !strings.Contains(flat, `Invalid value for "packet" parameter: destination is "web", which is not an IP address.`) {
		t.Errorf("the plan ends with %d:\n%s", code, output)
	}
}
