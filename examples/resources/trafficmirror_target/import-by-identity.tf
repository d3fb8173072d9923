import {
  to = trafficmirror_target.sensor
  identity = {
    id         = "tmt-0123456789abcdef0"
    account_id = "123456789012" # default: that of the provider block
    region     = "eu-west-1"    # default: that of the provider block
  }
}
