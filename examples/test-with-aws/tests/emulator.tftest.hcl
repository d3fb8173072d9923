# Both providers call one embedded EC2. Start it first:
#
#   terraform-provider-trafficmirror emulator --path ec2.db
#
# These provider blocks replace those of the configuration, so no test reaches an AWS account.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  endpoints {
    ec2 = "http://127.0.0.1:4566"
  }
}

provider "trafficmirror" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  warnings                    = { silence = ["simulation_waits"] }

  endpoints {
    ec2 = "http://127.0.0.1:4566"
  }
}

variables {
  image_id = "ami-0123456789abcdef0"
}

run "the_web_server_is_mirrored" {
  assert {
    condition     = trafficmirror_session.web.network_interface_id == aws_instance.web.primary_network_interface_id
    error_message = "The session is not that of the web server."
  }
  assert {
    condition     = trafficmirror_session.web.status == "active"
    error_message = "The session mirrors nothing: ${trafficmirror_session.web.status}."
  }
  assert {
    condition     = trafficmirror_simulation.web.passed
    error_message = join("\n", trafficmirror_simulation.web.failures)
  }
}
