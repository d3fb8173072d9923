# Targets that no session uses.
list "trafficmirror_target" "unused" {
  provider = trafficmirror

  config {
    idle = true
  }
}

# The targets of a network interface, with all attributes in the result.
list "trafficmirror_target" "web" {
  provider         = trafficmirror
  include_resource = true

  config {
    network_interface_ids = ["eni-00000000000000001"]
  }
}
