# A network and a mirror in it, by the provider that most people use.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "second" {
  description = "Whether to change everything that can be changed in place."
  type        = bool
  default     = false
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true

  endpoints {
    ec2 = var.endpoint
  }
}

resource "aws_vpc" "net" {
  cidr_block = "10.0.0.0/16"

  tags = { name = var.second ? "second" : "first" }
}

resource "aws_subnet" "net" {
  vpc_id     = aws_vpc.net.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_network_interface" "source" {
  subnet_id   = aws_subnet.net.id
  description = var.second ? "second" : "first"
}

resource "aws_network_interface" "sink" {
  count = 2

  subnet_id   = aws_subnet.net.id
  private_ips = ["10.0.1.1${count.index}"]
}

resource "aws_ec2_traffic_mirror_target" "sink" {
  count = 2

  network_interface_id = aws_network_interface.sink[count.index].id
  description          = "sink"

  tags = { name = var.second ? "second" : "first" }
}

resource "aws_ec2_traffic_mirror_filter" "web" {
  count = 2

  description      = "web"
  network_services = var.second ? [] : ["amazon-dns"]
}

resource "aws_ec2_traffic_mirror_filter_rule" "web" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web[0].id
  traffic_direction        = var.second ? "egress" : "ingress"
  rule_number              = var.second ? 2 : 1
  rule_action              = var.second ? "reject" : "accept"
  source_cidr_block        = var.second ? "10.0.0.0/8" : "0.0.0.0/0"
  destination_cidr_block   = var.second ? "10.0.0.0/16" : "0.0.0.0/0"
  protocol                 = var.second ? 17 : 6
  description              = var.second ? "second" : "first"

  destination_port_range {
    from_port = var.second ? 53 : 443
    to_port   = var.second ? 54 : 444
  }

  dynamic "source_port_range" {
    for_each = var.second ? [] : [1]
    content {
      from_port = 1024
      to_port   = 65535
    }
  }
}

resource "aws_ec2_traffic_mirror_session" "web" {
  network_interface_id     = aws_network_interface.source.id
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.sink[var.second ? 1 : 0].id
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web[var.second ? 1 : 0].id
  session_number           = var.second ? 2 : 1
  packet_length            = var.second ? 200 : 100
  virtual_network_id       = var.second ? 20 : 10
  description              = var.second ? "second" : "first"
}
