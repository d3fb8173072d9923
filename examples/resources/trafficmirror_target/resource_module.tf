module "sensor" {
  source = "./module"

  name                 = "sensor"
  network_interface_id = aws_network_interface.sensor.id
}

output "target" {
  value = module.sensor.traffic_mirror_target_id
}
