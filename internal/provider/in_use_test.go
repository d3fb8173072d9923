package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// The lines that the warning about a replacement shows do what it says.
func TestAccInUse_description(t *testing.T) {
	a := newAccount(t)
	config := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %[1]q
  description          = %[3]q
}
resource "trafficmirror_filter" "x" {
  description = %[3]q
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %[2]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  lifecycle { replace_triggered_by = [trafficmirror_target.x.description] }
}`, sensor, source, description)
	}
	filterOnly := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {
  description = %q
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}`, sensor, description, source)
	}
	var id string
	a.test(t,
		resource.TestStep{Config: config("one"), Check: a.counts(1, 1, 1)},
		resource.TestStep{Config: config("two"), Check: a.counts(1, 1, 1)},
		resource.TestStep{Destroy: true, Config: config("two")},
		resource.TestStep{Config: filterOnly("one"), Check: remember(&id, sessionX, "id")},
		resource.TestStep{Config: filterOnly("two"), Check: resource.ComposeTestCheckFunc(isStill(&id, sessionX, "id"), a.counts(1, 1, 1))},
	)
}
