data "trafficmirror_path" "web" {
  network_interface_id     = aws_network_interface.web.id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
}

# The session is made only if nothing is known to block its copies.
resource "trafficmirror_session" "web" {
  network_interface_id     = data.trafficmirror_path.web.network_interface_id
  traffic_mirror_target_id = data.trafficmirror_path.web.traffic_mirror_target_id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1

  lifecycle {
    precondition {
      condition     = data.trafficmirror_path.web.outcome != "blocked"
      error_message = join(" ", concat([data.trafficmirror_path.web.reason], distinct(compact(data.trafficmirror_path.web.hops[*].fix))))
    }
  }
}

# Each later plan warns if copies do not get through any more.
check "copies_get_through" {
  assert {
    condition     = data.trafficmirror_path.web.outcome == "passes"
    error_message = data.trafficmirror_path.web.reason
  }
}

output "obstacles" {
  value = [for h in data.trafficmirror_path.web.hops : "${h.hop} ${h.by} ${h.rule}: ${h.reason}" if h.outcome != "passes"]
}
