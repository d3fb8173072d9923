module "mirror" {
  source = "./module"

  name                        = "web"
  network_interface_ids       = { web = aws_network_interface.web.id, app = aws_network_interface.app.id }
  sensor_network_interface_id = aws_network_interface.sensor.id
  not_mirrored_port           = 22
}

output "sessions" {
  value = module.mirror.traffic_mirror_session_ids
}
