package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const everything = `rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0"`

// rules configures two filters, and rules on their own: the filter and the number
// of each.
func (a *account) rules(extra string, rules ...[2]any) string {
	text := a.config("%s", `
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_filter" "y" {}
`+extra)
	for i, r := range rules {
		text += fmt.Sprintf(`
resource "trafficmirror_filter_rule" "r%d" {
  traffic_mirror_filter_id = trafficmirror_filter.%v.id
  traffic_direction        = "ingress"
  rule_number              = %v
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  lifecycle { replace_triggered_by = [terraform_data.again] }
}`, i, r[0], r[1])
	}
	return text + `
resource "terraform_data" "again" { input = ` + fmt.Sprintf("%q", extra) + ` }`
}

func TestAccClaims_ruleNumbers(t *testing.T) {
	a := newAccount(t)
	twice := regexp.MustCompile(`Rule number given twice`)
	a.test(t,
		resource.TestStep{Config: a.rules("", [2]any{"x", 1}, [2]any{"x", 2})},
		// A rule that exists and one that does not; two that exist.
		resource.TestStep{Config: a.rules("", [2]any{"x", 1}, [2]any{"x", 2}, [2]any{"x", 1}), ExpectError: twice, PlanOnly: true},
		resource.TestStep{Config: a.rules("", [2]any{"x", 2}, [2]any{"x", 2}), ExpectError: twice, PlanOnly: true},
		// Nothing collides when all are replaced, and when two rules change their filter.
		resource.TestStep{Config: a.rules("# again", [2]any{"x", 1}, [2]any{"x", 2})},
		resource.TestStep{Config: a.rules("# again", [2]any{"y", 2}, [2]any{"y", 1})},
		// The holder of the number goes, and another rule takes it.
		resource.TestStep{Config: a.rules("# again", [2]any{"y", 3})},
		// Nothing orders the delete of a number before the create that takes it.
		resource.TestStep{Config: a.rules("# again", [2]any{"x", 3}, [2]any{"y", 3})},
	)
}

// The rules of a filter that is created in the same apply collide before the
// second of them is asked for.
func TestAccClaims_newFilter(t *testing.T) {
	a := newAccount(t)
	a.test(t, resource.TestStep{
		Config:      a.rules("", [2]any{"x", 1}, [2]any{"x", 1}),
		ExpectError: regexp.MustCompile(`Rule number given twice`),
	})
}

func TestAccClaims_mapAndRule(t *testing.T) {
	a := newAccount(t)
	config := func(rules, direction string) string {
		return a.config(`
resource "trafficmirror_filter" "z" {
  %s
}
resource "trafficmirror_filter_rule" "z" {
  traffic_mirror_filter_id = trafficmirror_filter.z.id
  traffic_direction        = %q
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}`, rules, direction)
	}
	twoPlaces := regexp.MustCompile(`(?s)Rules of one direction in two places.*ingress_rules.*tmf-`)
	a.test(t,
		resource.TestStep{Config: config(`ingress_rules = { "2" = { `+everything+` } }`, "ingress"), ExpectError: twoPlaces},
		resource.TestStep{Config: config(`ingress_rules = { "2" = { `+everything+` } }`, "egress")},
		resource.TestStep{Config: config(`ingress_rules = {}`, "ingress"), ExpectError: twoPlaces, PlanOnly: true},
		resource.TestStep{Config: config("", "ingress")},
	)
}

// sessions configures sessions of one interface with their numbers.
func (a *account) sessions(numbers ...int) string {
	text := a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {}
`, sensor)
	for i, n := range numbers {
		text += fmt.Sprintf(`
resource "trafficmirror_session" "s%d" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = %d
  lifecycle { create_before_destroy = true }
}`, i, source, n)
	}
	return text
}

func TestAccClaims_sessionNumbers(t *testing.T) {
	a := newAccount(t)
	twice := regexp.MustCompile(`(?s)Session number given twice.*Another\s+session\s+of\s+this\s+plan\s+\([^)]*\)\s+has\s+the\s+same\s+number\s+on\s+` + source)
	a.test(t,
		resource.TestStep{Config: a.sessions(1, 1), ExpectError: twice, PlanOnly: true},
		resource.TestStep{Config: a.sessions(1, 2)},
		resource.TestStep{Config: a.sessions(1, 2, 2), ExpectError: twice, PlanOnly: true},
		// The holder of 2 goes. Nothing orders that before the update which takes it.
		resource.TestStep{Config: a.sessions(2)},
	)
}

func TestAccClaims_targets(t *testing.T) {
	a := newAccount(t)
	config := func(one, other string) string {
		return a.config(`
resource "trafficmirror_target" "a" { network_interface_id = %q }
resource "trafficmirror_target" "b" { network_interface_id = %q }
`, one, other)
	}
	a.test(t,
		resource.TestStep{Config: config(sensor, sensor), ExpectError: regexp.MustCompile(`(?s)Two targets on one interface or load balancer.*a\s+new\s+one`), PlanOnly: true},
		resource.TestStep{Config: config(sensor, sensor2)},
		resource.TestStep{Config: config(sensor2, sensor), ExpectError: regexp.MustCompile(`Targets swap their backing resources`), PlanOnly: true},
		resource.TestStep{Config: config(sensor, sensor), ExpectError: regexp.MustCompile(`Two targets on one interface or load balancer`), PlanOnly: true},
		resource.TestStep{Config: config(sensor, source2)}, // a move to what is free
	)
}

func TestAccClaims_sourceIsTarget(t *testing.T) {
	a := newAccount(t)
	a.test(t, resource.TestStep{
		Config: a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %[1]q }
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_session" "x" {
  network_interface_id     = %[1]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}`, sensor),
		ExpectError: regexp.MustCompile(`One interface is both source and target`), PlanOnly: true,
	})
}
