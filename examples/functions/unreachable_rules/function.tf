locals {
  web = {
    ingress_rules = {
      "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
      "200" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } }
    }
  }
}

# Rule 200 rejects nothing, because rule 100 decides before.
output "unreachable" {
  value = [for r in provider::trafficmirror::unreachable_rules(local.web) : r.rule_number] # [200]
}
