# Mirrors with one mistake each, on the embedded EC2. The guide about troubleshooting finds them.
terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}

provider "trafficmirror" {
  region   = "eu-west-1"
  emulator = { path = "ec2.db", topology = "topology.json" }
  warnings = { silence = ["embedded_ec2"] }
}

locals {
  web   = "eni-00000000000000001" # the filter takes port 443 as the destination only
  app   = "eni-00000000000000002" # mirrored whole
  db    = "eni-00000000000000003" # mirrored whole, and talks to app
  api   = "eni-00000000000000004" # the load balancer does not listen on UDP port 4789
  batch = "eni-00000000000000005" # the instance is stopped

  everything = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  https      = merge(local.everything, { protocol = "tcp", destination_port_range = { from_port = 443, to_port = 443 } })
}

resource "trafficmirror_target" "sensor" {
  network_interface_id = "eni-0000000000000000a"
}

resource "trafficmirror_target" "sensors" {
  network_load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
}

resource "trafficmirror_filter" "everything" {
  network_services = ["amazon-dns"]
  ingress_rules    = { "100" = local.everything }
  egress_rules     = { "100" = local.everything }
}

resource "trafficmirror_filter" "https" {
  ingress_rules = { "100" = local.https }
  egress_rules  = { "100" = local.https }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = local.web
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.https.id
  virtual_network_id       = 1001
}

resource "trafficmirror_session" "to_sensor" {
  for_each = { app = local.app, db = local.db, batch = local.batch }

  network_interface_id     = each.value
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.everything.id
  virtual_network_id       = 1001
}

resource "trafficmirror_session" "api" {
  network_interface_id     = local.api
  traffic_mirror_target_id = trafficmirror_target.sensors.id
  traffic_mirror_filter_id = trafficmirror_filter.everything.id
  virtual_network_id       = 1001
}

data "trafficmirror_coverage" "all" {
  depends_on = [trafficmirror_session.web, trafficmirror_session.to_sensor, trafficmirror_session.api]
}

output "interfaces" {
  value = { for id, i in data.trafficmirror_coverage.all.network_interfaces : id => join(": ", compact([i.coverage, i.reason])) }
}

output "idle_sessions" {
  value = { for s in data.trafficmirror_coverage.all.idle_sessions : s.id => "${s.network_interface_id}: ${s.reason}: ${s.detail}" }
}

output "copied_twice" {
  value = data.trafficmirror_coverage.all.copied_twice.examples[*].packet
}
