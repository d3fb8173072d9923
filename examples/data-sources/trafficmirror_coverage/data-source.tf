# The whole account in the Region of the provider block.
data "trafficmirror_coverage" "all" {
  managed_by_tag = { key = "managed-by", value = "terraform" }
}

check "no_idle_sessions" {
  assert {
    condition     = length(data.trafficmirror_coverage.all.idle_sessions) == 0
    error_message = "Sessions that do nothing cost ${data.trafficmirror_coverage.all.cost.idle_monthly} USD a month: ${join(" ", data.trafficmirror_coverage.all.idle_sessions[*].detail)}"
  }
}

check "no_unmanaged_sessions" {
  assert {
    condition     = length(data.trafficmirror_coverage.all.unmanaged_session_ids) == 0
    error_message = "No configuration manages ${join(", ", data.trafficmirror_coverage.all.unmanaged_session_ids)}."
  }
}

output "cost" {
  value = data.trafficmirror_coverage.all.cost
}

# The web servers, which must be mirrored whole.
data "trafficmirror_coverage" "web" {
  tags = [{ role = "web" }]
}

check "web_servers_are_mirrored" {
  assert {
    condition     = data.trafficmirror_coverage.web.totals.network_interfaces > 0 && data.trafficmirror_coverage.web.totals.mirrored == data.trafficmirror_coverage.web.totals.network_interfaces
    error_message = "Web servers are not mirrored whole: ${join(", ", keys(local.web_servers_at_risk))}."
  }
}

locals {
  web_servers_at_risk = {
    for id, i in data.trafficmirror_coverage.web.network_interfaces : id => "${i.coverage}: ${coalesce(i.reason, "no reason")}" if i.coverage != "mirrored"
  }
}

output "web_servers_at_risk" {
  value = local.web_servers_at_risk
}
