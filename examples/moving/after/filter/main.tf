terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

variable "rules" {
  type = map(object({
    number      = number
    direction   = string
    protocol    = number
    port        = number
    source      = string
    destination = string
    description = string
  }))
}

resource "trafficmirror_filter" "this" {
  network_services = ["amazon-dns"]

  ingress_rules = {
    for name, r in var.rules : r.number => {
      rule_action            = "accept"
      protocol               = r.protocol == 0 ? null : r.protocol
      source_cidr_block      = r.source
      destination_cidr_block = r.destination
      destination_port_range = r.port == null ? null : { from_port = r.port, to_port = r.port }
      description            = r.description
    } if r.direction == "ingress"
  }
  egress_rules = merge(
    {
      for name, r in var.rules : r.number => {
        rule_action            = "accept"
        protocol               = r.protocol == 0 ? null : r.protocol
        source_cidr_block      = r.source
        destination_cidr_block = r.destination
        destination_port_range = r.port == null ? null : { from_port = r.port, to_port = r.port }
        description            = r.description
      } if r.direction == "egress"
    },
    {
      "900" = { rule_action = "accept", source_cidr_block = "10.0.0.0/16", destination_cidr_block = "0.0.0.0/0" }
    },
  )
}

output "id" {
  value = trafficmirror_filter.this.id
}

moved {
  from = aws_ec2_traffic_mirror_filter.this
  to   = trafficmirror_filter.this
}

removed {
  from = aws_ec2_traffic_mirror_filter_rule.this
  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_ec2_traffic_mirror_filter_rule.rest
  lifecycle {
    destroy = false
  }
}
