# A sensor on one interface.
resource "trafficmirror_target" "sensor" {
  description          = "Intrusion detection sensor"
  network_interface_id = aws_network_interface.sensor.id
}

# Sensors behind a Network Load Balancer that listens on UDP port 4789.
resource "trafficmirror_target" "sensors" {
  network_load_balancer_arn = aws_lb.sensors.arn
}

# Appliances behind a Gateway Load Balancer, through its endpoint in the VPC of the source.
resource "trafficmirror_target" "appliances" {
  gateway_load_balancer_endpoint_id = aws_vpc_endpoint.sensors.id
}
