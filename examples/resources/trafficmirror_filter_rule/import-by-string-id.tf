import {
  to = trafficmirror_filter_rule.https
  id = "tmfr-0123456789abcdef0"
}
