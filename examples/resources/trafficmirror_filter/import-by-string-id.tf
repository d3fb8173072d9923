import {
  to = trafficmirror_filter.web
  id = "tmf-0123456789abcdef0"
}
