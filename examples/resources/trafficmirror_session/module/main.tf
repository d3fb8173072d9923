terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}

variable "name" {
  type = string
}

variable "network_interface_ids" {
  description = "Interfaces to mirror, by names that are known before the apply."
  type        = map(string)
}

variable "sensor_network_interface_id" {
  type = string
}

variable "not_mirrored_port" {
  description = "TCP port of the servers that is not mirrored. With it, the filter has 8 of the 10 rules that the default quota allows."
  type        = number
}

variable "session_number" {
  type    = number
  default = 1
}

resource "trafficmirror_target" "this" {
  network_interface_id = var.sensor_network_interface_id
  tags                 = { Name = var.name }
}

locals {
  # A rule matches packets of the family of its CIDR blocks only.
  families = { "1" = "0.0.0.0/0", "2" = "::/0" }
  ports    = { from_port = var.not_mirrored_port, to_port = var.not_mirrored_port }
  rejected = { for number, every in local.families : number => {
    rule_action            = "reject"
    protocol               = "tcp"
    source_cidr_block      = every
    destination_cidr_block = every
  } }
}

resource "trafficmirror_filter" "this" {
  # A request has the port as its destination, the answer as its source.
  ingress_rules = merge(provider::trafficmirror::mirror_all(), {
    for number, rule in local.rejected : number => merge(rule, { destination_port_range = local.ports })
  })
  egress_rules = merge(provider::trafficmirror::mirror_all(), {
    for number, rule in local.rejected : number => merge(rule, { source_port_range = local.ports })
  })
  assertions = {
    never_mirror = {
      "requests" = { traffic_direction = "ingress", protocol = "tcp", destination_port_range = local.ports }
      "answers"  = { traffic_direction = "egress", protocol = "tcp", source_port_range = local.ports }
    }
  }
  tags = { Name = var.name }
}

resource "trafficmirror_session" "this" {
  for_each = var.network_interface_ids

  network_interface_id     = each.value
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.this.id
  session_number           = var.session_number
  tags                     = { Name = "${var.name}-${each.key}" }
}

output "traffic_mirror_session_ids" {
  value = { for name, session in trafficmirror_session.this : name => session.id }
}
