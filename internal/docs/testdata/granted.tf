# What the pages take for granted: a block that refers to one of these need not define it.

resource "trafficmirror_target" "sensor" {
  network_interface_id = aws_network_interface.sensor.id
}

resource "trafficmirror_filter" "web" {
  ingress_rules = {
    "100" = {
      rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
  egress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = aws_network_interface.web.id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
}
