resource "aws_vpc" "net" {
  cidr_block                           = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block     = true
  enable_dns_hostnames                 = var.second
  enable_network_address_usage_metrics = var.second

  tags = local.tags
}

# Gains and loses what aws_vpc.net cannot without its subnets.
resource "aws_vpc" "spare" {
  cidr_block                       = "10.1.0.0/16"
  assign_generated_ipv6_cidr_block = var.second
  enable_dns_support               = !var.second

  tags = var.second ? { name = "second" } : null
}

# The provider waits for ten seconds after each attribute of a subnet: they are shared out.
resource "aws_subnet" "net" {
  vpc_id                              = aws_vpc.net.id
  cidr_block                          = "10.0.1.0/24"
  ipv6_cidr_block                     = cidrsubnet(aws_vpc.net.ipv6_cidr_block, 8, 1)
  assign_ipv6_address_on_creation     = var.second
  enable_dns64                        = var.second
  private_dns_hostname_type_on_launch = var.second ? "resource-name" : "ip-name"

  tags = local.tags
}

resource "aws_subnet" "spare" {
  vpc_id                                         = aws_vpc.net.id
  cidr_block                                     = "10.0.2.0/24"
  ipv6_cidr_block                                = var.second ? cidrsubnet(aws_vpc.net.ipv6_cidr_block, 8, 2) : null
  enable_resource_name_dns_a_record_on_launch    = var.second
  enable_resource_name_dns_aaaa_record_on_launch = var.second
  map_public_ip_on_launch                        = var.second

  tags = var.second ? { name = "second" } : null
}

data "aws_security_group" "net" {
  vpc_id = aws_vpc.net.id
  name   = "default"
}

resource "aws_security_group" "net" {
  name   = "net"
  vpc_id = aws_vpc.net.id
}

# Taking the attachment out of the configuration leaves it as it is, and detaching takes this provider two minutes and a half, on AWS too
# (https://github.com/hashicorp/terraform-provider-aws/issues/45835).
resource "aws_network_interface" "source" {
  count = 2

  subnet_id         = aws_subnet.net.id
  description       = local.name
  source_dest_check = !var.second
  security_groups   = var.second ? [data.aws_security_group.net.id, aws_security_group.net.id] : [data.aws_security_group.net.id]

  dynamic "attachment" {
    for_each = var.second && count.index == 0 ? [1] : []
    content {
      instance     = var.instance
      device_index = 1
    }
  }

  tags = local.tags
}

resource "aws_network_interface" "sink" {
  count = 2

  subnet_id      = aws_subnet.net.id
  private_ips    = var.second ? ["10.0.1.1${count.index}", "10.0.1.3${count.index}"] : ["10.0.1.1${count.index}", "10.0.1.2${count.index}"]
  ipv6_addresses = var.second ? [cidrhost(aws_subnet.net.ipv6_cidr_block, 16 + count.index)] : [cidrhost(aws_subnet.net.ipv6_cidr_block, 32 + count.index)]
}

resource "aws_network_interface" "counted" {
  subnet_id          = aws_subnet.net.id
  private_ips_count  = var.second ? 3 : 1
  ipv6_address_count = var.second ? 1 : 2
}

resource "aws_vpc_endpoint" "sensors" {
  vpc_id            = aws_vpc.net.id
  service_name      = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
  vpc_endpoint_type = "GatewayLoadBalancer"
  subnet_ids        = [aws_subnet.net.id]

  tags = local.tags
}
