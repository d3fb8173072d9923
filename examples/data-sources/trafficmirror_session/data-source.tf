# The session with number 1 of an interface.
data "trafficmirror_session" "first" {
  network_interface_id = aws_network_interface.app.id
  session_number       = 1
}

output "vni" {
  value = data.trafficmirror_session.first.virtual_network_id
}
