terraform {
  required_providers {
    trafficmirror = {
      source = "trafficmirror/trafficmirror"
    }
  }
}

# AWS. The provider finds credentials and Region as provider "aws" does.
provider "trafficmirror" {
  region  = "eu-west-1"
  profile = "security"
}

# The embedded EC2, for tests and trials: no account, no network.
provider "trafficmirror" {
  alias  = "local"
  region = "eu-west-1"

  emulator = {
    path     = ".trafficmirror/ec2.db"
    topology = "topology.json"
  }
}
