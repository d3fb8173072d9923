# Mirrors a web server's traffic to two targets: the first bytes of each web packet to an intrusion detection sensor, and everything else to
# a group of sensors behind a load balancer. A simulation then sends recorded packets of that server through the sessions and shows what the
# sensors get.
#
# It runs on the embedded EC2, so it needs no AWS account and costs nothing. To use it in an account, remove the emulator argument and write
# the IDs of your own network interfaces and load balancer.

terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

provider "trafficmirror" {
  region = "eu-west-1"

  emulator = {
    path     = ".trafficmirror/ec2.db" # its state between runs
    topology = "topology.json"         # the objects in the account before the first apply
  }
}

locals {
  web_interface    = "eni-0a3f6c9e1b7d25840" # the web server, 10.0.1.10
  app_interface    = "eni-0b8e2d7f4a1c63950" # the application server, 10.0.2.20
  sensor_interface = "eni-0c5d9b1e8f3a74260" # the intrusion detection sensor, 10.0.3.30
  load_balancer    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors/7d2f9a1c4e6b8035"
}

# The targets of mirrored packets.

resource "trafficmirror_target" "sensor" {
  description          = "Intrusion detection sensor"
  network_interface_id = local.sensor_interface
}

resource "trafficmirror_target" "sensors" {
  description               = "Sensors behind a Network Load Balancer"
  network_load_balancer_arn = local.load_balancer
}

# The filter selects packets. The matching rule with the lowest number decides. A packet that no rule matches is not mirrored.

resource "trafficmirror_filter" "web" {
  description      = "SSH, HTTP and TLS of the web server, without the administrators' SSH"
  network_services = ["amazon-dns"] # DNS to and from the VPC's resolver; no rule can match it

  # Packets that the server receives.
  ingress_rules = {
    "100" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "10.0.0.0/8"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
      description            = "SSH from the inside"
    }
    "200" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 443 }
    }
    "300" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "::/0"
      destination_cidr_block = "::/0"
      destination_port_range = { from_port = 22, to_port = 443 }
    }
  }

  # Packets that the server sends: the same three rules with source and destination swapped.
  egress_rules = {
    "100" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "10.0.0.0/8"
      source_port_range      = { from_port = 22, to_port = 22 }
      description            = "SSH from the inside"
    }
    "200" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      source_port_range      = { from_port = 22, to_port = 443 }
    }
    "300" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "::/0"
      destination_cidr_block = "::/0"
      source_port_range      = { from_port = 22, to_port = 443 }
    }
  }
}

# IPv4 and IPv6 need separate rules. A rule without a protocol matches every protocol.
resource "trafficmirror_filter" "everything" {
  description      = "Everything"
  network_services = ["amazon-dns"]

  ingress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    "200" = { rule_action = "accept", source_cidr_block = "::/0", destination_cidr_block = "::/0" }
  }
  egress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
    "200" = { rule_action = "accept", source_cidr_block = "::/0", destination_cidr_block = "::/0" }
  }
}

# A session mirrors one network interface. The session with the lowest number is tried first. Each packet is mirrored at most once: if the
# filter of session 1 does not accept a packet, session 2 is tried.

resource "trafficmirror_session" "web" {
  description              = "Web traffic, headers only"
  network_interface_id     = local.web_interface
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  virtual_network_id       = 1001 # the VNI of this session's copies
  packet_length            = 128  # bytes of each packet that are copied
}

resource "trafficmirror_session" "web_rest" {
  description              = "The rest, with some payload"
  network_interface_id     = local.web_interface
  traffic_mirror_target_id = trafficmirror_target.sensors.id
  traffic_mirror_filter_id = trafficmirror_filter.everything.id
  session_number           = 2
  virtual_network_id       = 1002
  packet_length            = 512
}

resource "trafficmirror_session" "app" {
  description              = "The application server, whole packets"
  network_interface_id     = local.app_interface
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.everything.id
  session_number           = 1
  virtual_network_id       = 1003
}

# The packets that the sensors get. A plan fails if it breaks an expectation.

resource "trafficmirror_simulation" "web" {
  network_interface_id = local.web_interface

  # Recorded on the web server's interface; see record.sh.
  capture = { path = "quickstart.pcap" }

  # Packets that are not in the recording.
  packets = [
    {
      name        = "SSH from an administrator", direction = "ingress", protocol = "tcp", length = 1500
      source      = "10.0.9.7", source_port = 50000
      destination = "10.0.1.10", destination_port = 22
    },
    {
      name        = "TLS over IPv6", direction = "egress", protocol = "tcp", length = 1500
      source      = "2001:db8:0:101::10", source_port = 443
      destination = "2001:db8:50::50", destination_port = 50000
    },
    {
      name        = "time from the VPC", direction = "egress", protocol = "udp", length = 90
      source      = "10.0.1.10", source_port = 123
      destination = "169.254.169.123", destination_port = 123
    },
  ]

  # A packet of the recording is named by its number, as in Wireshark.
  expect = [
    { packet = "1", mirrored = false, outcome = "never_mirrored" },                         # ARP
    { packet = "3", mirrored = false, outcome = "never_mirrored" },                         # to the instance metadata service
    { packet = "15", mirrored = true, session_number = 2, rule_number = 100 },              # a ping: no rule of session 1 matches it
    { packet = "38", mirrored = true, session_number = 1, rule_number = 200, bytes = 128 }, # HTTP, 1514 bytes, truncated
    { packet = "73", mirrored = true, session_number = 1 },                                 # DNS: amazon-dns decides, not a rule
    { packet = "77", mirrored = true, session_number = 2, rule_number = 100 },              # to the application server
    { packet = "92", mirrored = true, session_number = 1, rule_number = 200 },              # a TLS Client Hello
    { packet = "112", mirrored = true, session_number = 2, rule_number = 100 },             # internal SSH: session 1 rejects it
    { packet = "122", mirrored = true, session_number = 1, rule_number = 200 },             # SSH from the Internet
    { packet = "143", mirrored = true, session_number = 1, rule_number = 300 },             # HTTP over IPv6
    { packet = "SSH from an administrator", mirrored = true, session_number = 2, bytes = 512 },
    { packet = "TLS over IPv6", mirrored = true, session_number = 1, rule_number = 300, bytes = 128 },
    { packet = "time from the VPC", mirrored = false, outcome = "never_mirrored" },
  ]

  # The packets from the web server to the sensors, in VXLAN. Open it in Wireshark.
  output = { path = "mirrored.pcap" }

  # Terraform plans and applies these sessions first.
  traffic_mirror_session_ids = [trafficmirror_session.web.id, trafficmirror_session.web_rest.id]
}

# terraform output -raw table
output "table" {
  description = "What became of the packets, as a table."
  value       = trafficmirror_simulation.web.summary.table
}
