module "filter" {
  source = "./module"

  description = "Everything but SSH and backups"
  not_mirrored = {
    "10" = { protocol = "tcp", port = 22 }
    "20" = { protocol = "tcp", port = 873 }
  }
}

resource "trafficmirror_session" "web" {
  network_interface_id     = aws_network_interface.web.id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = module.filter.traffic_mirror_filter_id
  session_number           = 1
}
