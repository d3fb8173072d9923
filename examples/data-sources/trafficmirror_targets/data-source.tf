data "trafficmirror_targets" "sensors" {
  tags = { team = "netsec" }
}

# One session for each of them.
resource "trafficmirror_session" "db" {
  for_each = data.trafficmirror_targets.sensors.targets

  network_interface_id     = aws_network_interface.db.id
  traffic_mirror_target_id = each.key
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  description              = "To ${coalesce(each.value.description, each.value.type)}"
}
