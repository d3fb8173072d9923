locals {
  vpc = ["10.0.0.0/16", "2001:db8:1234::/56"]
}

# Traffic within the VPC is not mirrored.
resource "trafficmirror_filter" "external" {
  ingress_rules = provider::trafficmirror::mirror_external(local.vpc)
  egress_rules  = provider::trafficmirror::mirror_external(local.vpc)
}

output "rules" {
  value = length(provider::trafficmirror::mirror_external(local.vpc)) # 4
}
