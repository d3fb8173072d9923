# hashicorp/aws makes a web server and a sensor, and this provider mirrors the one to the other. See tests/ for two ways to test both together
# without an AWS account.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "trafficmirror" {
  region = "eu-west-1"
}

variable "image_id" {
  description = "ID of the image of both instances."
  type        = string
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_instance" "web" {
  ami           = var.image_id
  instance_type = "m5.large"
  subnet_id     = aws_subnet.main.id
  private_ip    = "10.0.1.10"
}

resource "aws_instance" "sensor" {
  ami           = var.image_id
  instance_type = "m5.large"
  subnet_id     = aws_subnet.main.id
  private_ip    = "10.0.1.30"
}

resource "trafficmirror_target" "sensor" {
  network_interface_id = aws_instance.sensor.primary_network_interface_id
}

resource "trafficmirror_filter" "web" {
  ingress_rules = {
    "100" = {
      rule_action            = "reject"
      protocol               = "tcp"
      source_cidr_block      = "10.0.0.0/8"
      destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
  egress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = aws_instance.web.primary_network_interface_id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
}

# What the session does with two packets. The apply fails if it is not as expected.
resource "trafficmirror_simulation" "web" {
  network_interface_id       = aws_instance.web.primary_network_interface_id
  traffic_mirror_session_ids = [trafficmirror_session.web.id]

  packets = [
    {
      name        = "ssh", direction = "ingress", protocol = "tcp"
      source      = "10.0.9.7", source_port = 50000
      destination = "10.0.1.10", destination_port = 22
    },
    {
      name        = "https", direction = "ingress", protocol = "tcp"
      source      = "192.0.2.1", source_port = 50000
      destination = "10.0.1.10", destination_port = 443
    },
  ]

  expect = [
    { packet = "ssh", mirrored = false },
    { packet = "https", mirrored = true },
  ]
}
