# What copies are sent to.

resource "aws_lb" "network" {
  name                             = "copies"
  internal                         = true
  load_balancer_type               = "network"
  subnets                          = [aws_subnet.net[0].id, aws_subnet.net[1].id]
  security_groups                  = [aws_security_group.inline.id]
  enable_cross_zone_load_balancing = true
  tags                             = { Name = "copies" }
}

resource "aws_lb_target_group" "udp" {
  name                 = "copies"
  port                 = 4789
  protocol             = "UDP"
  vpc_id               = aws_vpc.net.id
  deregistration_delay = 30

  health_check {
    protocol = "HTTP"
    port     = "8080"
    path     = "/health"
  }
}

resource "aws_lb_listener" "udp" {
  load_balancer_arn = aws_lb.network.arn
  port              = 4789
  protocol          = "UDP"
  tags              = { Name = "copies" }

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.udp.arn
  }
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn        = aws_lb.network.arn
  port                     = 80
  protocol                 = "TCP"
  tcp_idle_timeout_seconds = 400

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}

resource "aws_lb_target_group" "tcp" {
  name        = "web"
  port        = 80
  protocol    = "TCP"
  target_type = "ip"
  vpc_id      = aws_vpc.net.id
}

resource "aws_lb_target_group_attachment" "udp" {
  count            = 2
  target_group_arn = aws_lb_target_group.udp.arn
  target_id        = aws_instance.appliance[count.index].id
}

resource "aws_lb" "gateway" {
  name               = "inspection"
  load_balancer_type = "gateway"
  subnets            = [aws_subnet.net[0].id]
}

resource "aws_lb_target_group" "geneve" {
  name     = "inspection"
  port     = 6081
  protocol = "GENEVE"
  vpc_id   = aws_vpc.net.id
}

resource "aws_lb_listener" "geneve" {
  load_balancer_arn = aws_lb.gateway.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.geneve.arn
  }
}

resource "aws_lb_target_group_attachment" "geneve" {
  target_group_arn = aws_lb_target_group.geneve.arn
  target_id        = aws_instance.appliance[0].id
}

resource "aws_vpc_endpoint_service" "inspection" {
  acceptance_required        = true
  gateway_load_balancer_arns = [aws_lb.gateway.arn]
  allowed_principals         = ["arn:aws:iam::210987654321:root"]
  tags                       = { Name = "inspection" }
}

resource "aws_vpc_endpoint" "inspection" {
  service_name      = aws_vpc_endpoint_service.inspection.service_name
  vpc_id            = aws_vpc.peer.id
  subnet_ids        = [aws_subnet.peer.id]
  vpc_endpoint_type = "GatewayLoadBalancer"
  auto_accept       = true
  tags              = { Name = "inspection" }
}
