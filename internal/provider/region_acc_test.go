package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// mirrorInRegion has a mirror in a Region. The embedded EC2 has the same interfaces in
// every Region, so that what may not collide has one ID everywhere.
const mirrorInRegion = `
resource "trafficmirror_target" "NAME" {
  region               = "REGION"
  network_interface_id = "` + sensor + `"
}
resource "trafficmirror_filter" "NAME" {
  region        = "REGION"
  egress_rules  = {}
}
resource "trafficmirror_filter_rule" "NAME" {
  region                   = "REGION"
  traffic_mirror_filter_id = trafficmirror_filter.NAME.id
  traffic_direction        = "ingress"
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
resource "trafficmirror_session" "NAME" {
  region                   = "REGION"
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.NAME.id
  traffic_mirror_filter_id = trafficmirror_filter.NAME.id
  session_number           = 1
}
resource "trafficmirror_simulation" "NAME" {
  region                     = "REGION"
  network_interface_id       = "` + source + `"
  traffic_mirror_session_ids = [trafficmirror_session.NAME.id]
  depends_on                 = [trafficmirror_filter_rule.NAME]
  packets                    = [{ name = "web", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 50000, destination = "10.0.1.11", destination_port = 443 }]
  expect                     = [{ packet = "web", mirrored = true }]
}
data "trafficmirror_filter_analysis" "NAME" {
  region                   = "REGION"
  traffic_mirror_filter_id = trafficmirror_filter.NAME.id
  space                    = { traffic_direction = "ingress", protocol = "tcp", destination_port_range = { from_port = 443, to_port = 443 } }
  depends_on               = [trafficmirror_filter_rule.NAME]
}
`

// One provider block has mirrors in several Regions, which do not collide. They are imported by
// their IDs and Regions. Another Region replaces an object, in its old place and in no other.
func TestAccRegion(t *testing.T) {
	a := newAccount(t)
	in := func(regions map[string]string) string {
		var all strings.Builder
		for name, region := range regions {
			all.WriteString(strings.NewReplacer("NAME", name, "REGION", region).Replace(mirrorInRegion))
		}
		return a.config("%s", all.String())
	}
	steps := []resource.TestStep{{
		Config: in(map[string]string{"home": "us-east-1", "ireland": "eu-west-1", "mumbai": "ap-south-1"}),
		Check: resource.ComposeAggregateTestCheckFunc(
			a.mirrorsIn("us-east-1", 1), a.mirrorsIn("eu-west-1", 1), a.mirrorsIn("ap-south-1", 1), a.mirrorsIn("us-west-2", 0),
			resource.TestMatchResourceAttr("trafficmirror_session.ireland", "arn", regexp.MustCompile(`^arn:aws:ec2:eu-west-1:123456789012:`)),
			resource.TestCheckResourceAttr("data.trafficmirror_filter_analysis.ireland", "region", "eu-west-1"),
			resource.TestCheckResourceAttr("data.trafficmirror_filter_analysis.ireland", "mirrors.amount", "some"),
		),
	}}
	for _, kind := range []string{"target", "filter", "filter_rule", "session"} {
		address := fmt.Sprintf("trafficmirror_%s.mumbai", kind)
		steps = append(steps, resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: kind != "filter", // its rules, which are separate, are imported too
			ImportStateIdFunc: func(s *terraform.State) (string, error) {
				of := s.RootModule().Resources[address].Primary
				if kind == "filter_rule" {
					return of.Attributes["traffic_mirror_filter_id"] + ":" + of.ID + "@ap-south-1", nil
				}
				return of.ID + "@ap-south-1", nil
			},
		})
	}
	a.testIn(t, []string{"us-east-1", "eu-west-1", "ap-south-1", "us-west-2"}, append(steps, resource.TestStep{
		Config: in(map[string]string{"home": "us-east-1", "ireland": "us-west-2", "mumbai": "ap-south-1"}),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction("trafficmirror_session.ireland", plancheck.ResourceActionDestroyBeforeCreate),
			plancheck.ExpectResourceAction("trafficmirror_simulation.ireland", plancheck.ResourceActionDestroyBeforeCreate),
			plancheck.ExpectResourceAction("trafficmirror_session.home", plancheck.ResourceActionNoop),
		}},
		Check: resource.ComposeAggregateTestCheckFunc(a.mirrorsIn("us-east-1", 1), a.mirrorsIn("eu-west-1", 0), a.mirrorsIn("us-west-2", 1)),
	})...)
}

// testIn runs steps against the account in several Regions.
func (a *account) testIn(t *testing.T, regions []string, steps ...resource.TestStep) {
	t.Helper()
	var empty []resource.TestCheckFunc
	for _, region := range regions {
		empty = append(empty, a.mirrorsIn(region, 0))
	}
	acceptance(t, resource.TestCase{
		ProtoV6ProviderFactories: factories, CheckDestroy: resource.ComposeAggregateTestCheckFunc(empty...), Steps: steps,
	})
}

// mirrorsIn checks how many sessions, filters and targets there are in a Region.
func (a *account) mirrorsIn(region string, want int) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		options := a.client.Options().Copy()
		options.Region = region
		if err := (&account{client: ec2.New(options)}).counts(want, want, want)(s); err != nil {
			return fmt.Errorf("%s: %w", region, err)
		}
		return nil
	}
}
