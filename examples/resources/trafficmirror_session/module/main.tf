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

variable "not_mirrored_ports" {
  description = "TCP ports of the servers that are not mirrored, at most 3 with the default quota of 10 rules."
  type        = list(number)
  default     = []
}

variable "session_number" {
  type    = number
  default = 1
}

resource "trafficmirror_target" "this" {
  network_interface_id = var.sensor_network_interface_id
  tags                 = { Name = var.name }
}

resource "trafficmirror_filter" "this" {
  ingress_rules = merge(provider::trafficmirror::mirror_all(), {
    for i, port in var.not_mirrored_ports : i + 1 => {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = port, to_port = port }
    }
  })
  egress_rules = merge(provider::trafficmirror::mirror_all(), {
    for i, port in var.not_mirrored_ports : i + 1 => {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      source_port_range      = { from_port = port, to_port = port }
    }
  })
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
