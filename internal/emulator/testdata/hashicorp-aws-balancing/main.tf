# Load balancers of the types network and gateway with their listeners, made and read with hashicorp/aws.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "second" {
  type    = bool
  default = false
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  endpoints {
    ec2   = var.endpoint
    elbv2 = var.endpoint
  }
}

locals {
  value = var.second ? "second" : "first"
}

resource "aws_vpc" "this" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "this" {
  for_each = { a = 1, b = 2 }

  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.20.${each.value}.0/24"
  availability_zone = "us-east-1${each.key}"
}

resource "aws_security_group" "this" {
  for_each = toset(["first", "second"])

  name        = each.key
  description = "Of the Network Load Balancer"
  vpc_id      = aws_vpc.this.id
}

resource "aws_lb" "network" {
  name                             = "fleet"
  load_balancer_type               = "network"
  internal                         = true
  security_groups                  = [aws_security_group.this[local.value].id]
  subnets                          = var.second ? [for s in aws_subnet.this : s.id] : [aws_subnet.this["a"].id]
  enable_cross_zone_load_balancing = var.second

  tags = {
    Name = local.value
  }
}

# Its address is chosen.
resource "aws_lb" "mapped" {
  name_prefix        = "map-"
  load_balancer_type = "network"
  internal           = true

  subnet_mapping {
    subnet_id            = aws_subnet.this["a"].id
    private_ipv4_address = "10.20.1.200"
  }
}

resource "aws_lb" "gateway" {
  name                             = "inspection"
  load_balancer_type               = "gateway"
  subnets                          = var.second ? [for s in aws_subnet.this : s.id] : [aws_subnet.this["a"].id]
  enable_cross_zone_load_balancing = var.second
}

resource "aws_lb_target_group" "udp" {
  for_each = toset(["first", "second"])

  name        = "udp-${each.key}"
  protocol    = "UDP"
  port        = 4789
  target_type = "ip"
  vpc_id      = aws_vpc.this.id
}

resource "aws_lb_target_group" "tcp" {
  name        = "tcp"
  protocol    = "TCP"
  port        = 443
  target_type = "ip"
  vpc_id      = aws_vpc.this.id
}

resource "aws_lb_target_group" "geneve" {
  name        = "geneve"
  protocol    = "GENEVE"
  port        = 6081
  target_type = "ip"
  vpc_id      = aws_vpc.this.id
}

resource "aws_lb_listener" "vxlan" {
  load_balancer_arn = aws_lb.network.arn
  protocol          = "UDP"
  port              = 4789

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.udp[local.value].arn
  }

  tags = {
    Name = local.value
  }
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn        = aws_lb.network.arn
  protocol                 = "TCP"
  port                     = var.second ? 8443 : 443
  tcp_idle_timeout_seconds = var.second ? 60 : 350

  default_action {
    type = "forward"

    forward {
      target_group {
        arn = aws_lb_target_group.tcp.arn
      }
    }
  }
}

resource "aws_lb_listener" "gateway" {
  load_balancer_arn = aws_lb.gateway.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.geneve.arn
  }
}

data "aws_lb" "network" {
  name = aws_lb.network.name
}

data "aws_lb" "gateway" {
  arn = aws_lb.gateway.arn
}

data "aws_lbs" "all" {
  tags = aws_lb.network.tags
}

data "aws_lb_listener" "vxlan" {
  load_balancer_arn = aws_lb.network.arn
  port              = aws_lb_listener.vxlan.port
}

output "read" {
  value = join(" ", [
    data.aws_lb.network.arn == aws_lb.network.arn,
    data.aws_lb.network.internal,
    data.aws_lb.gateway.load_balancer_type,
    tolist(data.aws_lbs.all.arns) == tolist([aws_lb.network.arn]),
    data.aws_lb_listener.vxlan.default_action[0].target_group_arn == aws_lb_target_group.udp[local.value].arn,
  ])
}

output "arns" {
  value = "aws_lb.network=${aws_lb.network.arn} aws_lb.gateway=${aws_lb.gateway.arn}"
}
