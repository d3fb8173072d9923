# Rules as separate resources, in filters with a team's tag on each rule.
list "trafficmirror_filter_rule" "netsec" {
  provider = trafficmirror

  config {
    tags = { team = "netsec" }
  }
}
