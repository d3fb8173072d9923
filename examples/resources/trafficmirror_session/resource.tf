resource "trafficmirror_session" "web" {
  description              = "Headers of the web server's traffic"
  network_interface_id     = aws_network_interface.web.id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  virtual_network_id       = 1001 # default: EC2 chooses one
  packet_length            = 128  # default: whole packets
}
