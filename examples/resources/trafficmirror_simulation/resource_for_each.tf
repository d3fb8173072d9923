locals {
  mirrored = {
    web = { network_interface_id = aws_network_interface.web.id, address = "10.0.1.10" }
    app = { network_interface_id = aws_network_interface.app.id, address = "10.0.1.11" }
  }
}

resource "trafficmirror_session" "mirrored" {
  for_each = local.mirrored

  network_interface_id     = each.value.network_interface_id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
}

# The same expectations for each interface.
resource "trafficmirror_simulation" "mirrored" {
  for_each = local.mirrored

  network_interface_id       = each.value.network_interface_id
  traffic_mirror_session_ids = [trafficmirror_session.mirrored[each.key].id]

  packets = [for name, port in { ssh = 22, https = 443 } : {
    name        = name, direction = "ingress", protocol = "tcp"
    source      = "198.51.100.7", source_port = 50000
    destination = each.value.address, destination_port = port
  }]

  expect = [
    { packet = "ssh", mirrored = false },
    { packet = "https", mirrored = true },
  ]
}
