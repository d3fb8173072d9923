# Instances and mirrors of their interfaces, by the provider that most people use. What can be changed in place differs between var.second = false
# and true.

terraform {
  required_providers {
    aws = {
      source  = "registry.terraform.io/hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "second" {
  description = "Whether everything has the second of its values."
  type        = bool
  default     = false
}

locals {
  image = "ami-00000000000000001"
  tags  = var.second ? { name = "second", more = "yes" } : { name = "first" }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true

  endpoints {
    ec2 = var.endpoint
  }
}

resource "aws_vpc" "net" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "net" {
  vpc_id          = aws_vpc.net.id
  cidr_block      = "10.0.1.0/24"
  ipv6_cidr_block = cidrsubnet(aws_vpc.net.ipv6_cidr_block, 8, 1)
}

data "aws_security_group" "net" {
  vpc_id = aws_vpc.net.id
  name   = "default"
}
