# The provider stops the instance to change the type and the user data.
resource "aws_instance" "web" {
  ami                                  = local.image
  instance_type                        = var.second ? "m5.xlarge" : "m5.large"
  subnet_id                            = aws_subnet.net.id
  private_ip                           = "10.0.1.77"
  ipv6_address_count                   = 1
  key_name                             = "operator"
  iam_instance_profile                 = "web"
  vpc_security_group_ids               = [data.aws_security_group.net.id]
  source_dest_check                    = !var.second
  monitoring                           = var.second
  user_data                            = var.second ? "second" : "first"
  disable_api_stop                     = false
  disable_api_termination              = var.second
  instance_initiated_shutdown_behavior = var.second ? "terminate" : "stop"

  metadata_options {
    http_tokens                 = var.second ? "required" : "optional"
    http_put_response_hop_limit = var.second ? 2 : 1
    instance_metadata_tags      = var.second ? "enabled" : "disabled"
  }

  maintenance_options {
    auto_recovery = var.second ? "disabled" : "default"
  }

  private_dns_name_options {
    hostname_type                     = "ip-name"
    enable_resource_name_dns_a_record = var.second
  }

  capacity_reservation_specification {
    capacity_reservation_preference = var.second ? "none" : "open"
  }

  root_block_device {
    volume_size = 20
    volume_type = "gp3"

    tags = local.tags
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 5
  }

  tags = local.tags
}

# A burstable instance, to which an interface is attached later.
resource "aws_instance" "burst" {
  ami           = local.image
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.net.id

  credit_specification {
    cpu_credits = var.second ? "standard" : "unlimited"
  }

  volume_tags = local.tags
}

# Detaching takes the provider two minutes and a half, on AWS too
# (https://github.com/hashicorp/terraform-provider-aws/issues/45835).
resource "aws_network_interface_attachment" "burst" {
  instance_id          = aws_instance.burst.id
  network_interface_id = aws_network_interface.spare.id
  device_index         = 1
}

resource "aws_network_interface" "spare" {
  subnet_id = aws_subnet.net.id
}

# The interfaces of this instance exist before it.
resource "aws_network_interface" "sensor" {
  count = 2

  subnet_id = aws_subnet.net.id
}

resource "aws_instance" "sensor" {
  ami           = local.image
  instance_type = "m5.large"

  dynamic "network_interface" {
    for_each = aws_network_interface.sensor
    content {
      device_index         = network_interface.key
      network_interface_id = network_interface.value.id
    }
  }

  tags = local.tags
}

resource "aws_ec2_traffic_mirror_target" "sensor" {
  network_interface_id = aws_instance.sensor.primary_network_interface_id
}

resource "aws_ec2_traffic_mirror_filter" "all" {}

resource "aws_ec2_traffic_mirror_session" "web" {
  network_interface_id     = aws_instance.web.primary_network_interface_id
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.sensor.id
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.all.id
  session_number           = 1
}

# An instance is read by its ID, and found by its tags.
data "aws_instance" "web" {
  instance_id = aws_instance.web.id

  lifecycle {
    postcondition {
      condition     = self.network_interface_id == aws_instance.web.primary_network_interface_id && self.private_ip == "10.0.1.77"
      error_message = "The data source shows another instance."
    }
  }
}

data "aws_instances" "web" {
  instance_tags = { name = aws_instance.web.tags.name }

  filter {
    name   = "network-interface.network-interface-id"
    values = [aws_instance.web.primary_network_interface_id]
  }
}

output "found" {
  value = data.aws_instances.web.ids == tolist([aws_instance.web.id])
}
