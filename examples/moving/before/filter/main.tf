variable "ingress" {
  type = map(object({ protocol = number, port = number }))
}

resource "aws_ec2_traffic_mirror_filter" "this" {
  network_services = ["amazon-dns"]
}

resource "aws_ec2_traffic_mirror_filter_rule" "ingress" {
  for_each = var.ingress

  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.this.id
  traffic_direction        = "ingress"
  rule_number              = each.key
  rule_action              = "accept"
  protocol                 = each.value.protocol
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "10.0.0.0/16"

  dynamic "destination_port_range" {
    for_each = each.value.port == null ? [] : [each.value.port]
    content {
      from_port = destination_port_range.value
      to_port   = destination_port_range.value
    }
  }
}

resource "aws_ec2_traffic_mirror_filter_rule" "egress" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.this.id
  traffic_direction        = "egress"
  rule_number              = 100
  rule_action              = "accept"
  protocol                 = 0
  source_cidr_block        = "10.0.0.0/16"
  destination_cidr_block   = "0.0.0.0/0"
}

output "id" {
  value = aws_ec2_traffic_mirror_filter.this.id
}
