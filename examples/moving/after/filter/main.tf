terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

variable "ingress" {
  type = map(object({ protocol = number, port = number }))
}

resource "trafficmirror_filter" "this" {
  network_services = ["amazon-dns"]

  ingress_rules = {
    for number, rule in var.ingress : number => {
      rule_action            = "accept"
      protocol               = rule.protocol
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "10.0.0.0/16"
      destination_port_range = rule.port == null ? null : { from_port = rule.port, to_port = rule.port }
    }
  }
  egress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "10.0.0.0/16", destination_cidr_block = "0.0.0.0/0" }
  }
}

output "id" {
  value = trafficmirror_filter.this.id
}

moved {
  from = aws_ec2_traffic_mirror_filter.this
  to   = trafficmirror_filter.this
}

removed {
  from = aws_ec2_traffic_mirror_filter_rule.ingress
  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_ec2_traffic_mirror_filter_rule.egress
  lifecycle {
    destroy = false
  }
}
