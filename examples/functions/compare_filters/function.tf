locals {
  before = {
    ingress_rules = {
      "100" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } }
      "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    }
  }
  after = {
    ingress_rules = {
      "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    }
  }
  comparison = provider::trafficmirror::compare_filters(local.before, local.after)
}

output "equal" {
  value = local.comparison.equal # false
}

# The second filter mirrors packets that the first does not mirror: rule 100 rejects them, and rule 200 accepts them.
output "gained" {
  value = [for d in local.comparison.differences : "${d.change}: ${d.a.rule_number}, ${d.b.rule_number}"] # ["gained: 100, 200"]
}
