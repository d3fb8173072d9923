package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const sessionX = "trafficmirror_session.x"

// sessionConfig is a session on an interface target, and a second target and
// filter that it can move to.
func (a *account) sessionConfig(session string) string {
	return a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_target" "nlb" { network_load_balancer_arn = %q }
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_filter" "y" {}
resource "trafficmirror_session" "x" {
  network_interface_id = %q
  %s
}`, sensor, sensors, source, session)
}

func TestAccSession(t *testing.T) {
	a := newAccount(t)
	var id, vni string
	a.test(t,
		resource.TestStep{
			Config: a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 7
  packet_length            = 128
  virtual_network_id       = 42
  description              = "first"
  tags                     = { a = "1" }`),
			Check: resource.ComposeTestCheckFunc(
				remember(&id, sessionX, "id"),
				resource.TestCheckResourceAttrWith(sessionX, "arn", matches(`^arn:aws:ec2:us-east-1:123456789012:traffic-mirror-session/tms-[0-9a-f]{17}$`)),
				resource.TestCheckResourceAttr(sessionX, "owner_id", "123456789012"),
				resource.TestCheckResourceAttr(sessionX, "packet_length", "128"),
				resource.TestCheckResourceAttr(sessionX, "virtual_network_id", "42"),
			),
		},
		resource.TestStep{ResourceName: sessionX, ImportState: true, ImportStateVerify: true},
		// What is left out is reset, a VNI is drawn anew, and a number that was set stays.
		resource.TestStep{
			Config: a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.y.id`),
			ConfigPlanChecks: inUpdate(sessionX),
			Check: resource.ComposeTestCheckFunc(
				isStill(&id, sessionX, "id"),
				resource.TestCheckResourceAttr(sessionX, "session_number", "7"),
				resource.TestCheckNoResourceAttr(sessionX, "packet_length"),
				resource.TestCheckNoResourceAttr(sessionX, "description"),
				resource.TestCheckResourceAttrWith(sessionX, "virtual_network_id", matches(`^(4[013-9]|[1-9]|[1-35-9]\d|\d{3,})$`)),
				remember(&vni, sessionX, "virtual_network_id"),
			),
		},
		// To a load balancer and back: the packet length is EC2's, the VNI stays.
		resource.TestStep{
			Config: a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.nlb.id
  traffic_mirror_filter_id = trafficmirror_filter.y.id
  session_number           = 8`),
			ConfigPlanChecks: inUpdate(sessionX),
			Check: resource.ComposeTestCheckFunc(
				isStill(&id, sessionX, "id"),
				isStill(&vni, sessionX, "virtual_network_id"),
				resource.TestCheckResourceAttr(sessionX, "packet_length", "8500"),
				resource.TestCheckResourceAttr(sessionX, "session_number", "8"),
			),
		},
		resource.TestStep{ResourceName: sessionX, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			Config: a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.y.id`),
			Check: resource.ComposeTestCheckFunc(
				isStill(&id, sessionX, "id"),
				resource.TestCheckNoResourceAttr(sessionX, "packet_length"),
			),
		},
	)
}

// 8500 on an interface target is a limit like any other when it was configured.
func TestAccSession_packetLength8500(t *testing.T) {
	a := newAccount(t)
	config := func(length string) string {
		return a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  packet_length            = ` + length)
	}
	a.test(t,
		resource.TestStep{Config: config("8500"), Check: resource.TestCheckResourceAttr(sessionX, "packet_length", "8500")},
		resource.TestStep{Config: config("null"), Check: resource.TestCheckNoResourceAttr(sessionX, "packet_length")},
	)
}

func TestAccSession_drift(t *testing.T) {
	a := newAccount(t)
	config := a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id`)
	a.test(t,
		resource.TestStep{
			Config: config,
			Check: func(s *terraform.State) error {
				id := s.RootModule().Resources[sessionX].Primary.ID
				_, err := a.client.ModifyTrafficMirrorSession(t.Context(), &ec2.ModifyTrafficMirrorSessionInput{
					TrafficMirrorSessionId: &id, PacketLength: aws.Int32(100), Description: aws.String("by hand"),
				})
				return err
			},
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			Config: config, ConfigPlanChecks: inUpdate(sessionX),
			Check: resource.TestCheckNoResourceAttr(sessionX, "packet_length"),
		},
	)
}

// Sessions without a number take the lowest ones that are free, at the same time.
func TestAccSession_lowestFreeNumber(t *testing.T) {
	a := newAccount(t)
	config := func(count int) string {
		return a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_session" "taken" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 2
}
resource "trafficmirror_session" "x" {
  count                    = %d
  network_interface_id     = trafficmirror_session.taken.network_interface_id
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}
output "numbers" { value = join(",", sort(trafficmirror_session.x[*].session_number)) }
`, sensor, source, count)
	}
	a.test(t,
		resource.TestStep{Config: config(2), Check: resource.TestCheckOutput("numbers", "1,3")},
		resource.TestStep{Config: config(1)},
	)
}

func TestAccSession_takenNumber(t *testing.T) {
	a := newAccount(t)
	a.test(t,
		resource.TestStep{Config: a.sessions(1)},
		resource.TestStep{
			Config: a.sessions(1) + fmt.Sprintf(`
resource "terraform_data" "late" { input = 1 }
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = terraform_data.late.output
}`, source),
			ExpectError: regexp.MustCompile(`(?s)Error creating traffic mirror session.*session_number.*A session number is unique on its network interface,.*EC2 answered\s+InvalidParameterValue`),
		},
	)
}

func TestAccSession_disappears(t *testing.T) {
	a := newAccount(t)
	config := a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id`)
	a.test(t,
		resource.TestStep{
			Config: config,
			Check: func(s *terraform.State) error {
				id := s.RootModule().Resources[sessionX].Primary.ID
				_, err := a.client.DeleteTrafficMirrorSession(t.Context(), &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: &id})
				return err
			},
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{Config: config},
	)
}
