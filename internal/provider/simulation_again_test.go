package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// unchanged checks that a plan leaves a resource as it is.
func unchanged(address string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}}
}

// A simulation runs again when the plan changes something that it uses, and only then,
// whatever order Terraform plans in.
func TestAccSimulation_again(t *testing.T) {
	c := newSimulationCase(t)
	const other = `
resource "trafficmirror_filter" "other" {
  %s
}
resource "trafficmirror_session" "other" {
  network_interface_id     = "` + source2 + `"
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.other.id
  session_number           = %d
}
`
	config := func(ports, services string, number int) string {
		dependsOn := "[trafficmirror_session.this, trafficmirror_filter_rule.this, trafficmirror_session.other, trafficmirror_filter.other]"
		text := strings.Replace(c.mirrored("", c.capture()+"on_failure = \"warn\"\n"), "[trafficmirror_session.this]", dependsOn, 1)
		text = strings.Replace(text, "network_services = [\"amazon-dns\"]", "network_services = [\"amazon-dns\"]\n  tags = { ports = \""+ports+"\" }", 1)
		return text + fmt.Sprintf(other, services, number) + fmt.Sprintf(`
resource "trafficmirror_filter_rule" "this" {
  traffic_mirror_filter_id = trafficmirror_filter.this.id
  traffic_direction        = "egress"
  rule_number              = 100
  rule_action              = "accept"
  protocol                 = "tcp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  source_port_range        = { from_port = %[1]s, to_port = %[1]s }
}
`, ports)
	}
	const dns = `network_services = ["amazon-dns"]`
	c.test(t, resource.TestStep{
		Config: config("443", "", 1),
	}, resource.TestStep{
		// The simulation depends on what changes, and does not use it.
		Config:           config("443", dns, 2),
		ConfigPlanChecks: unchanged(simulated),
	}, resource.TestStep{
		// A separate rule of its filter.
		Config:           config("80", dns, 2),
		ConfigPlanChecks: inUpdate(simulated),
	}, resource.TestStep{
		// Tags decide about no packet.
		Config:           strings.Replace(config("80", dns, 2), `ports = "80"`, `ports = "81"`, 1),
		ConfigPlanChecks: unchanged(simulated),
	})
}

// A change that Terraform plans after the simulation is never silent.
func TestAccSimulation_late(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	// The session waits for the simulation, which is the wrong way round.
	config := func(length string) string {
		text := strings.Replace(c.mirrored("", c.capture()+"on_failure = \"warn\"\n"), "depends_on = [trafficmirror_session.this]", "", 1)
		return strings.Replace(text, "packet_length            = 128", "packet_length = "+length+"\n  depends_on = [trafficmirror_simulation.this]", 1)
	}
	const late = "Warning: A simulation does not wait for this change with trafficmirror_session.this"
	const advice = "Add this trafficmirror_session to depends_on of the trafficmirror_simulation."
	space.write(t, config("128"))
	says(t, space.run(t, "plan"), 1, late, advice)
	space.run(t, "apply -auto-approve")
	says(t, space.run(t, "plan"), 0, "does not wait")
	space.write(t, config("64"))
	output := space.run(t, "plan")
	says(t, output, 1, late, advice)
	says(t, output, 1, "Plan: 0 to add, 1 to change, 0 to destroy.")
	says(t, space.run(t, "plan -destroy"), 0, "does not wait")
}
