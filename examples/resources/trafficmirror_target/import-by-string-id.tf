import {
  to = trafficmirror_target.sensor
  id = "tmt-0123456789abcdef0"
}
