locals {
  sensors = {
    a = aws_network_interface.sensor.id
    b = aws_network_interface.sensor_b.id
  }
}

resource "trafficmirror_target" "sensor" {
  for_each = local.sensors

  network_interface_id = each.value
  tags                 = { Name = "sensor-${each.key}" }
}
