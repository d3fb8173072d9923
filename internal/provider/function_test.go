package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

const functionExamples = "../../examples/functions"

// ownProvider is a provider with an embedded EC2.
const ownProvider = `
provider "trafficmirror" {
  region   = "eu-west-1"
  emulator = { path = "ec2.db" }
}
`

// Each function has an example, and its outputs are what the example's comments say. The
// examples with a resource plan and apply without a change afterwards.
func TestAccFunctions_examples(t *testing.T) {
	server := provider.NewServer(provider.New("test"))()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Functions) != 8 {
		t.Fatalf("there are %d functions: %v", len(schemas.Functions), err)
	}
	space := newProcesses(t, nil)
	want := map[string]any{}
	output := regexp.MustCompile(`(?ms)^output "(\w+)" \{\n.*?^\}`)
	comment := regexp.MustCompile(`# (.*)\n\}$`)
	whole := ""
	for name := range schemas.Functions {
		text := string(readFile(t, filepath.Join(functionExamples, name), "function.tf"))
		module := filepath.Join(space.folder, name)
		if err := os.Mkdir(module, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(module, "main.tf"), []byte(ownSource+text), 0o600); err != nil {
			t.Fatal(err)
		}
		whole += fmt.Sprintf("module %q {\n  source = \"./%s\"\n}\n", name, name)
		for _, o := range output.FindAllStringSubmatch(text, -1) {
			result := comment.FindStringSubmatch(o[0])
			if result == nil {
				continue
			}
			var v any
			if err := json.Unmarshal([]byte(result[1]), &v); err != nil {
				t.Fatalf("%s: %v", o[0], err)
			}
			shown := name + "_" + o[1]
			want[shown] = v
			whole += fmt.Sprintf("output %q {\n  value = module.%s.%s\n}\n", shown, name, o[1])
		}
	}
	space.write(t, ownProvider+whole)
	space.run(t, "get")
	space.run(t, "apply -auto-approve")
	space.planIsEmpty(t)
	var got map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(space.run(t, "output -json")), &got); err != nil {
		t.Fatal(err)
	}
	for name, v := range want {
		if !reflect.DeepEqual(got[name].Value, v) {
			t.Errorf("%s is %v, want %v", name, got[name].Value, v)
		}
	}
	if len(want) < 10 {
		t.Errorf("only %d results are compared", len(want))
	}
}

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
