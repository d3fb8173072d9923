# Each team adds its rules to a filter that it does not own, in a range of numbers of its own.
module "web_team" {
  source = "./module"

  traffic_mirror_filter_id = trafficmirror_filter.shared.id
  first_rule_number        = 1000
  ports                    = [80, 443]
}

module "mail_team" {
  source = "./module"

  traffic_mirror_filter_id = trafficmirror_filter.shared.id
  first_rule_number        = 2000
  ports                    = [25]
}

resource "trafficmirror_filter" "shared" {
  description = "Rules of several teams"
}
