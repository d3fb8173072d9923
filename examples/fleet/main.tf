# Mirrors the instances of an Auto Scaling group in three Availability Zones to one sensor in each zone. Instances come and go: each plan
# creates the sessions of new instances, and leaves all other sessions as they are.
#
# It runs on the embedded EC2, so it needs no AWS account and costs nothing. To use it in an account, remove the emulator argument and write
# the IDs of your own sensors and the name of your own Auto Scaling group.

terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

provider "trafficmirror" {
  region = "eu-west-1"

  emulator = {
    path     = ".trafficmirror/ec2.db" # its state between runs
    topology = "topology.json"         # the objects in the account before the first apply
  }
}

locals {
  # The network interfaces of the sensors, by names of your own. A name must stay the same: it says which target a session uses.
  sensors = {
    a = "eni-0a1c5e7f9b3d24680"
    b = "eni-0b2d6f8a1c4e35791"
    c = "eni-0c3e7a9b2d5f46802"
  }

  # The tags of the sessions of this fleet, and of no others.
  fleet = { fleet = "web" }
}

resource "trafficmirror_target" "sensor" {
  for_each             = local.sensors
  description          = "Sensor ${each.key}"
  network_interface_id = each.value

  # A sensor can retire in one apply: its sessions move to the others before its target is destroyed.
  lifecycle { create_before_destroy = true }
}

resource "trafficmirror_filter" "web" {
  description      = "Everything but the administrators' SSH"
  network_services = ["amazon-dns"]

  ingress_rules = {
    "100" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "10.0.0.0/8"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    "210" = { rule_action = "accept", source_cidr_block = "::/0", destination_cidr_block = "::/0" }
  }
  egress_rules = {
    "100" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "10.0.0.0/8"
      source_port_range      = { from_port = 22, to_port = 22 }
    }
    "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    "210" = { rule_action = "accept", source_cidr_block = "::/0", destination_cidr_block = "::/0" }
  }
}

# The primary interfaces of the group's instances, except those that are tagged otherwise.
data "trafficmirror_sources" "web" {
  auto_scaling_group_names = ["web"]
  interfaces               = "primary"
  exclude                  = [{ instance_tags = [{ mirror = "no" }] }]

  targets      = { for name, interface in local.sensors : name => { network_interface_id = interface } }
  session_tags = local.fleet
}

resource "trafficmirror_session" "web" {
  for_each = data.trafficmirror_sources.web.sources

  network_interface_id     = each.key
  traffic_mirror_target_id = trafficmirror_target.sensor[each.value.target].id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = each.value.session_number
  description              = "${each.value.instance_id} to sensor ${each.value.target}"
  tags                     = local.fleet
}

output "sources_per_sensor" {
  value = { for name in keys(local.sensors) : name => length([for s in data.trafficmirror_sources.web.sources : s if s.target == name]) }
}

output "not_mirrored" {
  value = { for id, i in data.trafficmirror_sources.web.unsupported : id => "${i.reason}: ${i.detail}" }
}

# A plan warns if instances of the group are not mirrored, or if the group has none.
check "every_instance_is_mirrored" {
  assert {
    condition     = length(data.trafficmirror_sources.web.sources) > 0 && length(data.trafficmirror_sources.web.unsupported) == 0
    error_message = "Not mirrored: ${join(", ", keys(data.trafficmirror_sources.web.unsupported))}. Mirrored: ${length(data.trafficmirror_sources.web.sources)}. See the output not_mirrored."
  }
}

# A plan warns as long as copies go to another Availability Zone, which AWS charges for. The zones of a target can be unknown: null.
check "copies_stay_in_their_zone" {
  assert {
    condition     = length(local.other_zone) == 0
    error_message = "To another Availability Zone: ${join(", ", local.other_zone)}."
  }
}

locals {
  other_zone = [
    for id, s in data.trafficmirror_sources.web.sources : "${id} to ${s.target}"
    if s.target_availability_zones == null ? false : !contains(s.target_availability_zones, s.availability_zone)
  ]
}
