locals {
  web = {
    ingress_rules = {
      "100" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 22, to_port = 22 } }
      "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    }
  }
}

locals {
  trace = provider::trafficmirror::trace(local.web, "ingress tcp 10.1.2.3:50000 > 10.0.1.10:443")
}

# Why does rule 100 not match?
output "why" {
  value = [for s in local.trace.steps : s.text if s.rule_number == 100] # ["Rule 100 (reject) does not match: destination_port 443 is not in 22."]
}

# All steps, for a person.
output "steps" {
  value = local.trace.text
}
