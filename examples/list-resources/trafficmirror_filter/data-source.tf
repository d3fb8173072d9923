data "trafficmirror_filters" "netsec" {
  tags = { team = "netsec" }
}

output "filters" {
  value = { for id, filter in data.trafficmirror_filters.netsec.filters : id => filter.description }
}
