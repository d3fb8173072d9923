data "trafficmirror_filter" "baseline" {
  tags = { name = "baseline" }
}

# What the filter does with a packet, without a session.
resource "trafficmirror_simulation" "baseline" {
  interface = {}
  sessions = [{
    session_number = 1
    filter         = data.trafficmirror_filter.baseline
    target         = { type = "network-interface" }
  }]
  packets = [{
    name   = "ssh", direction = "ingress", protocol = "tcp", length = 60
    source = "198.51.100.7", source_port = 50000, destination = "10.0.1.11", destination_port = 22
  }]
  expect = [{ packet = "ssh", mirrored = false }]
}

# The same for every packet of a kind.
data "trafficmirror_filter_analysis" "baseline" {
  ingress_rules = data.trafficmirror_filter.baseline.ingress_rules
  egress_rules  = data.trafficmirror_filter.baseline.egress_rules
  space         = { traffic_direction = "ingress", protocol = "tcp", destination_port_range = { from_port = 443, to_port = 443 } }
}
