# Security groups in the ways in which the provider that most people use writes them, and what is read beside them. What can be changed in
# place differs between var.second = false and true.

terraform {
  required_providers {
    aws = {
      source  = "registry.terraform.io/hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "second" {
  description = "Whether everything has the second of its values."
  type        = bool
  default     = false
}

locals {
  name = var.second ? "second" : "first"
  tags = var.second ? { name = "second", more = "yes" } : { name = "first" }
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
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "net" {
  vpc_id     = aws_vpc.net.id
  cidr_block = "10.0.1.0/24"
}

# With rules in the resource.
resource "aws_security_group" "inline" {
  name        = "inline"
  description = "with its rules"
  vpc_id      = aws_vpc.net.id

  ingress {
    description = local.name
    protocol    = "udp"
    from_port   = 4789
    to_port     = var.second ? 4790 : 4789
    cidr_blocks = var.second ? ["10.0.0.0/16", "10.1.0.0/16"] : ["10.0.0.0/16"]
  }

  ingress {
    protocol         = "icmpv6"
    from_port        = -1
    to_port          = -1
    ipv6_cidr_blocks = ["::/0"]
  }

  ingress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    self            = var.second
    security_groups = [aws_security_group.separate.id]
  }

  dynamic "egress" {
    for_each = var.second ? [1] : []
    content {
      protocol         = "-1"
      from_port        = 0
      to_port          = 0
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
    }
  }

  tags = local.tags
}

# With rules that are resources of their own, of both kinds.
resource "aws_security_group" "separate" {
  name_prefix = "separate-"
  vpc_id      = aws_vpc.net.id
}

resource "aws_security_group_rule" "old" {
  type              = "ingress"
  security_group_id = aws_security_group.separate.id
  description       = local.name
  protocol          = "udp"
  from_port         = 4789
  to_port           = 4789
  cidr_blocks       = ["10.0.0.0/16", "10.2.0.0/16"]
}

resource "aws_security_group_rule" "old_group" {
  type                     = "egress"
  security_group_id        = aws_security_group.separate.id
  protocol                 = "-1"
  from_port                = 0
  to_port                  = 0
  source_security_group_id = aws_security_group.other.id
}

resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.net.id
}

resource "aws_vpc_security_group_ingress_rule" "vxlan" {
  security_group_id = aws_security_group.other.id
  description       = local.name
  ip_protocol       = "udp"
  from_port         = 4789
  to_port           = var.second ? 4790 : 4789
  cidr_ipv4         = var.second ? "10.3.0.0/16" : "10.0.0.0/16"

  tags = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "icmp" {
  security_group_id = aws_security_group.other.id
  ip_protocol       = "icmp"
  from_port         = var.second ? 8 : -1
  to_port           = var.second ? 0 : -1
  cidr_ipv4         = "10.0.0.0/8"
}

resource "aws_vpc_security_group_ingress_rule" "group" {
  security_group_id            = aws_security_group.other.id
  ip_protocol                  = "tcp"
  from_port                    = 22
  to_port                      = var.second ? 23 : 22
  referenced_security_group_id = aws_security_group.separate.id
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.other.id
  description       = var.second ? "second" : null
  ip_protocol       = "-1"
  cidr_ipv6         = var.second ? "2001:db8::/32" : "::/0"

  tags = var.second ? { name = "second" } : null
}

# Takes the group that the VPC comes with, and all its rules.
resource "aws_default_security_group" "net" {
  vpc_id = aws_vpc.net.id

  dynamic "ingress" {
    for_each = var.second ? [1] : []
    content {
      protocol  = "-1"
      from_port = 0
      to_port   = 0
      self      = true
    }
  }

  tags = local.tags
}

resource "aws_network_interface" "sink" {
  subnet_id       = aws_subnet.net.id
  security_groups = var.second ? [aws_security_group.inline.id, aws_security_group.other.id] : [aws_security_group.inline.id]
}

# What is read is what is there.

data "aws_security_group" "read" {
  name   = aws_security_group.other.name
  vpc_id = aws_vpc.net.id
}

data "aws_security_groups" "read" {
  filter {
    name   = "vpc-id"
    values = [aws_security_group.inline.vpc_id]
  }
  filter {
    name   = "group-name"
    values = [aws_security_group.inline.name]
  }
}

data "aws_vpc_security_group_rules" "read" {
  filter {
    name   = "group-id"
    values = [aws_vpc_security_group_ingress_rule.vxlan.security_group_id]
  }
}

data "aws_vpc_security_group_rule" "read" {
  security_group_rule_id = aws_vpc_security_group_ingress_rule.vxlan.id
}

data "aws_route_table" "read" {
  vpc_id = aws_subnet.net.vpc_id
  filter {
    name   = "association.main"
    values = ["true"]
  }
}

data "aws_route_tables" "read" {
  vpc_id = aws_subnet.net.vpc_id
}

data "aws_network_acls" "read" {
  vpc_id = aws_subnet.net.vpc_id
  filter {
    name   = "association.subnet-id"
    values = [aws_subnet.net.id]
  }
}

output "read" {
  value = join(" ", [
    data.aws_security_group.read.id == aws_security_group.other.id,
    join(",", data.aws_security_groups.read.ids) == aws_security_group.inline.id,
    contains(data.aws_vpc_security_group_rules.read.ids, aws_vpc_security_group_ingress_rule.vxlan.id),
    data.aws_vpc_security_group_rule.read.to_port == aws_vpc_security_group_ingress_rule.vxlan.to_port,
    data.aws_route_table.read.id == aws_vpc.net.main_route_table_id,
    join(",", data.aws_route_tables.read.ids) == aws_vpc.net.main_route_table_id,
    join(",", data.aws_network_acls.read.ids) == aws_vpc.net.default_network_acl_id,
  ])
}
