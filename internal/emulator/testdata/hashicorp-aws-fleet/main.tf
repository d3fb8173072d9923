# Appliances behind a Network and a Gateway Load Balancer, and endpoints in another VPC that lead to them, by the provider that most people
# use. What can be changed in place differs between var.second = false and true.

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
    ec2   = var.endpoint
    elbv2 = var.endpoint
  }
}

resource "aws_vpc" "fleet" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "fleet" {
  for_each = { a = "10.20.1.0/24", b = "10.20.2.0/24" }

  vpc_id            = aws_vpc.fleet.id
  cidr_block        = each.value
  availability_zone = "us-east-1${each.key}"
}

resource "aws_instance" "appliance" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "m5.large"
  subnet_id     = aws_subnet.fleet["a"].id
}

resource "aws_lb" "network" {
  name               = "copies"
  internal           = true
  load_balancer_type = "network"
  subnets            = [for s in aws_subnet.fleet : s.id]
}

resource "aws_lb_target_group" "udp" {
  name                              = "copies"
  port                              = 4789
  protocol                          = "UDP"
  target_type                       = "ip"
  vpc_id                            = aws_vpc.fleet.id
  deregistration_delay              = var.second ? 30 : 300
  load_balancing_cross_zone_enabled = var.second ? "true" : "use_load_balancer_configuration"
  preserve_client_ip                = "true"
  tags                              = local.tags

  health_check {
    protocol          = var.second ? "HTTP" : "TCP"
    port              = "8080"
    path              = var.second ? "/ready" : null
    interval          = var.second ? 15 : 30
    healthy_threshold = var.second ? 2 : 3
  }

  stickiness {
    enabled = var.second
    type    = "source_ip"
  }
}

resource "aws_lb_listener" "udp" {
  load_balancer_arn = aws_lb.network.arn
  port              = 4789
  protocol          = "UDP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.udp.arn
  }
}

resource "aws_lb_target_group_attachment" "address" {
  target_group_arn = aws_lb_target_group.udp.arn
  target_id        = aws_instance.appliance.private_ip
}

resource "aws_lb_target_group_attachment" "outside" {
  target_group_arn  = aws_lb_target_group.udp.arn
  target_id         = "10.99.0.1"
  availability_zone = "all"
  port              = 4790
}

resource "aws_lb_target_group" "plain" {
  name     = "plain"
  port     = 4789
  protocol = "UDP"
  vpc_id   = aws_vpc.fleet.id
}

resource "aws_lb" "gateway" {
  name               = "inspection"
  load_balancer_type = "gateway"
  subnets            = [for s in aws_subnet.fleet : s.id]
}

resource "aws_lb_target_group" "geneve" {
  name                 = "inspection"
  port                 = 6081
  protocol             = "GENEVE"
  vpc_id               = aws_vpc.fleet.id
  deregistration_delay = var.second ? 30 : 300
  tags                 = local.tags

  health_check {
    protocol = "TCP"
    port     = "80"
    interval = 10
  }

  target_failover {
    on_deregistration = var.second ? "rebalance" : "no_rebalance"
    on_unhealthy      = var.second ? "rebalance" : "no_rebalance"
  }
}

resource "aws_lb_listener" "geneve" {
  load_balancer_arn = aws_lb.gateway.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.geneve.arn
  }
}

resource "aws_lb_target_group_attachment" "instance" {
  target_group_arn = aws_lb_target_group.geneve.arn
  target_id        = aws_instance.appliance.id
}

resource "aws_vpc_endpoint_service" "waiting" {
  acceptance_required        = true
  gateway_load_balancer_arns = [aws_lb.gateway.arn]
  allowed_principals         = var.second ? ["arn:aws:iam::210987654321:root", "arn:aws:iam::210987654321:role/reader"] : ["arn:aws:iam::210987654321:root"]
  tags                       = local.tags
}

resource "aws_vpc_endpoint_service" "open" {
  acceptance_required        = var.second
  gateway_load_balancer_arns = [aws_lb.gateway.arn]
}

resource "aws_vpc" "sources" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_subnet" "sources" {
  vpc_id            = aws_vpc.sources.id
  cidr_block        = "10.30.1.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_vpc_endpoint" "waiting" {
  service_name      = aws_vpc_endpoint_service.waiting.service_name
  vpc_id            = aws_vpc.sources.id
  subnet_ids        = [aws_subnet.sources.id]
  vpc_endpoint_type = "GatewayLoadBalancer"
  tags              = local.tags
}

resource "aws_vpc_endpoint_connection_accepter" "waiting" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.waiting.id
  vpc_endpoint_id         = aws_vpc_endpoint.waiting.id
}

resource "aws_vpc_endpoint" "accepted" {
  service_name      = aws_vpc_endpoint_service.waiting.service_name
  vpc_id            = aws_vpc.sources.id
  subnet_ids        = [aws_subnet.sources.id]
  vpc_endpoint_type = "GatewayLoadBalancer"
  auto_accept       = true
}

resource "aws_vpc_endpoint" "open" {
  service_name      = aws_vpc_endpoint_service.open.service_name
  vpc_id            = aws_vpc.sources.id
  subnet_ids        = [aws_subnet.sources.id]
  vpc_endpoint_type = "GatewayLoadBalancer"
}

data "aws_vpc_endpoint_service" "open" {
  service_name = aws_vpc_endpoint_service.open.service_name
  service_type = "GatewayLoadBalancer"
}

data "aws_lb_target_group" "udp" {
  arn        = aws_lb_target_group.udp.arn
  depends_on = [aws_lb_listener.udp]
}

output "read" {
  value = join(" ", [
    aws_vpc_endpoint_connection_accepter.waiting.vpc_endpoint_state,
    aws_vpc_endpoint.open.state,
    data.aws_vpc_endpoint_service.open.service_id == aws_vpc_endpoint_service.open.id,
    data.aws_lb_target_group.udp.port,
  ])
}

output "imports" {
  value = {
    "aws_lb_target_group.geneve"                   = aws_lb_target_group.geneve.arn
    "aws_lb_target_group.udp"                      = aws_lb_target_group.udp.arn
    "aws_vpc_endpoint_service.waiting"             = aws_vpc_endpoint_service.waiting.id
    "aws_vpc_endpoint_connection_accepter.waiting" = aws_vpc_endpoint_connection_accepter.waiting.id
  }
}
