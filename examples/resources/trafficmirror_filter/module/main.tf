terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}

variable "description" {
  type    = string
  default = null
}

variable "not_mirrored" {
  description = "Services that are not mirrored, by rule number from 1 to 999."
  type        = map(object({ protocol = string, port = number }))
  default     = {}
}

locals {
  every = { source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }

  # A request has the port as its destination, the answer as its source.
  requests = { for number, s in var.not_mirrored : number => merge(local.every, {
    rule_action            = "reject"
    protocol               = s.protocol
    destination_port_range = { from_port = s.port, to_port = s.port }
  }) }
  answers = { for number, s in var.not_mirrored : number => merge(local.every, {
    rule_action       = "reject"
    protocol          = s.protocol
    source_port_range = { from_port = s.port, to_port = s.port }
  }) }
  rest = { "1000" = merge(local.every, { rule_action = "accept" }) }
}

resource "trafficmirror_filter" "this" {
  description   = var.description
  ingress_rules = merge(local.requests, local.rest)
  egress_rules  = merge(local.answers, local.rest)

  # Changing the description replaces the filter, also while sessions use it.
  lifecycle {
    create_before_destroy = true
  }
}

output "traffic_mirror_filter_id" {
  value = trafficmirror_filter.this.id
}
