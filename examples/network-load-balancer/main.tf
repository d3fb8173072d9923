# A web server is mirrored to a fleet of sensors behind a Network Load Balancer. hashicorp/aws makes the network, the instances and the load
# balancer; this provider makes the mirror, and says whether the copies arrive.
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

# The network: a subnet for the web server, and one for the sensors in each of two Availability Zones.

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "web" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = local.zones.a
}

resource "aws_subnet" "sensors" {
  for_each          = local.zones
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${each.key == "a" ? 11 : 12}.0/24"
  availability_zone = each.value
}

# The load balancer keeps the source address of a copy. So the group of the sensors admits the subnet of the web server, and the health checks. The
# security group of the web server does not count here: behind a load balancer, AWS compares addresses only.
resource "aws_security_group" "sensors" {
  name   = "sensors"
  vpc_id = aws_vpc.main.id

  ingress {
    description = "copies"
    protocol    = "udp"
    from_port   = 4789
    to_port     = 4789
    cidr_blocks = [aws_subnet.web.cidr_block]
  }
  ingress {
    description = "health checks"
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = [for s in aws_subnet.sensors : s.cidr_block]
  }
}

resource "aws_instance" "web" {
  ami           = var.image_id
  instance_type = "m5.large"
  subnet_id     = aws_subnet.web.id
  private_ip    = "10.0.1.10"
}

resource "aws_instance" "sensor" {
  for_each               = aws_subnet.sensors
  ami                    = var.image_id
  instance_type          = "m5.large"
  subnet_id              = each.value.id
  private_ip             = cidrhost(each.value.cidr_block, 100)
  vpc_security_group_ids = [aws_security_group.sensors.id]
}

# The load balancer. It listens on UDP port 4789, and finds out by TCP whether a sensor is healthy: UDP has no health check.

resource "aws_lb" "sensors" {
  name                             = "sensors"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = [for s in aws_subnet.sensors : s.id]
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "sensors" {
  name     = "sensors"
  vpc_id   = aws_vpc.main.id
  protocol = "UDP"
  port     = 4789

  health_check {
    protocol = "TCP"
    port     = 8080
  }
}

resource "aws_lb_target_group_attachment" "sensors" {
  for_each         = aws_instance.sensor
  target_group_arn = aws_lb_target_group.sensors.arn
  target_id        = each.value.id
}

resource "aws_lb_listener" "copies" {
  load_balancer_arn = aws_lb.sensors.arn
  protocol          = "UDP"
  port              = 4789

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.sensors.arn
  }
}

# The mirror.

resource "trafficmirror_target" "sensors" {
  network_load_balancer_arn = aws_lb.sensors.arn
  depends_on                = [aws_lb_listener.copies, aws_lb_target_group_attachment.sensors]
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
  traffic_mirror_target_id = trafficmirror_target.sensors.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  virtual_network_id       = 1001
}

# Which sensor receives the copy of which packet. copies.pcap has what the sensors receive.
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

# Whether a copy can reach the sensors: route, network ACLs, security groups, listener, health.
data "trafficmirror_path" "web" {
  network_interface_id     = aws_instance.web.primary_network_interface_id
  traffic_mirror_target_id = trafficmirror_target.sensors.id
  depends_on               = [trafficmirror_session.web, aws_lb_listener.copies, aws_lb_target_group_attachment.sensors]
}

output "session_status" {
  value = trafficmirror_session.web.status
}

output "path" {
  value = data.trafficmirror_path.web.outcome
}

output "target_id" {
  value = trafficmirror_target.sensors.id
}

output "network_interface_id" {
  value = aws_instance.web.primary_network_interface_id
}

output "load_balancer_arn" {
  value = aws_lb.sensors.arn
}
