import {
  to = trafficmirror_filter.web
  identity = {
    id         = "tmf-0123456789abcdef0"
    account_id = "123456789012" # default: that of the provider block
    region     = "eu-west-1"    # default: that of the provider block
  }
}
