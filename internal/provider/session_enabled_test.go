package provider_test

import (
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// A session that is disabled is not in EC2, and comes back with its number and its VNI.
func TestAccSession_enabled(t *testing.T) {
	a := newAccount(t)
	config := func(filter, enabled string) string {
		return a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.` + filter + `.id
  enabled                  = ` + enabled)
	}
	var id, number, vni, taken string
	isDisabled := resource.ComposeTestCheckFunc(
		a.counts(2, 2, 0),
		resource.TestCheckNoResourceAttr(sessionX, "id"),
		resource.TestCheckNoResourceAttr(sessionX, "arn"),
		resource.TestCheckResourceAttr(sessionX, "status", "disabled"),
		isStill(&number, sessionX, "session_number"),
		isStill(&vni, sessionX, "virtual_network_id"),
	)
	isBack := resource.ComposeTestCheckFunc(
		a.counts(2, 2, 1),
		isStill(&number, sessionX, "session_number"),
		isStill(&vni, sessionX, "virtual_network_id"),
		resource.TestCheckResourceAttrWith(sessionX, "id", matches(`^tms-[0-9a-f]{17}$`)),
		resource.TestCheckResourceAttr(sessionX, "status", "active"),
		resource.TestCheckResourceAttr(sessionX, "status_reason", ""),
	)
	a.test(t,
		resource.TestStep{
			Config: config("x", "null"),
			Check: resource.ComposeTestCheckFunc(
				remember(&id, sessionX, "id"), remember(&number, sessionX, "session_number"), remember(&vni, sessionX, "virtual_network_id"),
				resource.TestCheckResourceAttr(sessionX, "status", "active"),
			),
		},
		resource.TestStep{Config: config("x", "false"), ConfigPlanChecks: inUpdate(sessionX), Check: isDisabled},
		resource.TestStep{Config: config("y", "false"), ConfigPlanChecks: inUpdate(sessionX), Check: isDisabled},
		resource.TestStep{Config: config("y", "true"), ConfigPlanChecks: inUpdate(sessionX), Check: isBack},
		resource.TestStep{
			Config: config("y", "false"),
			Check: resource.ComposeTestCheckFunc(isDisabled, func(s *terraform.State) error {
				// Somebody else takes the number.
				attributes := s.RootModule().Resources[sessionX].Primary.Attributes
				out, err := a.client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
					NetworkInterfaceId:    aws.String(attributes["network_interface_id"]),
					TrafficMirrorTargetId: aws.String(attributes["traffic_mirror_target_id"]),
					TrafficMirrorFilterId: aws.String(attributes["traffic_mirror_filter_id"]),
					SessionNumber:         aws.Int32(1),
				})
				if err != nil {
					return err
				}
				taken = *out.TrafficMirrorSession.TrafficMirrorSessionId
				return nil
			}),
		},
		resource.TestStep{Config: config("y", "true"), ExpectError: regexp.MustCompile(`(?s)Error enabling.*tms-[0-9a-f]{17}`)},
		resource.TestStep{
			PreConfig: func() {
				if _, err := a.client.DeleteTrafficMirrorSession(t.Context(), &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: &taken}); err != nil {
					t.Fatal(err)
				}
			},
			Config: config("y", "true"), Check: isBack,
		},
		resource.TestStep{Config: config("y", "false"), Check: isDisabled}, // and is destroyed so
	)
}

// A session may be disabled from the start: it gets its number and its VNI when it is enabled.
func TestAccSession_disabledFirst(t *testing.T) {
	a := newAccount(t)
	config := func(target, enabled string) string {
		return a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.` + target + `.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  enabled                  = ` + enabled)
	}
	a.test(t,
		resource.TestStep{
			Config: config("x", "false"),
			Check: resource.ComposeTestCheckFunc(
				a.counts(2, 2, 0),
				resource.TestCheckNoResourceAttr(sessionX, "session_number"),
				resource.TestCheckNoResourceAttr(sessionX, "virtual_network_id"),
			),
		},
		resource.TestStep{
			Config: config("nlb", "true"),
			Check: resource.ComposeTestCheckFunc(
				a.counts(2, 2, 1),
				resource.TestCheckResourceAttr(sessionX, "session_number", "1"),
				resource.TestCheckResourceAttr(sessionX, "packet_length", "8500"),
				resource.TestCheckResourceAttrSet(sessionX, "virtual_network_id"),
			),
		},
		// What is known only after apply may disable it.
		resource.TestStep{
			Config: config("nlb", "trafficmirror_filter.z.id == null") + `
resource "trafficmirror_filter" "z" {}`,
			Check: resource.ComposeTestCheckFunc(
				a.counts(2, 3, 0),
				resource.TestCheckResourceAttr(sessionX, "session_number", "1"),
				resource.TestCheckResourceAttr(sessionX, "status", "disabled"),
			),
		},
	)
}

// The status follows what happens to the source and to the target outside of Terraform.
func TestAccSession_status(t *testing.T) {
	a := newAccount(t)
	config := a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id`)
	stop := func(t *testing.T) {
		out, err := a.client.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{source}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{*out.NetworkInterfaces[0].Attachment.InstanceId}})
		if err != nil {
			t.Fatal(err)
		}
	}
	a.test(t,
		resource.TestStep{Config: config, Check: resource.TestCheckResourceAttr(sessionX, "status", "active")},
		resource.TestStep{
			PreConfig: func() { stop(t) },
			Config:    config,
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(sessionX, "status", "source_stopped"),
				resource.TestCheckResourceAttrWith(sessionX, "status_reason", matches(`^Instance i-[0-9a-f]+ of eni-[0-9a-f]+ is stopped\.$`)),
			),
		},
	)
}

// A simulation names a session that is disabled, whose ID is null: the interface does not have it.
func TestAccSession_disabledInSimulation(t *testing.T) {
	a := newAccount(t)
	config := func(enabled, verdict string) string {
		return a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {
  ingress_rules = { "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }
  egress_rules  = {}
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  enabled                  = %s
}
resource "trafficmirror_simulation" "x" {
  network_interface_id       = trafficmirror_session.x.network_interface_id
  traffic_mirror_session_ids = [trafficmirror_session.x.id]
  packets = [{ name = "ssh", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 50000, destination = "10.0.1.11", destination_port = 22 }]
  expect  = [{ packet = "ssh", %s }]
}`, sensor, source, enabled, verdict)
	}
	a.test(t,
		resource.TestStep{Config: config("true", "mirrored = true")},
		resource.TestStep{Config: config("false", "mirrored = true"), ExpectError: regexp.MustCompile(`Expectation does not hold`)},
		resource.TestStep{Config: config("false", `mirrored = false, reason = "no_session"`), Check: a.counts(1, 1, 0)},
		resource.TestStep{Config: config("true", "mirrored = true"), Check: a.counts(1, 1, 1)},
	)
}
