# The sensors of another team, which may belong to another account.
data "trafficmirror_target" "sensors" {
  type = "network-load-balancer"
  tags = { team = "netsec" }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = aws_network_interface.web.id
  traffic_mirror_target_id = data.trafficmirror_target.sensors.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
}
