# A module that mirrors the web traffic of one network interface, tested without an account: see tests/mirror.tftest.hcl.

terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

variable "source_interface_id" {
  description = "ID of the network interface to mirror."
  type        = string
}

variable "sensor_interface_id" {
  description = "ID of the network interface that receives the copies."
  type        = string
}

variable "ports" {
  description = "TCP ports to mirror."
  type        = list(number)
  default     = [80, 443]
}

resource "trafficmirror_target" "sensor" {
  network_interface_id = var.sensor_interface_id
}

resource "trafficmirror_filter" "web" {
  ingress_rules = {
    for i, port in var.ports : tostring(100 + i) => {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = port, to_port = port }
    }
  }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = var.source_interface_id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
}

output "session_id" {
  value = trafficmirror_session.web.id
}
