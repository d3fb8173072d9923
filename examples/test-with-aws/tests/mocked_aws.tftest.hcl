# hashicorp/aws is mocked, and its two instances get the network interfaces that the embedded EC2 has in topology.json. No server is needed.

mock_provider "aws" {
  override_resource {
    target = aws_instance.web
    values = { primary_network_interface_id = "eni-00000000000000001" }
  }
  override_resource {
    target = aws_instance.sensor
    values = { primary_network_interface_id = "eni-00000000000000002" }
  }
}

provider "trafficmirror" {
  region   = "eu-west-1"
  warnings = { silence = ["embedded_ec2", "simulation_waits"] }

  emulator = {
    path     = "test.db"
    topology = "topology.json"
  }
}

variables {
  image_id = "ami-0123456789abcdef0"
}

run "the_web_server_is_mirrored" {
  assert {
    condition     = trafficmirror_session.web.status == "active"
    error_message = "The session mirrors nothing: ${trafficmirror_session.web.status}."
  }
  assert {
    condition     = trafficmirror_simulation.web.passed
    error_message = join("\n", trafficmirror_simulation.web.failures)
  }
}
