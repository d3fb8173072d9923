package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The configuration that Terraform generates of an import plans clean. A filter whose rules
// are imported as separate resources too has its rules twice there: the error says which of
// the two to remove, as the guide does.
func TestAccImport_generatedConfig(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	_, made, _ := strings.Cut(awsResources, "\n}\nresource")
	made = "resource" + strings.NewReplacer("aws_ec2_traffic_mirror_", "trafficmirror_", "port_range {", "port_range = {").Replace(made)
	made = strings.Replace(made, `resource "trafficmirror_filter" "bare" {}`, `resource "trafficmirror_filter" "bare" {}
resource "trafficmirror_filter" "maps" {
  ingress_rules = {
    "100" = { rule_action = "accept", protocol = "tcp", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "10.0.0.0/8", destination_port_range = { from_port = 443, to_port = 443 } }
    "200" = { rule_action = "reject", protocol = "hopopt", source_cidr_block = "::/0", destination_cidr_block = "::/0" }
  }
}`, 1)
	space.write(t, endpointBlock(ec2.url)+made)
	space.run(t, "apply -auto-approve")
	var imports, rules string
	for address, attributes := range space.resources(t) {
		block := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, attributes["id"])
		if strings.HasPrefix(address, "trafficmirror_filter_rule.") {
			rules += block
		} else {
			imports += block
		}
	}
	if err := os.Remove(filepath.Join(space.folder, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}

	// Rules in the maps of their filters.
	space.write(t, endpointBlock(ec2.url)+imports)
	space.run(t, "plan -generate-config-out=generated.tf")
	if output := space.run(t, "plan"); !strings.Contains(output, "Plan: 7 to import, 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the plan of the generated configuration is not clean:\n%s", output)
	}

	// Separate rules.
	generated := filepath.Join(space.folder, "generated.tf")
	if err := os.Remove(generated); err != nil {
		t.Fatal(err)
	}
	space.write(t, endpointBlock(ec2.url)+imports+rules)
	output, code := space.try(t, "plan -generate-config-out=generated.tf")
	if code == 0 || !strings.Contains(words(output), "or remove the map and write all rules of the direction as trafficmirror_filter_rule.") {
		t.Errorf("rules in two places: exit %d\n%s", code, output)
	}
	text, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	filters := regexp.MustCompile(`(?s)resource "trafficmirror_filter" "(full|bare)" \{.*?\n\}`)
	maps := regexp.MustCompile(`(?s)\n  (in|e)gress_rules += \{.*?\n  \}`)
	edited := filters.ReplaceAllFunc(text, func(filter []byte) []byte { return maps.ReplaceAll(filter, nil) })
	if err := os.WriteFile(generated, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	if output := space.run(t, "plan"); !strings.Contains(output, "Plan: 9 to import, 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the plan without the maps is not clean:\n%s", output)
	}
}
