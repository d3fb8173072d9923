# The filter does not set egress_rules, so separate rules can manage them.
resource "trafficmirror_filter" "shared" {
  ingress_rules = {}
}

resource "trafficmirror_filter_rule" "https" {
  traffic_mirror_filter_id = trafficmirror_filter.shared.id
  traffic_direction        = "egress"
  rule_number              = 100
  rule_action              = "accept"
  protocol                 = "tcp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  source_port_range        = { from_port = 443, to_port = 443 }
}
