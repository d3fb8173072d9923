package provider_test

import (
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const ruleX = "trafficmirror_filter_rule.x"

func TestAccFilterRule(t *testing.T) {
	a := newAccount(t)
	config := func(rule string) string {
		return a.config(`
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  %s
}`, rule)
	}
	var id string
	importID := func(s *terraform.State) (string, error) {
		p := s.RootModule().Resources[ruleX].Primary
		return p.Attributes["traffic_mirror_filter_id"] + ":" + p.ID, nil
	}
	a.test(t,
		resource.TestStep{
			Config: config(`
  traffic_direction      = "ingress"
  rule_number            = 100
  rule_action            = "accept"
  protocol               = 6
  source_cidr_block      = "10.0.0.0/8"
  destination_cidr_block = "0.0.0.0/0"
  source_port_range      = { from_port = 1024, to_port = 65535 }
  destination_port_range = { from_port = 443, to_port = 443 }
  description            = "https"
  tags                   = { a = "1" }`),
			Check: resource.ComposeTestCheckFunc(
				remember(&id, ruleX, "id"),
				resource.TestCheckResourceAttrWith(ruleX, "arn", matches(`^arn:aws:ec2:us-east-1:123456789012:traffic-mirror-filter-rule/tmfr-[0-9a-f]{17}$`)),
				resource.TestCheckResourceAttr(ruleX, "protocol", "6"),
				resource.TestCheckResourceAttr(ruleX, "source_port_range.from_port", "1024"),
				resource.TestCheckResourceAttr(ruleX, "tags.a", "1"),
			),
		},
		resource.TestStep{ResourceName: ruleX, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"protocol"}},
		resource.TestStep{ResourceName: ruleX, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"protocol"}, ImportStateIdFunc: importID},
		resource.TestStep{
			ResourceName: ruleX, ImportState: true, ImportStateId: "tmf-00000000000000001",
			ExpectError: regexp.MustCompile(`The import ID is`),
		},
		// Everything that can be removed is removed in one call.
		resource.TestStep{
			Config: config(`
  traffic_direction      = "egress"
  rule_number            = 200
  rule_action            = "reject"
  source_cidr_block      = "2001:db8::/32"
  destination_cidr_block = "::/0"`),
			ConfigPlanChecks: inUpdate(ruleX),
			Check: resource.ComposeTestCheckFunc(
				isStill(&id, ruleX, "id"),
				resource.TestCheckNoResourceAttr(ruleX, "protocol"),
				resource.TestCheckNoResourceAttr(ruleX, "source_port_range"),
				resource.TestCheckNoResourceAttr(ruleX, "description"),
				a.hasRules(filterX, "egress 200 reject"),
			),
		},
		// A port range comes back together with its protocol.
		resource.TestStep{
			Config: config(`
  traffic_direction      = "egress"
  rule_number            = 200
  rule_action            = "reject"
  protocol               = "udp"
  destination_port_range = { from_port = 53, to_port = 53 }
  source_cidr_block      = "2001:db8::/32"
  destination_cidr_block = "::/0"
  tags                   = {}`),
			ConfigPlanChecks: inUpdate(ruleX),
		},
	)
}

func TestAccFilterRule_disappears(t *testing.T) {
	a := newAccount(t)
	config := a.config(`
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}`)
	a.test(t,
		resource.TestStep{
			Config: config,
			Check: func(s *terraform.State) error {
				id := s.RootModule().Resources[ruleX].Primary.ID
				_, err := a.client.DeleteTrafficMirrorFilterRule(t.Context(), &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &id})
				return err
			},
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{Config: config},
	)
}

func TestAccFilterRule_takenNumber(t *testing.T) {
	a := newAccount(t)
	first := a.rules("", [2]any{"x", 1})
	a.test(t,
		resource.TestStep{Config: first},
		resource.TestStep{
			Config: first + `
resource "terraform_data" "late" { input = 1 }
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = terraform_data.late.output
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}`,
			ExpectError: regexp.MustCompile(`(?s)Error creating traffic mirror filter rule.*rule_number.*Another\s+rule\s+of\s+this\s+filter\s+and\s+direction\s+has\s+the\s+number`),
		},
	)
}
