locals {
  ingress_rules = {
    "100" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "200" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
    }
  }
}

resource "trafficmirror_filter" "web" {
  ingress_rules = local.ingress_rules
  egress_rules  = {}
}

# The rules in place: the plan fails, before the filter is created or changed, if it would mirror SSH.
data "trafficmirror_filter_analysis" "web" {
  ingress_rules = local.ingress_rules
  egress_rules  = {}

  space = {
    traffic_direction      = "ingress"
    protocol               = "tcp"
    destination_port_range = { from_port = 22, to_port = 22 }
  }

  lifecycle {
    postcondition {
      condition     = self.mirrors.amount == "none"
      error_message = "The filter mirrors SSH, for example ${try(self.mirrors.mirrored.packet.text, "")}."
    }
    postcondition {
      condition     = length(self.unreachable_rules) == 0
      error_message = "Rules without effect: ${join(", ", self.unreachable_rules[*].rule_number)}."
    }
  }
}

# A filter with separate rules, as it is in EC2 after the apply, against one that mirrors everything.
data "trafficmirror_filter_analysis" "separate" {
  traffic_mirror_filter_id = trafficmirror_filter.separate.id
  depends_on               = [trafficmirror_filter_rule.separate]

  compare = {
    ingress_rules = {
      "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    }
  }
}

output "packets_that_are_not_mirrored" {
  value = [for d in data.trafficmirror_filter_analysis.separate.differences : d.packet.text if d.change == "gained"]
}
