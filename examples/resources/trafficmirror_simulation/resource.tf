# The sessions of an interface, as they will be after the apply. A plan that mirrors SSH is refused before it changes anything.
resource "trafficmirror_simulation" "web" {
  network_interface_id = aws_network_interface.web.id

  # The simulation is planned and applied after these sessions, their filters and their targets.
  traffic_mirror_session_ids = [trafficmirror_session.web.id]

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
    { packet = "38", mirrored = true, session_number = 1, bytes = 128 },        # the 38th packet of the capture
    { where = { protocol = "tcp", destination_port = 22 }, mirrored = "none" }, # all packets, also those of the capture
  ]

  output    = { path = "mirrored.pcap" }    # the copies, as they leave the interface
  annotated = { path = "annotated.pcapng" } # the capture, with the verdict of each packet as a comment
}

# In place: the first plan knows the result, and AWS is asked nothing.
resource "trafficmirror_simulation" "filter" {
  interface = { private_ip_address = "10.0.1.10" }

  sessions = [
    {
      session_number = 1
      packet_length  = 128
      filter         = trafficmirror_filter.web
      target         = { type = "network-interface" }
    },
  ]

  packets = [
    {
      name        = "https", direction = "ingress", protocol = "tcp"
      source      = "192.0.2.1", source_port = 50000
      destination = "10.0.1.10", destination_port = 443
    },
  ]

  expect = [{ packet = "https", mirrored = true }]
}
