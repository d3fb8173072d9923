terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

# AWS. Credentials and Region are found as provider "aws" finds them.
provider "trafficmirror" {
  region  = "eu-west-1"
  profile = "security"
}

# The embedded EC2, for tests and for trying things out: no account, no network.
provider "trafficmirror" {
  alias  = "local"
  region = "eu-west-1"

  emulator = {
    path     = ".trafficmirror/ec2.db"
    topology = "topology.json"
  }
}
