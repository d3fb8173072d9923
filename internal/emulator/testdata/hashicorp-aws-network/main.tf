# Network ACLs, route tables, internet gateways and VPC peering connections in the ways in which the provider that most people use writes
# them, and what is read beside them. What can be changed differs between var.second = false and true.

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
  tags = var.second ? { name = "second", more = "yes" } : { name = "first" }
  port = var.second ? 4790 : 4789
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

resource "aws_vpc" "peer" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "net" {
  count      = 3
  vpc_id     = aws_vpc.net.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_network_interface" "net" {
  count             = 2
  subnet_id         = aws_subnet.net[0].id
  source_dest_check = false
}

# With entries in the resource.
resource "aws_network_acl" "inline" {
  vpc_id     = aws_vpc.net.id
  subnet_ids = var.second ? [] : [aws_subnet.net[0].id]
  tags       = local.tags

  ingress {
    rule_no    = 100
    protocol   = "udp"
    action     = var.second ? "deny" : "allow"
    cidr_block = "10.0.0.0/8"
    from_port  = local.port
    to_port    = local.port
  }

  ingress {
    rule_no         = 101
    protocol        = "58"
    action          = "allow"
    ipv6_cidr_block = "::/0"
    from_port       = 0
    to_port         = 0
    icmp_type       = -1
    icmp_code       = -1
  }

  ingress {
    rule_no    = 102
    protocol   = "icmp"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
    icmp_type  = 8
    icmp_code  = 0
  }

  egress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

# With entries and associations of their own.
resource "aws_network_acl" "apart" {
  vpc_id = aws_vpc.net.id
  tags   = local.tags
}

resource "aws_network_acl_rule" "tcp" {
  network_acl_id = aws_network_acl.apart.id
  rule_number    = var.second ? 201 : 200
  egress         = false
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = "10.0.0.0/8"
  from_port      = 22
  to_port        = 22
}

resource "aws_network_acl_rule" "all" {
  network_acl_id  = aws_network_acl.apart.id
  rule_number     = 300
  egress          = true
  protocol        = "-1"
  rule_action     = var.second ? "deny" : "allow"
  ipv6_cidr_block = "::/0"
}

resource "aws_network_acl_rule" "ping" {
  network_acl_id = aws_network_acl.apart.id
  rule_number    = 400
  protocol       = "icmp"
  rule_action    = "allow"
  cidr_block     = "0.0.0.0/0"
  icmp_type      = 0
  icmp_code      = -1
}

resource "aws_network_acl_association" "apart" {
  network_acl_id = aws_network_acl.apart.id
  subnet_id      = aws_subnet.net[1].id
}

resource "aws_default_network_acl" "net" {
  default_network_acl_id = aws_vpc.peer.default_network_acl_id
  tags                   = local.tags

  ingress {
    rule_no    = 100
    protocol   = "-1"
    action     = var.second ? "deny" : "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_internet_gateway" "net" {
  vpc_id = aws_vpc.net.id
  tags   = local.tags
}

# Accepted by the resource itself, and by another one.
resource "aws_vpc_peering_connection" "own" {
  vpc_id      = aws_vpc.net.id
  peer_vpc_id = aws_vpc.peer.id
  auto_accept = true
  tags        = local.tags

  accepter {
    allow_remote_vpc_dns_resolution = var.second
  }

  requester {
    allow_remote_vpc_dns_resolution = !var.second
  }
}

resource "aws_vpc" "third" {
  cidr_block = "10.2.0.0/16"
}

resource "aws_vpc_peering_connection" "other" {
  vpc_id      = aws_vpc.net.id
  peer_vpc_id = aws_vpc.third.id
}

resource "aws_vpc_peering_connection_accepter" "other" {
  vpc_peering_connection_id = aws_vpc_peering_connection.other.id
  auto_accept               = true
}

resource "aws_vpc_peering_connection_options" "other" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.other.id

  accepter {
    allow_remote_vpc_dns_resolution = !var.second
  }
}

# With routes in the resource.
resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.net.id
  tags   = local.tags

  route {
    cidr_block = var.second ? "10.200.0.0/16" : "0.0.0.0/0"
    gateway_id = aws_internet_gateway.net.id
  }

  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.net.id
  }

  route {
    cidr_block                = "10.1.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.own.id
  }

  route {
    cidr_block           = "10.9.0.0/16"
    network_interface_id = aws_network_interface.net[var.second ? 1 : 0].id
  }

  route {
    cidr_block         = "10.10.0.0/16"
    transit_gateway_id = "tgw-0123456789abcdef0"
  }
}

# With routes and associations of their own.
resource "aws_route_table" "apart" {
  vpc_id = aws_vpc.net.id
}

resource "aws_route" "interface" {
  route_table_id         = aws_route_table.apart.id
  destination_cidr_block = "10.9.0.0/16"
  network_interface_id   = aws_network_interface.net[var.second ? 1 : 0].id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.apart.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = var.second ? "nat-0123456789abcdef1" : "nat-0123456789abcdef0"
}

resource "aws_route" "egress_only" {
  route_table_id              = aws_route_table.apart.id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = "eigw-0123456789abcdef0"
}

resource "aws_route" "peer" {
  route_table_id            = aws_route_table.apart.id
  destination_cidr_block    = "10.2.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.other.id
}

resource "aws_route_table_association" "subnet" {
  route_table_id = var.second ? aws_route_table.inline.id : aws_route_table.apart.id
  subnet_id      = aws_subnet.net[0].id
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.net.id
}

resource "aws_main_route_table_association" "net" {
  vpc_id         = aws_vpc.net.id
  route_table_id = var.second ? aws_route_table.apart.id : aws_route_table.main.id
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.net.id
}

resource "aws_route_table_association" "edge" {
  route_table_id = aws_route_table.edge.id
  gateway_id     = aws_internet_gateway.net.id
}

resource "aws_default_route_table" "peer" {
  default_route_table_id = aws_vpc.peer.default_route_table_id
  tags                   = local.tags

  route {
    cidr_block                = var.second ? "10.0.0.0/17" : "10.0.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.own.id
  }
}

data "aws_network_acls" "net" {
  vpc_id     = aws_vpc.net.id
  depends_on = [aws_network_acl.apart, aws_network_acl.inline]
}

data "aws_route_table" "subnet" {
  subnet_id  = aws_subnet.net[0].id
  depends_on = [aws_route_table_association.subnet]
}

data "aws_internet_gateway" "net" {
  filter {
    name   = "attachment.vpc-id"
    values = [aws_vpc.net.id]
  }
  depends_on = [aws_internet_gateway.net]
}

data "aws_vpc_peering_connection" "own" {
  vpc_id      = aws_vpc.net.id
  peer_vpc_id = aws_vpc.peer.id
  depends_on  = [aws_vpc_peering_connection.own]
}

output "read" {
  value = join(" ", [
    length(data.aws_network_acls.net.ids) == 3,
    data.aws_route_table.subnet.id == aws_route_table_association.subnet.route_table_id,
    data.aws_internet_gateway.net.id == aws_internet_gateway.net.id,
    data.aws_vpc_peering_connection.own.id == aws_vpc_peering_connection.own.id,
    data.aws_vpc_peering_connection.own.status == "active",
  ])
}

# What can be imported, by a short name. The second apply of a state without them imports them.
variable "imports" {
  type    = map(string)
  default = {}
}

output "imports" {
  value = jsonencode({
    acl               = aws_network_acl.inline.id
    acl_rule          = "${aws_network_acl.apart.id}:400:icmp:false"
    acl_association   = aws_network_acl_association.apart.id
    gateway           = aws_internet_gateway.net.id
    peering           = aws_vpc_peering_connection.other.id
    table             = aws_route_table.inline.id
    route             = "${aws_route_table.apart.id}_10.2.0.0/16"
    table_association = "${aws_subnet.net[0].id}/${aws_route_table_association.subnet.route_table_id}"
  })
}

import {
  for_each = { for name, id in var.imports : name => id if name == "acl" }
  to       = aws_network_acl.inline
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "acl_rule" }
  to       = aws_network_acl_rule.ping
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "acl_association" }
  to       = aws_network_acl_association.apart
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "gateway" }
  to       = aws_internet_gateway.net
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "peering" }
  to       = aws_vpc_peering_connection.other
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "table" }
  to       = aws_route_table.inline
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "route" }
  to       = aws_route.peer
  id       = each.value
}

import {
  for_each = { for name, id in var.imports : name => id if name == "table_association" }
  to       = aws_route_table_association.subnet
  id       = each.value
}
