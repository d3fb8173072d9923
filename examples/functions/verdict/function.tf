locals {
  web = {
    ingress_rules = {
      "100" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } }
      "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    }
  }
}

output "ssh" {
  value = provider::trafficmirror::verdict(local.web, "ingress tcp 10.1.2.3:50000 > 10.0.1.10:22").mirrored # false
}

# Which rule decides?
output "https" {
  value = provider::trafficmirror::verdict(local.web, {
    traffic_direction = "ingress"
    protocol          = "tcp"
    source            = "10.1.2.3"
    source_port       = 50000
    destination       = "10.0.1.10"
    destination_port  = 443
  }).rule_number # 200
}

# It also takes a resource. In a plan, it answers from the planned rules.
resource "trafficmirror_filter" "web" {
  ingress_rules = local.web.ingress_rules
  egress_rules  = {}

  lifecycle {
    postcondition {
      condition     = !provider::trafficmirror::verdict(self, "ingress tcp 10.1.2.3:50000 > 10.0.1.10:22").mirrored
      error_message = "SSH would be mirrored."
    }
  }
}
