# Every rule of some filters that mirrors what an interface receives.
data "trafficmirror_filter_rules" "received" {
  traffic_mirror_filter_ids = data.trafficmirror_filters.baseline.ids
  traffic_direction         = "ingress"
  rule_action               = "accept"
}

data "trafficmirror_filters" "baseline" {
  tags = { name = "baseline" }
}

output "what_is_mirrored" {
  value = {
    for rule in data.trafficmirror_filter_rules.received.filter_rules :
    rule.rule_number => "${rule.source_cidr_block} to ${rule.destination_cidr_block}"
  }
}
