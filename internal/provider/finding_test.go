package provider_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// warnings counts the warnings of a summary that the CLI shows.
func warnings(t *testing.T, output, summary string, want int) {
	t.Helper()
	shown := strings.Count(output, "Warning: "+summary)
	if shown != want {
		t.Errorf("%q is shown %d times, want %d:\n%s", summary, shown, want, output)
	}
}

// The first plan of a configuration in which all objects are new knows none of their IDs. It
// counts what it can, and says nothing about IPv6 in a VPC without IPv6.
func TestAccFindings_firstPlan(t *testing.T) {
	space, a := newWorkspace(t), newAccount(t)
	if err := os.WriteFile(a.path("topology.json"), []byte(largeTopology(6)), 0o600); err != nil {
		t.Fatal(err)
	}
	space.write(t, a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {
  ingress_rules = { "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }
}
resource "trafficmirror_filter_rule" "x" {
  count                    = 11
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "egress"
  rule_number              = 100 + count.index
  rule_action              = "accept"
  source_cidr_block        = "10.${count.index}.0.0/16"
  destination_cidr_block   = "0.0.0.0/0"
}
resource "trafficmirror_session" "x" {
  for_each                 = toset([for n in range(12) : format("eni-%%017x", 4096 + n)])
  network_interface_id     = each.key
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
}`, sinkID(0, 0)))
	output := space.run(t, "plan")
	warnings(t, output, "More rules than the quota allows", 1)
	warnings(t, output, "More sources than the quota allows", 1)
	warnings(t, output, "IPv6 is not mirrored", 0)
	if strings.Contains(words(output), "higher quota") {
		t.Errorf("AWS raises no quota:\n%s", output)
	}
}

// Each finding about separate rules is shown once, in the apply that makes them or in a later
// plan in which nothing changes.
func TestAccFindings_separateRules(t *testing.T) {
	space, a := newWorkspace(t), newAccount(t)
	space.write(t, a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_filter" "empty" {}
resource "trafficmirror_filter_rule" "x" {
  for_each                 = { 10 = "10.0.0.0/8", 20 = "10.1.0.0/16", 30 = "172.16.0.0/12" }
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = each.key
  rule_action              = each.key == "30" ? "reject" : "accept"
  protocol                 = "tcp"
  source_cidr_block        = each.value
  destination_cidr_block   = "0.0.0.0/0"
}
resource "trafficmirror_session" "x" {
  for_each                 = { 1 = trafficmirror_filter.x.id, 2 = trafficmirror_filter.empty.id, 3 = trafficmirror_filter.x.id }
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = each.value
  session_number           = each.key
}`, sensor, source))
	space.run(t, "plan")
	space.run(t, "apply -auto-approve")
	for range 2 {
		output := space.run(t, "plan -detailed-exitcode")
		text := words(output)
		for _, sentence := range []string{
			"ingress rule 20 (accept): ingress rule 10 (accept) decides about all of its packets.", "These are rules of tmf-",
			"has no rules now. Sessions with this filter copy nothing",
			"earlier sessions copy every packet that the filter of session 3 (tms-",
			"This rule rejects tcp packets of every port",
		} {
			if !strings.Contains(text, sentence) {
				t.Errorf("%q is not shown:\n%s", sentence, output)
			}
		}
		warnings(t, output, "A rule has no effect", 1)
		warnings(t, output, "A session never copies a packet", 1)
		warnings(t, output, "The filter has no rule that accepts packets", 1)
		warnings(t, output, "A rule rejects every port", 1)
	}
}

// On the embedded EC2, the warning about the interface of a load balancer names the variant
// that lets it be a source. With the variant there is no warning, and the apply works.
func TestAccFindings_variant(t *testing.T) {
	space, a := newWorkspace(t), newAccount(t)
	balancer := `{ "id": "eni-00000000000000099", "requester_managed": true, "requester_id": "amazon-elb", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.99" },`
	world := strings.Replace(testTopology, `"network_interfaces": [`, `"network_interfaces": [`+balancer, 1)
	if err := os.WriteFile(a.path("topology.json"), []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	config := func(variants, sourceID string) string {
		return fmt.Sprintf(`
provider "trafficmirror" {
  region   = "us-east-1"
  emulator = { path = %q, topology = %q, variants = [%s] }
}
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {
  ingress_rules = {}
  egress_rules  = {}
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}`, a.path("ec2.db"), a.path("topology.json"), variants, sensor, sourceID)
	}
	space.write(t, config("", "eni-00000000000000099"))
	output := space.run(t, "plan")
	warnings(t, output, "The network interface is managed by a service", 1)
	if !strings.Contains(words(output), `add "load-balancer-sources" to variants of emulator`) {
		t.Errorf("the variant is not named:\n%s", output)
	}
	space.write(t, config(`"load-balancer-sources"`, "eni-00000000000000099"))
	warnings(t, space.run(t, "apply -auto-approve"), "The network interface is managed by a service", 0)
}

// A session without a number shares an interface with one that states a number, in whatever
// order Terraform creates them.
func TestAccSession_withoutNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second string // dependencies of the session with a number, and of the other
		moves         bool
	}{
		"no order":                  {},
		"the one with a number":     {"", "depends_on = [trafficmirror_session.stated]", false},
		"the one without a number":  {"depends_on = [trafficmirror_session.free]", "", true},
		"no order, one at a time":   {},
		"no order, one at a time 2": {},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "no order") {
				sample.SkipUnless(t, 3)
			}
			space, a := newWorkspace(t), newAccount(t)
			space.write(t, a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {
  ingress_rules = {}
  egress_rules  = {}
}
resource "trafficmirror_session" "stated" {
  network_interface_id     = %[2]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
  %[3]s
}
resource "trafficmirror_session" "free" {
  network_interface_id     = %[2]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  %[4]s
}
output "numbers" { value = "${trafficmirror_session.stated.session_number} ${trafficmirror_session.free.session_number}" }
`, sensor, source, c.first, c.second))
			flags := ""
			if strings.Contains(name, "one at a time") {
				flags = " -parallelism=1"
			}
			output := space.run(t, "apply -auto-approve"+flags)
			if c.moves {
				warnings(t, output, "Another session got another number", 1)
			}
			space.run(t, "apply -auto-approve -refresh-only")
			space.planIsEmpty(t)
			if numbers := space.run(t, "output numbers"); strings.TrimSpace(numbers) != `"1 2"` {
				t.Errorf("numbers %s, want 1 and 2", numbers)
			}
		})
	}
}
