locals {
  # Ports by rule number. Numbers that are far apart leave room for later rules.
  mirrored_ports = {
    "100" = 80
    "200" = 443
  }
}

resource "trafficmirror_filter_rule" "request" {
  for_each = local.mirrored_ports

  traffic_mirror_filter_id = trafficmirror_filter.shared.id
  traffic_direction        = "ingress"
  rule_number              = each.key
  rule_action              = "accept"
  protocol                 = "tcp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  destination_port_range   = { from_port = each.value, to_port = each.value }
}

# Without ingress_rules and egress_rules, the filter leaves its rules to others.
resource "trafficmirror_filter" "shared" {
  description = "Rules of several teams"
}
