# What the session does with recorded packets, and with packets in words.

variable "on_failure" {
  description = "What a broken expectation is: \"error\", or \"warn\" for a test that judges by itself."
  type        = string
  default     = "error"
}

resource "trafficmirror_simulation" "web" {
  interface = {
    mac_address        = "02:00:00:00:01:10"
    private_ip_address = "10.0.1.10"
    ipv6_addresses     = ["2001:db8:0:101::10"]
  }

  # In place: nothing of this has to exist, so that the plan knows the results.
  sessions = [
    {
      session_number = 1
      packet_length  = 128
      filter         = trafficmirror_filter.web
      target         = { type = "network-interface" }
    },
  ]

  # 17 packets of the web server: HTTP, TLS, SSH, and one to the instance metadata service.
  capture = { path = "${path.module}/web.pcap" }

  packets = [
    {
      name        = "HTTPS over IPv6", direction = "ingress", protocol = "tcp", length = 1500
      source      = "2001:db8:50::50", source_port = 50000
      destination = "2001:db8:0:101::10", destination_port = 443
    },
  ]

  # EC2 never mirrors traffic of the instance metadata service, which uses port 80 too: the server sends it.
  expect = [
    { where = { direction = "ingress", protocol = "tcp", destination_port = 80 }, mirrored = "all" },
    { where = { direction = "ingress", protocol = "tcp", destination_port = 443 }, mirrored = "all", at_least = 2 },
    { where = { direction = "ingress", protocol = "tcp", destination_port = 22 }, mirrored = "none" },
    { packet = "HTTPS over IPv6", mirrored = true, bytes = 128 },
  ]

  on_failure = var.on_failure
}
