package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// If an existing object prevents a create, the error names it and shows its import block.
// The colliding values are known only after apply: otherwise the plan would refuse them.
func TestAccHolder(t *testing.T) {
	t.Parallel()
	for kind, id := range map[string]string{"target": "tmt", "filter_rule": "tmfr", "session": "tms"} {
		t.Run(kind, func(t *testing.T) {
			a := newAccount(t)
			twin := map[string]string{
				"target": `resource "trafficmirror_target" "twin" { network_interface_id = terraform_data.late.output[0] }`,
				"filter_rule": `
resource "trafficmirror_filter_rule" "twin" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = terraform_data.late.output[1]
  rule_action              = "reject"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}`,
				"session": fmt.Sprintf(`
resource "trafficmirror_session" "twin" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = terraform_data.late.output[1]
}`, source),
			}
			a.test(t,
				resource.TestStep{Config: a.tagged(``, ``)},
				resource.TestStep{
					Config: a.tagged(``, ``) + fmt.Sprintf("\nresource \"terraform_data\" \"late\" { input = [%q, 1] }\n", sensor) + twin[kind],
					ExpectError: regexp.MustCompile(`(?s)The\s+conflict\s+is\s+with\s+` + id + `-[0-9a-f]{17}\.\s+To\s+manage\s+` + id + `-[0-9a-f]{17}\s+with\s+this\s+configuration,\s+import\s+it:.*` +
						`import \{\s+to = trafficmirror_` + kind + `\.NAME\s+id = "` + id + `-[0-9a-f]{17}"\s+\}`),
				},
			)
		})
	}
}

// EC2 cannot have an object and its replacement at the same time. The error then says so,
// and not only that the old object can be imported.
func TestAccHolder_replaced(t *testing.T) {
	t.Parallel()
	const filter = "resource \"trafficmirror_filter\" \"x\" {}\nresource \"terraform_data\" \"again\" { input = \"one\" }\n"
	for kind, config := range map[string]string{
		"tmt": `
resource "trafficmirror_target" "x" {
  network_interface_id = "` + sensor + `"
  description          = "one"
  lifecycle { create_before_destroy = true }
}`,
		"tmfr": `
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.again]
  }
}`,
		"tms": `
resource "trafficmirror_target" "x" { network_interface_id = "` + sensor + `" }
resource "trafficmirror_session" "x" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.again]
  }
}`,
	} {
		t.Run(kind, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			before := endpointBlock(ec2.url) + filter + config
			after := strings.ReplaceAll(before, `"one"`, `"two"`)
			space.write(t, before)
			space.run(t, "apply -auto-approve")
			space.write(t, after)
			output, code := space.try(t, "apply -auto-approve")
			said := regexp.MustCompile(`If this plan replaces ` + kind + `-[0-9a-f]{17}, do not import it: .* Remove create_before_destroy from this resource`)
			if code == 0 || !said.MatchString(words(output)) {
				t.Fatalf("exit %d\n%s", code, output)
			}
			space.write(t, strings.ReplaceAll(after, "create_before_destroy = true", ""))
			space.run(t, "apply -auto-approve")
			space.planIsEmpty(t)
		})
	}
}
