resource "trafficmirror_simulation" "web" {
  network_interface_id = aws_network_interface.web.id

  capture = { path = "web.pcap" }

  packets = [
    {
      name             = "ssh from the office"
      direction        = "ingress"
      protocol         = "tcp"
      source           = "10.1.2.3"
      source_port      = 50000
      destination      = "10.0.1.10"
      destination_port = 22
      length           = 1500
    },
  ]

  expect = [
    { packet = "ssh from the office", mirrored = false, rule_number = 100 },
    { packet = "17", mirrored = true, session_number = 1, bytes = 128 }, # the 17th packet of the capture
  ]

  output = { path = "mirrored.pcap" }

  # The simulation reads the sessions from EC2, so they have to exist first. It runs again when one of them, or its filter, changes.
  depends_on = [trafficmirror_session.web]
}
