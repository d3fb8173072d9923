# What is mirrored, and how.

resource "trafficmirror_filter" "web" {
  description      = "web"
  network_services = ["amazon-dns"]
  tags             = { Name = "web" }

  ingress_rules = {
    "90"  = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "10.0.0.0/16", destination_port_range = { from_port = 22, to_port = 22 } }
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "10.0.0.0/16", description = "all" }
  }
  egress_rules = {
    "100" = { rule_action = "accept", protocol = "udp", source_cidr_block = "10.0.0.0/16", destination_cidr_block = "0.0.0.0/0" }
  }
}

resource "trafficmirror_target" "fleet" {
  network_load_balancer_arn = aws_lb.network.arn
  tags                      = { Name = "fleet" }

  # The simulation asks whether copies arrive.
  depends_on = [aws_lb_listener.udp, aws_lb_target_group_attachment.udp]
}

resource "trafficmirror_target" "sensor" {
  network_interface_id = aws_network_interface.sensor.id
}

resource "trafficmirror_target" "inspection" {
  gateway_load_balancer_endpoint_id = aws_vpc_endpoint.inspection.id
}

resource "trafficmirror_session" "web" {
  for_each = { 1 = trafficmirror_target.fleet.id, 2 = trafficmirror_target.sensor.id }

  network_interface_id     = aws_instance.web.primary_network_interface_id
  traffic_mirror_target_id = each.value
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = each.key
  virtual_network_id       = each.key
  packet_length            = 128 * each.key
  tags                     = { Name = "web" }
}

resource "trafficmirror_simulation" "web" {
  network_interface_id       = aws_instance.web.primary_network_interface_id
  traffic_mirror_session_ids = [for s in trafficmirror_session.web : s.id]

  packets = [
    { name = "https", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 50000, destination = "10.0.0.10", destination_port = 443, length = 1500 },
    { name = "ssh", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 50000, destination = "10.0.0.10", destination_port = 22, length = 100 },
    { name = "udp", direction = "egress", protocol = "udp", source = "10.0.0.10", source_port = 50000, destination = "192.0.2.1", destination_port = 123, length = 100 },
    { name = "tcp", direction = "egress", protocol = "tcp", source = "10.0.0.10", source_port = 443, destination = "192.0.2.1", destination_port = 50000, length = 100 },
  ]

  expect = [
    { packet = "https", mirrored = true },
    { packet = "ssh", mirrored = false },
  ]
}

output "source" {
  value = aws_instance.web.primary_network_interface_id
}

output "targets" {
  value = { fleet = trafficmirror_target.fleet.id, sensor = trafficmirror_target.sensor.id, inspection = trafficmirror_target.inspection.id }
}
