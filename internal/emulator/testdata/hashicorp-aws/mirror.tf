resource "aws_ec2_traffic_mirror_target" "interface" {
  count = 2

  network_interface_id = aws_network_interface.sink[count.index].id
  description          = "an interface"

  tags = local.tags
}

resource "aws_ec2_traffic_mirror_target" "load_balancer" {
  network_load_balancer_arn = var.load_balancer

  tags = var.second ? { name = "second" } : null
}

resource "aws_ec2_traffic_mirror_target" "endpoint" {
  gateway_load_balancer_endpoint_id = aws_vpc_endpoint.sensors.id
}

resource "aws_ec2_traffic_mirror_filter" "web" {
  count = 2

  description      = "web"
  network_services = var.second ? [] : ["amazon-dns"]

  tags = local.tags
}

resource "aws_ec2_traffic_mirror_filter_rule" "web" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web[0].id
  traffic_direction        = var.second ? "egress" : "ingress"
  rule_number              = var.second ? 2 : 1
  rule_action              = var.second ? "reject" : "accept"
  source_cidr_block        = var.second ? "10.0.0.0/8" : "0.0.0.0/0"
  destination_cidr_block   = var.second ? "10.0.0.0/16" : "0.0.0.0/0"
  protocol                 = var.second ? 17 : 6
  description              = local.name

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

# Everything that is optional is there at first only.
resource "aws_ec2_traffic_mirror_filter_rule" "bare" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web[1].id
  traffic_direction        = "ingress"
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "::/0"
  destination_cidr_block   = "::/0"
  protocol                 = var.second ? null : 58
  description              = var.second ? null : "first"
}

resource "aws_ec2_traffic_mirror_session" "web" {
  network_interface_id     = aws_network_interface.source[0].id
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.interface[var.second ? 1 : 0].id
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web[var.second ? 1 : 0].id
  session_number           = var.second ? 2 : 1
  packet_length            = var.second ? 200 : 100
  virtual_network_id       = var.second ? 20 : 10
  description              = local.name

  tags = local.tags
}

resource "aws_ec2_traffic_mirror_session" "balanced" {
  network_interface_id     = aws_network_interface.source[1].id
  traffic_mirror_target_id = var.second ? aws_ec2_traffic_mirror_target.endpoint.id : aws_ec2_traffic_mirror_target.load_balancer.id
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web[0].id
  session_number           = 1
  packet_length            = 8500
  description              = var.second ? null : "first"

  tags = var.second ? null : { name = "first" }
}
