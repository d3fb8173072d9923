package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const filterX = "trafficmirror_filter.x"

func TestAccFilter_inlineRules(t *testing.T) {
	a := newAccount(t)
	var id string
	a.test(t,
		resource.TestStep{
			Config: a.config(`
resource "trafficmirror_filter" "x" {
  description      = "web"
  network_services = ["amazon-dns"]
  ingress_rules = {
    "100" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0",
              destination_port_range = { from_port = 22, to_port = 22 }, description = "ssh" }
    "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    "1000" = { rule_action = "accept", protocol = 58, source_cidr_block = "2001:DB8:0::/32", destination_cidr_block = "::/0", description = "" }
  }
  egress_rules = {}
  tags = { team = "netsec" }
}`),
			Check: resource.ComposeTestCheckFunc(
				remember(&id, filterX, "id"),
				resource.TestCheckResourceAttrWith(filterX, "arn", matches(`^arn:aws:ec2:us-east-1:123456789012:traffic-mirror-filter/tmf-[0-9a-f]{17}$`)),
				resource.TestCheckResourceAttr(filterX, "ingress_rules.%", "3"),
				resource.TestCheckResourceAttr(filterX, "ingress_rules.100.destination_port_range.to_port", "22"),
				resource.TestCheckResourceAttr(filterX, "ingress_rules.1000.protocol", "58"),
				resource.TestCheckResourceAttr(filterX, "ingress_rules.1000.source_cidr_block", "2001:DB8:0::/32"),
				resource.TestCheckResourceAttr(filterX, "egress_rules.%", "0"),
				a.hasRules(filterX, "ingress 100 reject", "ingress 200 accept", "ingress 1000 accept"),
			),
		},
		resource.TestStep{
			ResourceName: filterX, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"ingress_rules.1000.protocol", "ingress_rules.1000.source_cidr_block", "ingress_rules.1000.description"},
		},
		// The same values written in another way are no change, a real change is one in place.
		resource.TestStep{
			Config: a.config(`
resource "trafficmirror_filter" "x" {
  description = "web"
  ingress_rules = {
    100 = { rule_action = "reject", protocol = 6, source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0",
            destination_port_range = { from_port = 22, to_port = 22 }, description = "ssh" }
    150 = { rule_action = "reject", protocol = "udp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    1000 = { rule_action = "accept", protocol = "icmpv6", source_cidr_block = "2001:db8::/32", destination_cidr_block = "::/0" }
  }
  egress_rules = {
    1 = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
}`),
			ConfigPlanChecks: inUpdate(filterX),
			Check: resource.ComposeTestCheckFunc(
				isStill(&id, filterX, "id"),
				resource.TestCheckNoResourceAttr(filterX, "network_services"),
				resource.TestCheckNoResourceAttr(filterX, "tags"),
				a.hasRules(filterX, "egress 1 accept", "ingress 100 reject", "ingress 150 reject", "ingress 1000 accept"),
			),
		},
	)
}

// A value that is only written in another way plans nothing.
func TestAccFilter_spelling(t *testing.T) {
	a := newAccount(t)
	config := func(protocol, cidr string) string {
		return a.config(`
resource "trafficmirror_filter" "x" {
  ingress_rules = { "1" = { rule_action = "accept", protocol = %s, source_cidr_block = %q, destination_cidr_block = "::/0" } }
}`, protocol, cidr)
	}
	a.test(t,
		resource.TestStep{Config: config(`"tcp"`, "2001:db8::/32")},
		resource.TestStep{Config: config(`6`, "2001:DB8:0::/32"), PlanOnly: true},
		resource.TestStep{Config: config(`"TCP"`, "2001:0db8::/32"), PlanOnly: true},
		resource.TestStep{Config: config(`17`, "2001:db8::/32"), ConfigPlanChecks: inUpdate(filterX)},
	)
}

// Whatever numbers change, one apply converges.
func TestAccFilter_renumber(t *testing.T) {
	a := newAccount(t)
	config := func(numbers ...int) string {
		var rules strings.Builder
		for i, n := range numbers {
			fmt.Fprintf(&rules, "    \"%d\" = { rule_action = %q, source_cidr_block = \"10.%d.0.0/16\", destination_cidr_block = \"0.0.0.0/0\" }\n",
				n, []string{"accept", "reject"}[i%2], i)
		}
		return a.config("resource \"trafficmirror_filter\" \"x\" {\n  ingress_rules = {\n%s  }\n}", rules.String())
	}
	a.test(t,
		resource.TestStep{Config: config(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)},
		resource.TestStep{Config: config(10, 9, 8, 7, 6, 5, 4, 3, 2, 1)},
		resource.TestStep{Config: config(2, 3, 4, 5, 6, 7, 8, 9, 10, 1)},
		resource.TestStep{Config: config(1, 2, 32766, 32765)},
		resource.TestStep{Config: config(32766, 32765, 2, 1, 100, 200)},
		resource.TestStep{Config: config()},
	)
}

// A rule that somebody adds, changes or removes by hand is set right.
func TestAccFilter_drift(t *testing.T) {
	a := newAccount(t)
	config := a.config(`
resource "trafficmirror_filter" "x" {
  network_services = ["amazon-dns"]
  ingress_rules = { "1" = { rule_action = "accept", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0" } }
}`)
	byHand := func(s *terraform.State) error {
		id := s.RootModule().Resources[filterX].Primary.ID
		filter, err := a.filter(id)
		if err != nil {
			return err
		}
		_, err = a.client.ModifyTrafficMirrorFilterRule(t.Context(), &ec2.ModifyTrafficMirrorFilterRuleInput{
			TrafficMirrorFilterRuleId: filter.IngressFilterRules[0].TrafficMirrorFilterRuleId,
			SourceCidrBlock:           aws.String("0.0.0.0/0"),
		})
		if err != nil {
			return err
		}
		_, err = a.client.ModifyTrafficMirrorFilterNetworkServices(t.Context(), &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
			TrafficMirrorFilterId: &id, RemoveNetworkServices: []types.TrafficMirrorNetworkService{"amazon-dns"},
		})
		if err != nil {
			return err
		}
		_, err = a.client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
			TrafficMirrorFilterId: &id, TrafficDirection: "ingress", RuleNumber: aws.Int32(300), RuleAction: "accept",
			SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
		})
		return err
	}
	a.test(t,
		resource.TestStep{Config: config, Check: byHand, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config: config, ConfigPlanChecks: inUpdate(filterX),
			Check: resource.ComposeTestCheckFunc(
				a.hasRules(filterX, "ingress 1 accept"),
				resource.TestCheckResourceAttr(filterX, "network_services.#", "1"),
			),
		},
	)
}

// The rules of a direction that is left out belong to somebody else.
func TestAccFilter_unmanagedDirection(t *testing.T) {
	a := newAccount(t)
	config := func(ingress string) string {
		return a.config(`
resource "trafficmirror_filter" "x" {
  %s
  egress_rules = { "1" = { rule_action = "accept", source_cidr_block = "10.0.0.0/8", destination_cidr_block = "0.0.0.0/0" } }
}
resource "trafficmirror_filter_rule" "x" {
  count                    = %q == "" ? 2 : 0
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = count.index + 1
  rule_action              = "accept"
  source_cidr_block        = "10.0.0.0/8"
  destination_cidr_block   = "0.0.0.0/0"
}`, ingress, ingress)
	}
	a.test(t,
		resource.TestStep{
			Config: config(""),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckNoResourceAttr(filterX, "ingress_rules.%"),
				a.hasRules(filterX, "egress 1 accept", "ingress 1 accept", "ingress 2 accept"),
			),
		},
		resource.TestStep{RefreshState: true, Check: resource.TestCheckResourceAttr(filterX, "ingress_rules.%", "2")},
		resource.TestStep{Config: config(""), PlanOnly: true},
		resource.TestStep{ResourceName: filterX, ImportState: true, ImportStateVerify: true},
		resource.TestStep{Config: config("ingress_rules = {}"), Check: a.hasRules(filterX, "egress 1 accept")},
	)
}

func TestAccFilter_disappears(t *testing.T) {
	a := newAccount(t)
	config := a.config(`resource "trafficmirror_filter" "x" {}`)
	a.test(t,
		resource.TestStep{
			Config: config,
			Check: func(s *terraform.State) error {
				id := s.RootModule().Resources[filterX].Primary.ID
				_, err := a.client.DeleteTrafficMirrorFilter(t.Context(), &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: &id})
				return err
			},
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{Config: config},
		resource.TestStep{
			Config: a.config(`resource "trafficmirror_filter" "x" { description = "new" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(filterX, plancheck.ResourceActionDestroyBeforeCreate),
			}},
		},
	)
}

func (a *account) filter(id string) (types.TrafficMirrorFilter, error) {
	out, err := a.client.DescribeTrafficMirrorFilters(context.Background(), &ec2.DescribeTrafficMirrorFiltersInput{TrafficMirrorFilterIds: []string{id}})
	if err != nil {
		return types.TrafficMirrorFilter{}, err
	}
	return out.TrafficMirrorFilters[0], nil
}

// hasRules checks which rules a filter has in EC2, in a few words each.
func (a *account) hasRules(address string, want ...string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		filter, err := a.filter(s.RootModule().Resources[address].Primary.ID)
		if err != nil {
			return err
		}
		var got []string
		for _, r := range append(filter.IngressFilterRules, filter.EgressFilterRules...) {
			got = append(got, fmt.Sprintf("%s %d %s", r.TrafficDirection, *r.RuleNumber, r.RuleAction))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("%s has the rules %q, want %q", address, got, want)
		}
		return nil
	}
}
