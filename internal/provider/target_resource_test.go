package provider_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

func TestAccTarget_kinds(t *testing.T) {
	t.Parallel()
	for kind, backing := range map[string]string{
		"network-interface":              `network_interface_id = "` + sensor + `"`,
		"network-load-balancer":          `network_load_balancer_arn = "` + sensors + `"`,
		"gateway-load-balancer-endpoint": `gateway_load_balancer_endpoint_id = "` + gateway + `"`,
	} {
		t.Run(kind, func(t *testing.T) {
			a := newAccount(t)
			a.test(t,
				resource.TestStep{
					Config: a.config(`resource "trafficmirror_target" "x" { %s }`, backing),
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr("trafficmirror_target.x", "type", kind),
						resource.TestCheckResourceAttr("trafficmirror_target.x", "owner_id", "123456789012"),
						resource.TestCheckResourceAttrWith("trafficmirror_target.x", "arn", matches(`^arn:aws:ec2:us-east-1:123456789012:traffic-mirror-target/tmt-[0-9a-f]{17}$`)),
						resource.TestCheckNoResourceAttr("trafficmirror_target.x", "description"),
						resource.TestCheckNoResourceAttr("trafficmirror_target.x", "tags"),
					),
				},
				resource.TestStep{ResourceName: "trafficmirror_target.x", ImportState: true, ImportStateVerify: true},
			)
		})
	}
}

func TestAccTarget_tags(t *testing.T) {
	a := newAccount(t)
	config := func(tags string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  description          = "sensor"
  tags                 = %s
}`, sensor, tags)
	}
	a.test(t,
		resource.TestStep{
			Config: config(`{ a = "1", b = "2" }`),
			Check:  resource.TestCheckResourceAttr("trafficmirror_target.x", "tags.b", "2"),
		},
		resource.TestStep{
			Config:           config(`{ a = "3", c = "" }`),
			ConfigPlanChecks: inUpdate("trafficmirror_target.x"),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr("trafficmirror_target.x", "tags.%", "2"),
				resource.TestCheckResourceAttr("trafficmirror_target.x", "tags.a", "3"),
				resource.TestCheckResourceAttr("trafficmirror_target.x", "tags.c", ""),
			),
		},
		resource.TestStep{ResourceName: "trafficmirror_target.x", ImportState: true, ImportStateVerify: true},
		resource.TestStep{Config: config(`{}`)},
		resource.TestStep{Config: config(`null`)},
	)
}

func TestAccTarget_description(t *testing.T) {
	a := newAccount(t)
	config := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  description          = %s
}`, sensor, description)
	}
	var id string
	a.test(t,
		resource.TestStep{Config: config(`""`), Check: remember(&id, "trafficmirror_target.x", "id")},
		resource.TestStep{Config: config(`null`), Check: isStill(&id, "trafficmirror_target.x", "id")},
		resource.TestStep{
			Config: config(`"sensor"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trafficmirror_target.x", plancheck.ResourceActionDestroyBeforeCreate),
			}},
		},
	)
}

func TestAccTarget_disappears(t *testing.T) {
	a := newAccount(t)
	config := a.config(`resource "trafficmirror_target" "x" { network_interface_id = %q }`, sensor)
	a.test(t,
		resource.TestStep{
			Config: config,
			Check: func(s *terraform.State) error {
				id := s.RootModule().Resources["trafficmirror_target.x"].Primary.ID
				_, err := a.client.DeleteTrafficMirrorTarget(t.Context(), &ec2.DeleteTrafficMirrorTargetInput{TrafficMirrorTargetId: &id})
				return err
			},
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{Config: config},
	)
}

// A target that three sessions use gets another interface behind it, and then a
// load balancer: one apply each, and the sessions stay.
func TestAccTarget_moves(t *testing.T) {
	a := newAccount(t)
	config := func(backing string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  %s
  tags = { name = "sensor" }
}
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_session" "x" {
  count                    = 3
  network_interface_id     = %q
  session_number           = count.index + 1
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}`, backing, source)
	}
	var target, session string
	changed := func(s *terraform.State) error {
		if isStill(&target, "trafficmirror_target.x", "id")(s) == nil {
			t.Error("the target has kept its ID")
		}
		return nil
	}
	a.test(t,
		resource.TestStep{
			Config: config(`network_interface_id = "` + sensor + `"`),
			Check: resource.ComposeTestCheckFunc(
				remember(&target, "trafficmirror_target.x", "id"),
				remember(&session, "trafficmirror_session.x.2", "id"),
				resource.TestCheckNoResourceAttr("trafficmirror_session.x.2", "packet_length"),
			),
		},
		resource.TestStep{
			Config:           config(`network_interface_id = "` + sensor2 + `"`),
			ConfigPlanChecks: inUpdate("trafficmirror_target.x"),
			Check: resource.ComposeTestCheckFunc(
				changed,
				isStill(&session, "trafficmirror_session.x.2", "id"),
				resource.TestCheckResourceAttrPair("trafficmirror_session.x.2", "traffic_mirror_target_id", "trafficmirror_target.x", "id"),
				resource.TestCheckResourceAttr("trafficmirror_target.x", "tags.name", "sensor"),
			),
		},
		resource.TestStep{
			Config: config(`network_load_balancer_arn = "` + sensors + `"`),
			Check: resource.ComposeTestCheckFunc(
				isStill(&session, "trafficmirror_session.x.2", "id"),
				resource.TestCheckResourceAttr("trafficmirror_target.x", "type", "network-load-balancer"),
				resource.TestCheckResourceAttr("trafficmirror_session.x.2", "packet_length", "8500"),
			),
		},
		resource.TestStep{
			Config: config(`network_interface_id = "` + sensor + `"`),
			Check: resource.ComposeTestCheckFunc(
				isStill(&session, "trafficmirror_session.x.2", "id"),
				resource.TestCheckNoResourceAttr("trafficmirror_session.x.2", "packet_length"),
			),
		},
	)
}
