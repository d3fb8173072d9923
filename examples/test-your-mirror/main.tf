# A mirror of a web server with its tests. It runs on the embedded EC2, so it needs no AWS account. To use it in an account, remove the emulator
# argument and set the variables to the IDs of your own network interfaces.

terraform {
  required_providers {
    trafficmirror = {
      source  = "trafficmirror/trafficmirror"
      version = "~> 0.1"
    }
  }
}

provider "trafficmirror" {
  region   = "eu-west-1"
  warnings = { silence = ["embedded_ec2"] }

  emulator = {
    path     = ".trafficmirror/ec2.db"
    topology = "topology.json"
  }
}

variable "web_interface_id" {
  description = "ID of the network interface to mirror."
  type        = string
  default     = "eni-0a3f6c9e1b7d25840"
}

variable "sensor_interface_id" {
  description = "ID of the network interface that receives the copies."
  type        = string
  default     = "eni-0c5d9b1e8f3a74260"
}

variable "ports" {
  description = "TCP ports to mirror."
  type        = list(number)
  default     = [80, 443]
}

resource "trafficmirror_target" "sensor" {
  network_interface_id = var.sensor_interface_id
}

resource "trafficmirror_filter" "web" {
  ingress_rules = merge([
    for i, port in var.ports : {
      for j, all in ["0.0.0.0/0", "::/0"] : tostring(100 + 10 * i + j) => {
        rule_action            = "accept"
        protocol               = "tcp"
        source_cidr_block      = all
        destination_cidr_block = all
        destination_port_range = { from_port = port, to_port = port }
      }
    }
  ]...)

  egress_rules = merge([
    for i, port in var.ports : {
      for j, all in ["0.0.0.0/0", "::/0"] : tostring(100 + 10 * i + j) => {
        rule_action            = "accept"
        protocol               = "tcp"
        source_cidr_block      = all
        destination_cidr_block = all
        source_port_range      = { from_port = port, to_port = port }
      }
    }
  ]...)

  # Proved for every packet, at each plan, also at the first one.
  assertions = {
    never_mirror = {
      "ssh"       = { traffic_direction = "ingress", protocol = "tcp", destination_port_range = { from_port = 22, to_port = 22 } }
      "ssh reply" = { traffic_direction = "egress", protocol = "tcp", source_port_range = { from_port = 22, to_port = 22 } }
    }
    always_mirror = {
      "https" = { traffic_direction = "ingress", protocol = "tcp", destination_port_range = { from_port = 443, to_port = 443 } }
    }
  }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = var.web_interface_id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  virtual_network_id       = 1001
  packet_length            = 128
}
