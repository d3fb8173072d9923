locals {
  # The ports of each application.
  applications = {
    web = [80, 443]
    db  = [5432]
  }
}

resource "trafficmirror_filter" "application" {
  for_each = local.applications

  description = "Requests to ${each.key}"

  # Rules 1, 2, ...: one for each port.
  ingress_rules = {
    for i, port in each.value : i + 1 => {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = port, to_port = port }
    }
  }
  egress_rules = {}
}
