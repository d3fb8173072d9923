# A mirror as it is often written for hashicorp/aws. ../after is the same mirror with this provider.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { team = "netsec" }
  }

  # For the embedded EC2 only, which has no STS.
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}

locals {
  rules = {
    https   = { number = 100, direction = "ingress", protocol = 6, port = 443, source = "0.0.0.0/0", destination = "10.0.0.0/16", description = "HTTPS of clients" }
    dns     = { number = 200, direction = "ingress", protocol = 17, port = 53, source = "0.0.0.0/0", destination = "10.0.0.0/16", description = null }
    other   = { number = 300, direction = "ingress", protocol = 0, port = null, source = "10.0.0.0/8", destination = "10.0.0.0/16", description = null }
    answers = { number = 100, direction = "egress", protocol = 6, port = null, source = "10.0.0.0/16", destination = "10.0.0.0/8", description = "answers" }
  }
  sources = {
    web = "eni-0a3f6c9e1b7d25840"
    app = "eni-0b8e2d7f4a1c63950"
  }
}

resource "aws_ec2_traffic_mirror_target" "sensor" {
  description          = "sensor"
  network_interface_id = "eni-0c5d9b1e8f3a74260"
}

module "filter" {
  source = "./filter"
  rules  = local.rules
}

resource "aws_ec2_traffic_mirror_session" "web" {
  for_each = local.sources

  network_interface_id     = each.value
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.sensor.id
  traffic_mirror_filter_id = module.filter.id
  session_number           = 1

  lifecycle {
    replace_triggered_by = [aws_ec2_traffic_mirror_target.sensor]
  }
}
