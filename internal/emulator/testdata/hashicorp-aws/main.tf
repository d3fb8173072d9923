# A network and mirrors in it, by the provider that most people use. What can be changed in place differs between var.second = false and true,
# and what is optional is there in one of the two only.

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

variable "instance" {
  description = "An instance to attach an interface to."
  type        = string
}

variable "load_balancer" {
  description = "The ARN of a Network Load Balancer."
  type        = string
}

variable "second" {
  description = "Whether everything has the second of its values."
  type        = bool
  default     = false
}

locals {
  name = var.second ? "second" : "first"
  tags = var.second ? { name = "second", more = "yes" } : { name = "first" }
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
