import {
  to = trafficmirror_session.web
  id = "tms-0123456789abcdef0"
}
