# Run it with: terraform test
#
# The provider block of the module has the embedded EC2, so that no run needs an account. A run with command = plan creates nothing there
# either: the assertions of the filter are proved, and packets in words are simulated, before anything exists.

run "the_plan_is_right" {
  command = plan

  assert {
    condition     = length(trafficmirror_filter.web.ingress_rules) == 2 * length(var.ports)
    error_message = "Each port needs a rule for IPv4 and a rule for IPv6."
  }
}

run "recorded_packets_are_mirrored" {
  assert {
    condition     = trafficmirror_simulation.web.passed
    error_message = join("\n", trafficmirror_simulation.web.failures)
  }
  assert {
    condition     = trafficmirror_simulation.web.summary.packets == 18
    error_message = "web.pcap has 17 packets, and one is in words."
  }
  assert {
    condition     = alltrue([for v in trafficmirror_simulation.web.verdicts : v.bytes <= 128])
    error_message = "Only the first 128 bytes of each packet may be copied."
  }
}

# A test cannot expect an error of a provider. With on_failure = "warn" the simulation does not fail, and says in passed and failures
# what is wrong.
run "a_forgotten_port_is_found" {
  variables {
    ports      = [443]
    on_failure = "warn"
  }

  assert {
    condition     = !trafficmirror_simulation.web.passed
    error_message = "HTTP is not mirrored, and the simulation does not say so."
  }
  assert {
    condition     = length(trafficmirror_simulation.web.failures) == 1
    error_message = "Only the expectation of HTTP is broken: ${join("\n", trafficmirror_simulation.web.failures)}"
  }
}
