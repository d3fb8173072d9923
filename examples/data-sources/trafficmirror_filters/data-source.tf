data "trafficmirror_filters" "all" {}

output "filters_that_mirror_nothing" {
  value = [
    for id, filter in data.trafficmirror_filters.all.filters : id
    if length(filter.ingress_rules) + length(filter.egress_rules) == 0 && filter.network_services == null
  ]
}
