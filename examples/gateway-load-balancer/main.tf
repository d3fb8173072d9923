# A web server is mirrored to appliances behind a Gateway Load Balancer in another VPC. hashicorp/aws makes the networks, the instances, the load
# balancer and its endpoint; this provider makes the mirror, and says whether the copies arrive.
#
# In AWS: terraform apply -var image_id=ami-...
# Without an AWS account, start "terraform-provider-trafficmirror emulator" first, and set endpoint to the URL that it prints.

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

variable "endpoint" {
  description = "URL of the embedded EC2. Default: AWS."
  type        = string
  default     = null
}

variable "image_id" {
  description = "ID of the image of all instances."
  type        = string
  default     = "ami-0123456789abcdef0"
}

locals {
  embedded = var.endpoint != null
  zones    = { a = "eu-west-1a", b = "eu-west-1b" }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = local.embedded ? "test" : null
  secret_key                  = local.embedded ? "test" : null
  skip_credentials_validation = local.embedded
  skip_requesting_account_id  = local.embedded
  skip_metadata_api_check     = local.embedded

  endpoints {
    ec2   = var.endpoint
    elbv2 = var.endpoint
  }
}

provider "trafficmirror" {
  region                      = "eu-west-1"
  access_key                  = local.embedded ? "test" : null
  secret_key                  = local.embedded ? "test" : null
  skip_credentials_validation = local.embedded
  skip_requesting_account_id  = local.embedded

  endpoints {
    ec2   = var.endpoint
    elbv2 = var.endpoint
  }
}

# The VPC of the web server. It has no way to the VPC of the appliances but the endpoint.

resource "aws_vpc" "web" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "web" {
  vpc_id            = aws_vpc.web.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = local.zones.a
}

resource "aws_instance" "web" {
  ami           = var.image_id
  instance_type = "m5.large"
  subnet_id     = aws_subnet.web.id
  private_ip    = "10.0.1.10"
}

# The VPC of the appliances.

resource "aws_vpc" "security" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "appliances" {
  for_each          = local.zones
  vpc_id            = aws_vpc.security.id
  cidr_block        = "10.1.${each.key == "a" ? 1 : 2}.0/24"
  availability_zone = each.value
}

# The load balancer sends GENEVE on UDP port 6081 from its own addresses, and checks the health by HTTP.
resource "aws_security_group" "appliances" {
  name   = "appliances"
  vpc_id = aws_vpc.security.id

  ingress {
    description = "GENEVE"
    protocol    = "udp"
    from_port   = 6081
    to_port     = 6081
    cidr_blocks = [for s in aws_subnet.appliances : s.cidr_block]
  }
  ingress {
    description = "health checks"
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = [for s in aws_subnet.appliances : s.cidr_block]
  }
}

resource "aws_instance" "appliance" {
  for_each               = aws_subnet.appliances
  ami                    = var.image_id
  instance_type          = "m5.large"
  subnet_id              = each.value.id
  private_ip             = cidrhost(each.value.cidr_block, 100)
  vpc_security_group_ids = [aws_security_group.appliances.id]
}

resource "aws_lb" "appliances" {
  name                             = "appliances"
  load_balancer_type               = "gateway"
  subnets                          = [for s in aws_subnet.appliances : s.id]
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "appliances" {
  name     = "appliances"
  vpc_id   = aws_vpc.security.id
  protocol = "GENEVE"
  port     = 6081

  health_check {
    protocol = "HTTP"
    port     = 80
  }
}

resource "aws_lb_target_group_attachment" "appliances" {
  for_each         = aws_instance.appliance
  target_group_arn = aws_lb_target_group.appliances.arn
  target_id        = each.value.id
}

resource "aws_lb_listener" "all" {
  load_balancer_arn = aws_lb.appliances.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.appliances.arn
  }
}

# The endpoint service in front of the load balancer, and its endpoint in the VPC of the web server.

resource "aws_vpc_endpoint_service" "appliances" {
  acceptance_required        = false
  gateway_load_balancer_arns = [aws_lb.appliances.arn]
}

resource "aws_vpc_endpoint" "appliances" {
  vpc_id            = aws_vpc.web.id
  subnet_ids        = [aws_subnet.web.id]
  service_name      = aws_vpc_endpoint_service.appliances.service_name
  vpc_endpoint_type = "GatewayLoadBalancer"
}

# The mirror.

resource "trafficmirror_target" "appliances" {
  gateway_load_balancer_endpoint_id = aws_vpc_endpoint.appliances.id
  depends_on                        = [aws_lb_listener.all, aws_lb_target_group_attachment.appliances]
}

resource "trafficmirror_filter" "web" {
  ingress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
  egress_rules = {
    "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = aws_instance.web.primary_network_interface_id
  traffic_mirror_target_id = trafficmirror_target.appliances.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  virtual_network_id       = 1001
}

# Which appliance receives the copy of which packet. copies.pcap has the copies as the endpoint receives them.
resource "trafficmirror_simulation" "web" {
  network_interface_id       = aws_instance.web.primary_network_interface_id
  traffic_mirror_session_ids = [trafficmirror_session.web.id]
  packets = [for port in range(50000, 50008) : {
    name        = "request ${port}", direction = "ingress", protocol = "tcp"
    source      = "192.0.2.1", source_port = port
    destination = "10.0.1.10", destination_port = 443
  }]
  expect = [for port in range(50000, 50008) : { packet = "request ${port}", mirrored = true }]
  output = { path = "copies.pcap" }
}

# Whether a copy can reach the appliances: route, network ACLs, endpoint, security groups, health.
data "trafficmirror_path" "web" {
  network_interface_id     = aws_instance.web.primary_network_interface_id
  traffic_mirror_target_id = trafficmirror_target.appliances.id
  depends_on               = [trafficmirror_session.web, aws_lb_listener.all, aws_lb_target_group_attachment.appliances]
}

output "session_status" {
  value = trafficmirror_session.web.status
}

output "path" {
  value = data.trafficmirror_path.web.outcome
}

output "target_id" {
  value = trafficmirror_target.appliances.id
}

output "network_interface_id" {
  value = aws_instance.web.primary_network_interface_id
}

output "load_balancer_arn" {
  value = aws_lb.appliances.arn
}
