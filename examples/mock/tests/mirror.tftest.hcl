# Run it with: terraform test

# A mocked provider creates nothing. It draws a random text for each computed attribute that has no default here. The IDs need
# defaults, because the provider checks the form of an ID in the arguments that refer to it.
mock_provider "trafficmirror" {
  mock_resource "trafficmirror_target" {
    defaults = {
      id = "tmt-0123456789abcdef0"
    }
  }
  mock_resource "trafficmirror_filter" {
    defaults = {
      id = "tmf-0123456789abcdef0"
    }
  }
  mock_resource "trafficmirror_filter_rule" {
    defaults = {
      id = "tmfr-0123456789abcdef0"
    }
  }
  mock_resource "trafficmirror_session" {
    defaults = {
      id                 = "tms-0123456789abcdef0"
      session_number     = 1
      packet_length      = 8500
      virtual_network_id = 7
    }
  }
}

variables {
  source_interface_id = "eni-0123456789abcdef0"
  sensor_interface_id = "eni-0123456789abcdef1"
}

run "one_rule_for_each_port" {
  assert {
    condition     = length(trafficmirror_filter.web.ingress_rules) == length(var.ports)
    error_message = "Each port needs a rule."
  }
  assert {
    condition     = trafficmirror_session.web.traffic_mirror_filter_id == trafficmirror_filter.web.id
    error_message = "The session needs the filter of this module."
  }
  assert {
    condition     = output.session_id == "tms-0123456789abcdef0"
    error_message = "The output needs the ID of the session."
  }
}

run "more_ports" {
  command = plan

  variables {
    ports = [22, 80, 443]
  }

  assert {
    condition     = trafficmirror_filter.web.ingress_rules["102"].destination_port_range.from_port == 443
    error_message = "The rules need the order of the ports."
  }
}

# The functions of the provider work with a mocked provider too.
run "ssh_is_not_mirrored" {
  command = plan

  assert {
    condition     = provider::trafficmirror::mirrors(trafficmirror_filter.web, "ingress tcp any > any:22").amount == "none"
    error_message = "SSH is mirrored: ${jsonencode(provider::trafficmirror::mirrors(trafficmirror_filter.web, "ingress tcp any > any:22").mirrored)}"
  }
  assert {
    condition     = provider::trafficmirror::mirrors(trafficmirror_filter.web, "egress tcp any:22 > any").amount == "none"
    error_message = "Replies of SSH are mirrored: ${jsonencode(provider::trafficmirror::mirrors(trafficmirror_filter.web, "egress tcp any:22 > any").mirrored)}"
  }
}
