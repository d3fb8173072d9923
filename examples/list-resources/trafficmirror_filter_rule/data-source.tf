data "trafficmirror_filter_rules" "netsec" {
  tags = { team = "netsec" }
}

output "rules" {
  value = { for id, rule in data.trafficmirror_filter_rules.netsec.filter_rules : id => "${rule.traffic_direction} ${rule.rule_number}" }
}
