# What the provider that most people use reads of Regions, zones and instance types.

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

variable "region" {
  type = string
}

provider "aws" {
  region                      = var.region
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

data "aws_region" "current" {}

data "aws_region" "by_endpoint" {
  endpoint = data.aws_region.current.endpoint
}

data "aws_regions" "used" {}

data "aws_regions" "not_used" {
  all_regions = true

  filter {
    name   = "opt-in-status"
    values = ["not-opted-in"]
  }
}

data "aws_availability_zones" "all" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_availability_zones" "but_one" {
  exclude_names = ["${var.region}b"]
}

data "aws_availability_zone" "first" {
  name = data.aws_availability_zones.all.names[0]
}

data "aws_ec2_instance_type" "each" {
  for_each = toset(["m5d.metal", "t3.micro", "g4dn.xlarge", "p3.2xlarge", "inf1.xlarge", "f2.6xlarge", "m99.large"])

  instance_type = each.key
}

data "aws_ec2_instance_types" "small" {
  filter {
    name   = "burstable-performance-supported"
    values = ["true"]
  }

  filter {
    name   = "processor-info.supported-architecture"
    values = ["arm64"]
  }
}

data "aws_ec2_instance_type_offering" "preferred" {
  preferred_instance_types = ["c99.large", "c5.large"]

  filter {
    name   = "instance-type"
    values = ["c4.large", "c5.large"]
  }
}

data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = ["m5.large"]
  }
}

output "regions" {
  value = join(" ", [
    data.aws_region.by_endpoint.name, data.aws_region.current.endpoint, length(data.aws_regions.used.names), length(data.aws_regions.not_used.names),
  ])
}

output "zones" {
  value = join(" ", concat(
    data.aws_availability_zones.all.names, data.aws_availability_zones.all.zone_ids, data.aws_availability_zones.but_one.names,
    [data.aws_availability_zone.first.zone_id, data.aws_availability_zone.first.name_suffix, data.aws_availability_zone.first.group_name],
  ))
}

output "types" {
  value = { for name, v in data.aws_ec2_instance_type.each : name => join(" ", [
    coalesce(v.default_vcpus, 0), coalesce(v.memory_size, 0), coalesce(v.maximum_network_interfaces, 0), coalesce(v.total_gpu_memory, 0), coalesce(v.total_fpga_memory, 0),
    length(v.inference_accelerators), v.bare_metal,
  ]) }
}

output "choices" {
  value = join(" ", concat(
    sort(data.aws_ec2_instance_types.small.instance_types), [data.aws_ec2_instance_type_offering.preferred.instance_type], sort(data.aws_ec2_instance_type_offerings.zones.locations),
  ))
}
