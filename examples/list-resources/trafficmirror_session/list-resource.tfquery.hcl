# All sessions of two VPCs, for example to count them.
list "trafficmirror_session" "web" {
  provider = trafficmirror
  limit    = 1000

  config {
    vpc_ids = ["vpc-00000000000000001", "vpc-00000000000000002"]
  }
}

# Sessions that no configuration manages. terraform query -generate-config-out=sessions.tf
# writes import blocks and resources for them.
list "trafficmirror_session" "unmanaged" {
  provider = trafficmirror

  config {
    unmanaged      = true
    managed_by_tag = { key = "managed-by", value = "terraform" }
  }
}

# Sessions that cost money and do nothing.
list "trafficmirror_session" "idle" {
  provider = trafficmirror

  config {
    idle = true
  }
}
