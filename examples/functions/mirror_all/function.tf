resource "trafficmirror_filter" "everything" {
  network_services = ["amazon-dns"]
  ingress_rules    = provider::trafficmirror::mirror_all()
  egress_rules     = provider::trafficmirror::mirror_all()
}
