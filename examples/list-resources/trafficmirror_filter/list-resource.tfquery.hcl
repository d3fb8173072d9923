# Filters of a team, with their rules.
list "trafficmirror_filter" "netsec" {
  provider = trafficmirror

  config {
    tags = { team = "netsec" }
  }
}

# Filters in another Region, whose rules are imported as trafficmirror_filter_rule.
list "trafficmirror_filter" "frankfurt" {
  provider = trafficmirror

  config {
    region         = "eu-central-1"
    separate_rules = true
  }
}
