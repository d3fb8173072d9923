# The sensors: the network interfaces that receive the copies, by names of your own.
locals {
  sensors = {
    a = "eni-0000000000000000a"
    b = "eni-0000000000000000b"
  }
}

resource "trafficmirror_target" "sensor" {
  for_each             = local.sensors
  network_interface_id = each.value
}

# Every interface of the VPC, except those whose instance has the tag mirror = "no".
data "trafficmirror_sources" "web" {
  vpc_ids = ["vpc-00000000000000001"]
  exclude = [{ instance_tags = [{ mirror = "no" }] }]

  targets      = { for name, interface in local.sensors : name => { network_interface_id = interface } }
  session_tags = { fleet = "web" }
}

# One session on each interface that can be mirrored.
resource "trafficmirror_session" "web" {
  for_each = data.trafficmirror_sources.web.sources

  network_interface_id     = each.key
  traffic_mirror_target_id = trafficmirror_target.sensor[each.value.target].id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = each.value.session_number
  tags                     = { fleet = "web" }
}

output "not_mirrored" {
  value = { for id, i in data.trafficmirror_sources.web.unsupported : id => i.reason }
}
