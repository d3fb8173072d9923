locals {
  mirrored = {
    web = aws_network_interface.web.id
    app = aws_network_interface.app.id
    db  = aws_network_interface.db.id
  }
}

# One session for each interface. The number counts per interface, so all can have the same.
resource "trafficmirror_session" "mirrored" {
  for_each = local.mirrored

  network_interface_id     = each.value
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  tags                     = { Name = each.key }
}
