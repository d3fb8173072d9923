terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}

variable "traffic_mirror_filter_id" {
  type = string
}

variable "first_rule_number" {
  type = number
}

variable "ports" {
  description = "TCP ports of the servers. Add new ports at the end, so that the other rules keep their numbers."
  type        = list(number)
}

resource "trafficmirror_filter_rule" "request" {
  count = length(var.ports)

  traffic_mirror_filter_id = var.traffic_mirror_filter_id
  traffic_direction        = "ingress"
  rule_number              = var.first_rule_number + count.index
  rule_action              = "accept"
  protocol                 = "tcp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  destination_port_range   = { from_port = var.ports[count.index], to_port = var.ports[count.index] }
}
