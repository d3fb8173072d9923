variable "rules" {
  type = map(object({
    number      = number
    direction   = string
    protocol    = number
    port        = number
    source      = string
    destination = string
    description = string
  }))
}

resource "aws_ec2_traffic_mirror_filter" "this" {
  network_services = ["amazon-dns"]
}

resource "aws_ec2_traffic_mirror_filter_rule" "this" {
  for_each = var.rules

  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.this.id
  traffic_direction        = each.value.direction
  rule_number              = each.value.number
  rule_action              = "accept"
  protocol                 = each.value.protocol
  source_cidr_block        = each.value.source
  destination_cidr_block   = each.value.destination
  description              = each.value.description

  dynamic "destination_port_range" {
    for_each = each.value.port == null ? [] : [each.value.port]
    content {
      from_port = destination_port_range.value
      to_port   = destination_port_range.value
    }
  }
}

resource "aws_ec2_traffic_mirror_filter_rule" "rest" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.this.id
  traffic_direction        = "egress"
  rule_number              = 900
  rule_action              = "accept"
  protocol                 = 0
  source_cidr_block        = "10.0.0.0/16"
  destination_cidr_block   = "0.0.0.0/0"
}

output "id" {
  value = aws_ec2_traffic_mirror_filter.this.id
}
