output "jumbo" {
  value = provider::trafficmirror::max_source_mtu(9001, "ipv4") # 8947
}

output "internet" {
  value = provider::trafficmirror::max_source_mtu(1500, "ipv6") # 1426
}
