import {
  to = trafficmirror_target.suricata_in_us_east_1a
  id = "tmt-0f1e2d3c4b5a69788@us-east-1"
}

resource "trafficmirror_target" "suricata_in_us_east_1a" {
  region               = "us-east-1"
  description          = "Suricata in us-east-1a"
  network_interface_id = "eni-0a1b2c3d4e5f60003"
}

import {
  to = trafficmirror_filter.web_tier_tmf_0123456789abcdef0
  id = "tmf-0123456789abcdef0@us-east-1"
}

resource "trafficmirror_filter" "web_tier_tmf_0123456789abcdef0" {
  region           = "us-east-1"
  network_services = ["amazon-dns"]
  ingress_rules = {
    "200" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "1000" = {
      description            = "the rest"
      rule_action            = "accept"
      source_cidr_block      = "0.0.0.0/0"
      destination_cidr_block = "0.0.0.0/0"
    }
  }
  egress_rules = {}
  tags = {
    Name    = "Web tier"
    managed = "yes"
  }
}

import {
  to = trafficmirror_filter.web_tier_tmf_0123456789abcdef1
  id = "tmf-0123456789abcdef1@us-east-1"
}

resource "trafficmirror_filter" "web_tier_tmf_0123456789abcdef1" {
  region        = "us-east-1"
  description   = "Web tier"
  ingress_rules = {}
  egress_rules  = {}
}

import {
  to = trafficmirror_session.tms_0aa0000000000000b
  id = "tms-0aa0000000000000b@us-east-1"
}

resource "trafficmirror_session" "tms_0aa0000000000000b" {
  region                   = "us-east-1"
  network_interface_id     = "eni-0a1b2c3d4e5f60002"
  traffic_mirror_target_id = trafficmirror_target.suricata_in_us_east_1a.id
  traffic_mirror_filter_id = trafficmirror_filter.web_tier_tmf_0123456789abcdef0.id
  session_number           = 1
  virtual_network_id       = 8
}

import {
  to = trafficmirror_session.web_1_costs
  id = "tms-0aa0000000000000a@us-east-1"
}

resource "trafficmirror_session" "web_1_costs" {
  region                   = "us-east-1"
  network_interface_id     = "eni-0a1b2c3d4e5f60001"
  traffic_mirror_target_id = trafficmirror_target.suricata_in_us_east_1a.id
  traffic_mirror_filter_id = trafficmirror_filter.web_tier_tmf_0123456789abcdef0.id
  session_number           = 1
  virtual_network_id       = 7
  tags = {
    Name = "web-1: $${costs}"
    team = "netsec"
  }
}
