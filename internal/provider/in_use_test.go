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

// What the pages of a target and of a filter say about create_before_destroy: sessions get
// another target and filter in the apply that removes the old ones.
func TestAccInUse_createBeforeDestroy(t *testing.T) {
	a := newAccount(t)
	config := func(second bool) string {
		return a.config(`
locals { second = %t }
resource "trafficmirror_target" "one" {
  count                = local.second ? 0 : 1
  network_interface_id = %q
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_target" "two" {
  count                     = local.second ? 1 : 0
  network_load_balancer_arn = %q
}
resource "trafficmirror_filter" "one" {
  count = local.second ? 0 : 1
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_filter" "two" { count = local.second ? 1 : 0 }
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = try(trafficmirror_target.two[0].id, trafficmirror_target.one[0].id)
  traffic_mirror_filter_id = try(trafficmirror_filter.two[0].id, trafficmirror_filter.one[0].id)
}`, second, sensor, sensors, source)
	}
	var id string
	a.test(t,
		resource.TestStep{Config: config(false), Check: remember(&id, sessionX, "id")},
		resource.TestStep{Config: config(true), Check: resource.ComposeTestCheckFunc(isStill(&id, sessionX, "id"), a.counts(1, 1, 1))},
	)
}

// What the warning about a replaced target says to sessions in another module.
func TestAccInUse_otherModule(t *testing.T) {
	a := newAccount(t)
	config := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  description          = %[2]q
}
resource "trafficmirror_filter" "x" {}
resource "terraform_data" "description" { input = %[2]q }
resource "trafficmirror_session" "x" {
  network_interface_id     = %[3]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  lifecycle { replace_triggered_by = [terraform_data.description] }
}`, sensor, description, source)
	}
	a.test(t,
		resource.TestStep{Config: config("one"), Check: a.counts(1, 1, 1)},
		resource.TestStep{Config: config("two"), Check: a.counts(1, 1, 1)},
	)
}
