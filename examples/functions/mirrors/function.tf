locals {
  web = {
    ingress_rules = {
      "100" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } }
      "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    }
  }
}

output "ssh" {
  value = provider::trafficmirror::mirrors(local.web, "ingress tcp any > any:22").amount # "none"
}

output "internal" {
  value = provider::trafficmirror::mirrors(local.web, { traffic_direction = "ingress", source_cidr_block = "10.0.0.0/8" }).amount # "some"
}

# Which packet is not mirrored, and which rule decides?
output "example" {
  value = provider::trafficmirror::mirrors(local.web, { traffic_direction = "ingress", source_cidr_block = "10.0.0.0/8" }).not_mirrored.decision.rule_number # 100
}
