# The sessions of an interface in another Region than that of the provider block.
data "trafficmirror_sessions" "app" {
  region               = "eu-west-1"
  network_interface_id = aws_network_interface.app_in_ireland.id
}

output "targets_by_session_number" {
  value = { for session in data.trafficmirror_sessions.app.sessions : session.session_number => session.traffic_mirror_target_id }
}
