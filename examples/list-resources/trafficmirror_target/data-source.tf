data "trafficmirror_targets" "sensors" {
  type = "network-interface"
}

# Targets that no session uses.
data "trafficmirror_coverage" "all" {}

output "unused_targets" {
  value = [for id, target in data.trafficmirror_coverage.all.targets : id if target.sessions == 0]
}
