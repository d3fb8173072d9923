package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// separateRules has a filter with separate rules, each with its number and CIDR block.
// extra is written into the filter.
func separateRules(extra string, rules ...string) string {
	text := fmt.Sprintf("resource \"trafficmirror_filter\" \"x\" {\n%s\n}\n", extra)
	for i, cidr := range rules {
		text += fmt.Sprintf(`
resource "trafficmirror_filter_rule" "r%[1]d" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = %[1]d
  rule_action              = "accept"
  source_cidr_block        = %[2]q
  destination_cidr_block   = "0.0.0.0/0"
}
`, i+1, cidr)
	}
	return text
}

// inlineRules is the map with the same rules.
func inlineRules(rules ...string) string {
	text := "ingress_rules = {\n"
	for i, cidr := range rules {
		text += fmt.Sprintf("\"%d\" = { rule_action = \"accept\", source_cidr_block = %q, destination_cidr_block = \"0.0.0.0/0\" }\n", i+1, cidr)
	}
	return text + "}\n"
}

// Separate rules that move into the map of their filter stay in EC2, whatever Terraform
// plans and does first.
func TestAccHandover(t *testing.T) {
	t.Parallel()
	old := []string{"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"}
	for name, c := range map[string]struct {
		after string
		rules int
	}{
		"the same rules":     {separateRules(inlineRules(old...)), 3},
		"another content":    {separateRules(inlineRules("10.1.0.0/16", "10.9.0.0/16", "10.3.0.0/16")), 3},
		"fewer rules":        {separateRules(inlineRules("10.1.0.0/16", "10.2.0.0/16")), 2},
		"a rule more":        {separateRules(inlineRules(append(slices.Clone(old), "10.4.0.0/16")...)), 4},
		"an empty map":       {separateRules("ingress_rules = {}"), 0},
		"a replaced filter":  {separateRules("description = \"new\"\n" + inlineRules(old...)), 3},
		"a map known later":  {separateRules(`ingress_rules = { for n, cidr in terraform_data.cidrs.output : n + 1 => { rule_action = "accept", source_cidr_block = cidr, destination_cidr_block = "0.0.0.0/0" } }`) + fmt.Sprintf("resource \"terraform_data\" \"cidrs\" { input = %s }\n", strings.ReplaceAll(fmt.Sprintf("%q", old), " ", ",")), 3},
		"no map later":       {separateRules("ingress_rules = terraform_data.none.output ? {} : null") + "resource \"terraform_data\" \"none\" { input = false }\n", 0},
		"no map":             {separateRules(""), 0},
		"in the other place": {separateRules(strings.Replace(inlineRules(old...), "ingress", "egress", 1)), 3},
	} {
		for _, flags := range []string{"", " -parallelism=1", " -refresh=false"} {
			if flags == " -refresh=false" && name != "another content" || testing.Short() && name != "the same rules" {
				continue
			}
			t.Run(name+flags, func(t *testing.T) {
				if name != "the same rules" {
					sample.SkipUnless(t, 4)
				}
				space, ec2 := newWorkspace(t), newRelay(t)
				space.write(t, endpointBlock(ec2.url)+separateRules("", old...))
				space.run(t, "apply -auto-approve")
				space.write(t, endpointBlock(ec2.url)+c.after)
				space.run(t, "apply -auto-approve"+flags)
				ec2.has(t, 0, 1, c.rules, 0)
				space.planIsEmpty(t)
				space.run(t, "destroy -auto-approve")
				ec2.has(t, 0, 0, 0, 0)
			})
		}
	}
}

// Every way to plan and apply the move ends with the rules of the map in EC2.
func TestAccHandover_commands(t *testing.T) {
	t.Parallel()
	cidrs := []string{"10.1.0.0/16", "10.2.0.0/16"}
	for name, commands := range map[string][]string{
		"a saved plan":           {"plan -out=saved", "apply saved"},
		"the filter is a target": {"apply -auto-approve -target=trafficmirror_filter.x", "apply -auto-approve"},
		"a rule is a target":     {"apply -auto-approve -target=trafficmirror_filter_rule.r0", "apply -auto-approve"},
	} {
		t.Run(name, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			space.write(t, endpointBlock(ec2.url)+separateRules("", cidrs...))
			space.run(t, "apply -auto-approve")
			space.write(t, endpointBlock(ec2.url)+separateRules(inlineRules(cidrs...)))
			for _, command := range commands {
				space.run(t, command)
			}
			ec2.has(t, 0, 1, 2, 0)
			space.planIsEmpty(t)
		})
	}
}

// Keys of a for_each that leave for the map of one direction, while the rules of the other
// direction stay separate. Terraform plans the filter before these rules, so that no rule
// is deleted for a moment.
func TestAccHandover_keys(t *testing.T) {
	const rules = `
resource "trafficmirror_filter_rule" "r" {
  for_each                 = toset(%s)
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = each.key
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "10.1.0.0/16"
  destination_cidr_block   = "0.0.0.0/0"
}
`
	for _, flags := range []string{"", " -parallelism=1"} {
		t.Run("apply"+flags, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			space.write(t, endpointBlock(ec2.url)+separateRules("")+fmt.Sprintf(rules, `["ingress", "egress"]`))
			space.run(t, "apply -auto-approve")
			before := len(ec2.actions(0))
			space.write(t, endpointBlock(ec2.url)+separateRules(inlineRules("10.1.0.0/16"))+fmt.Sprintf(rules, `["egress"]`))
			output := space.run(t, "apply -auto-approve"+flags)
			if want := "is removed only from the state, because ingress_rules of tmf-"; !strings.Contains(words(output), want) {
				t.Errorf("the plan does not say %q:\n%s", want, output)
			}
			if changes := ec2.actions(before); len(changes) > 0 {
				t.Errorf("the move makes changes in EC2: %v", changes)
			}
			ec2.has(t, 0, 1, 2, 0)
			space.planIsEmpty(t)
		})
	}
}

// A rule that changes its filter leaves its old rule to the map of the old filter.
func TestAccHandover_otherFilter(t *testing.T) {
	t.Parallel()
	for _, flags := range []string{"", " -parallelism=1"} {
		t.Run("apply"+flags, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			const other = "resource \"trafficmirror_filter\" \"y\" {}\n"
			first := separateRules("", "10.1.0.0/16") + other
			space.write(t, endpointBlock(ec2.url)+first)
			space.run(t, "apply -auto-approve")
			second := strings.Replace(first, "trafficmirror_filter.x.id", "trafficmirror_filter.y.id", 1)
			second = strings.Replace(second, "{\n", "{\n"+inlineRules("10.1.0.0/16"), 1)
			space.write(t, endpointBlock(ec2.url)+second)
			space.run(t, "apply -auto-approve"+flags)
			ec2.has(t, 0, 2, 2, 0)
			space.planIsEmpty(t)
		})
	}
}
