# A world by the provider that most people use: where packets can go, and what has interfaces.

resource "aws_vpc" "net" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
  tags                             = { Name = "na\"me \\ 網 é" }
}

resource "aws_vpc" "peer" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "net" {
  count                   = 3
  vpc_id                  = aws_vpc.net.id
  cidr_block              = "10.0.${count.index}.0/24"
  ipv6_cidr_block         = cidrsubnet(aws_vpc.net.ipv6_cidr_block, 8, count.index)
  availability_zone       = "us-east-1${["a", "b", "a"][count.index]}"
  map_public_ip_on_launch = count.index == 1
}

resource "aws_subnet" "peer" {
  vpc_id            = aws_vpc.peer.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_internet_gateway" "net" {
  vpc_id = aws_vpc.net.id
  tags   = { Name = "way out" }
}

resource "aws_internet_gateway" "apart" {
  tags = { Name = "spare" }
}

resource "aws_internet_gateway" "peer" {}

resource "aws_internet_gateway_attachment" "peer" {
  internet_gateway_id = aws_internet_gateway.peer.id
  vpc_id              = aws_vpc.peer.id
}

resource "aws_vpc_peering_connection" "net" {
  vpc_id      = aws_vpc.net.id
  peer_vpc_id = aws_vpc.peer.id
  auto_accept = true
  tags        = { Name = "peer" }

  requester {
    allow_remote_vpc_dns_resolution = true
  }

  accepter {
    allow_remote_vpc_dns_resolution = false
  }
}

resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.net.id
  tags   = { Name = "inline" }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.net.id
  }

  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.net.id
  }

  route {
    cidr_block                = "10.1.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.net.id
  }
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.net.id
}

resource "aws_route" "main" {
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "172.16.0.0/12"
  network_interface_id   = aws_network_interface.sensor.id
}

resource "aws_route_table" "gateway" {
  vpc_id = aws_vpc.net.id
}

resource "aws_main_route_table_association" "net" {
  vpc_id         = aws_vpc.net.id
  route_table_id = aws_route_table.main.id
}

resource "aws_route_table_association" "subnet" {
  count          = 2
  route_table_id = aws_route_table.inline.id
  subnet_id      = aws_subnet.net[count.index].id
}

resource "aws_route_table_association" "gateway" {
  route_table_id = aws_route_table.gateway.id
  gateway_id     = aws_internet_gateway.net.id
}

resource "aws_default_route_table" "peer" {
  default_route_table_id = aws_vpc.peer.default_route_table_id

  route {
    cidr_block                = "10.0.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.net.id
  }
}

resource "aws_network_acl" "inline" {
  vpc_id     = aws_vpc.net.id
  subnet_ids = [aws_subnet.net[1].id]
  tags       = { Name = "inline" }

  ingress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "10.0.0.0/8"
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no         = 101
    protocol        = "58"
    action          = "allow"
    ipv6_cidr_block = "::/0"
    from_port       = 0
    to_port         = 0
    icmp_type       = -1
    icmp_code       = -1
  }
}

resource "aws_network_acl" "apart" {
  vpc_id = aws_vpc.net.id
}

resource "aws_network_acl_rule" "udp" {
  for_each       = { in = false, out = true }
  network_acl_id = aws_network_acl.apart.id
  rule_number    = 200
  egress         = each.value
  protocol       = "-1"
  rule_action    = "allow"
  cidr_block     = "0.0.0.0/0"
}

resource "aws_network_acl_association" "apart" {
  network_acl_id = aws_network_acl.apart.id
  subnet_id      = aws_subnet.net[2].id
}

resource "aws_default_network_acl" "peer" {
  default_network_acl_id = aws_vpc.peer.default_network_acl_id
  subnet_ids             = [aws_subnet.peer.id]

  ingress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
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

resource "aws_security_group" "inline" {
  name        = "inline"
  description = "copies"
  vpc_id      = aws_vpc.net.id

  ingress {
    description = "VXLAN"
    protocol    = "udp"
    from_port   = 4789
    to_port     = 4789
    cidr_blocks = ["10.0.0.0/15"]
  }

  # One rule for each kind of packet: of several that allow a packet, the path names the first by ID.
  ingress {
    description = "GENEVE"
    protocol    = "udp"
    from_port   = 6081
    to_port     = 6081
    cidr_blocks = ["10.0.0.0/16"]
  }

  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    self      = true
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_security_group" "apart" {
  name   = "apart"
  vpc_id = aws_vpc.net.id
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id            = aws_security_group.apart.id
  referenced_security_group_id = aws_security_group.inline.id
  ip_protocol                  = "tcp"
  from_port                    = 22
  to_port                      = 22
  tags                         = { Name = "ssh" }
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_instance" "web" {
  ami                     = "ami-0123456789abcdef0"
  instance_type           = "t3.large"
  subnet_id               = aws_subnet.net[0].id
  vpc_security_group_ids  = [aws_security_group.apart.id]
  key_name                = "key"
  private_ip              = "10.0.0.10"
  disable_api_termination = true
  user_data               = "echo web"
  monitoring              = true
  tags                    = { Name = "web" }

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    volume_size = 20
    volume_type = "gp3"
    encrypted   = true
  }

  credit_specification {
    cpu_credits = "standard"
  }
}

resource "aws_instance" "appliance" {
  count                  = 2
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "m5.large"
  subnet_id              = aws_subnet.net[count.index].id
  vpc_security_group_ids = [aws_security_group.inline.id]
}

resource "aws_network_interface" "sensor" {
  subnet_id         = aws_subnet.net[2].id
  security_groups   = [aws_security_group.inline.id]
  source_dest_check = false
  private_ips       = ["10.0.2.20", "10.0.2.21"]
  description       = "sensor"

  attachment {
    instance     = aws_instance.appliance[0].id
    device_index = 1
  }
}

resource "aws_network_interface" "apart" {
  subnet_id       = aws_subnet.net[0].id
  security_groups = [aws_security_group.apart.id]
  private_ips     = ["10.0.0.30"]
}

resource "aws_network_interface_attachment" "apart" {
  instance_id          = aws_instance.appliance[0].id
  network_interface_id = aws_network_interface.apart.id
  device_index         = 2
}
