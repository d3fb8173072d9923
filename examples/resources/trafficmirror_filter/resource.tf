resource "trafficmirror_filter" "web" {
  description      = "TLS, and SSH from outside"
  network_services = ["amazon-dns"]

  # Packets that the source receives. The matching rule with the lowest number decides.
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
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "300" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 443, to_port = 443 }
    }
  }

  # Packets that the source sends: only Amazon DNS is mirrored.
  egress_rules = {}
}
