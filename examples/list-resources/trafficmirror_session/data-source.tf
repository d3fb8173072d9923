data "trafficmirror_sessions" "all" {}

output "sessions" {
  value = { for id, session in data.trafficmirror_sessions.all.sessions : id => session.network_interface_id }
}

# Sessions that no configuration manages, and sessions that do nothing.
data "trafficmirror_coverage" "all" {
  managed_by_tag = { key = "managed-by", value = "terraform" }
}

output "unmanaged_sessions" {
  value = data.trafficmirror_coverage.all.unmanaged_session_ids
}

output "idle_sessions" {
  value = { for session in data.trafficmirror_coverage.all.idle_sessions : session.id => session.detail }
}
