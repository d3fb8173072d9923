# What configurations look up before they mirror something, in the network of discovery_test.go, by the provider that most people use.

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
  description = "An instance with two interfaces."
  type        = string
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

data "aws_instance" "web" {
  instance_id = var.instance
}

data "aws_instance" "by_address" {
  filter {
    name   = "private-ip-address"
    values = [data.aws_instance.web.private_ip]
  }
}

# Of a type with CPU credits.
data "aws_instance" "small" {
  filter {
    name   = "instance-type"
    values = ["t3.*"]
  }
}

data "aws_instances" "running" {
  instance_state_names = ["running"]

  filter {
    name   = "subnet-id"
    values = [data.aws_subnet.other.id]
  }
}

data "aws_vpc" "net" {
  id = data.aws_network_interface.web.vpc_id
}

data "aws_vpc" "default" {
  default = true
}

data "aws_vpcs" "all" {}

data "aws_subnet" "web" {
  id = data.aws_instance.web.subnet_id
}

data "aws_subnet" "other" {
  vpc_id            = data.aws_vpc.net.id
  availability_zone = "us-east-1b"
}

data "aws_subnets" "net" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.net.id]
  }
}

data "aws_network_interface" "web" {
  id = data.aws_instance.web.network_interface_id
}

data "aws_network_interfaces" "other" {
  filter {
    name   = "subnet-id"
    values = [data.aws_subnet.other.id]
  }
}

data "aws_availability_zones" "all" {
  state = "available"
}

data "aws_availability_zone" "web" {
  name = data.aws_subnet.web.availability_zone
}

data "aws_region" "this" {}

data "aws_regions" "all" {}

data "aws_route_table" "main" {
  vpc_id = data.aws_vpc.net.id

  filter {
    name   = "association.main"
    values = ["true"]
  }
}

data "aws_route_tables" "net" {
  vpc_id = data.aws_vpc.net.id
}

data "aws_network_acls" "net" {
  vpc_id = data.aws_vpc.net.id
}

data "aws_security_group" "default" {
  vpc_id = data.aws_vpc.net.id
  name   = "default"
}

data "aws_security_groups" "net" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.net.id]
  }
}

data "aws_ec2_instance_type" "web" {
  instance_type = data.aws_instance.web.instance_type
}

data "aws_ec2_instance_types" "nitro" {
  filter {
    name   = "hypervisor"
    values = ["nitro"]
  }

  filter {
    name   = "instance-type"
    values = ["m5.large", "t2.micro"]
  }
}

data "aws_ec2_instance_type_offering" "here" {
  location_type = "availability-zone"

  filter {
    name   = "location"
    values = [data.aws_subnet.web.availability_zone]
  }

  filter {
    name   = "instance-type"
    values = ["m5.large"]
  }
}

output "found" {
  value = {
    instance_interface = data.aws_instance.web.network_interface_id
    instance_by        = data.aws_instance.by_address.id
    instance_small     = data.aws_instance.small.id
    instance_type      = data.aws_instance.web.instance_type
    instance_state     = data.aws_instance.web.instance_state
    instance_zone      = data.aws_instance.web.availability_zone
    instance_address   = data.aws_instance.web.private_ip
    instance_groups    = join(" ", data.aws_instance.web.vpc_security_group_ids)
    instances          = join(" ", sort(data.aws_instances.running.ids))

    vpc         = data.aws_vpc.net.id
    vpc_block   = data.aws_vpc.net.cidr_block
    vpc_default = data.aws_vpc.default.id
    vpc_routes  = data.aws_vpc.net.main_route_table_id
    vpcs        = length(data.aws_vpcs.all.ids)

    subnet      = data.aws_subnet.web.id
    subnet_zone = data.aws_subnet.web.availability_zone_id
    subnets     = join(" ", sort(data.aws_subnets.net.ids))

    interface_mac      = data.aws_network_interface.web.mac_address
    interface_groups   = join(" ", data.aws_network_interface.web.security_groups)
    interface_instance = one(data.aws_network_interface.web.attachment).instance_id
    interfaces         = join(" ", sort(data.aws_network_interfaces.other.ids))

    zone    = data.aws_availability_zone.web.zone_id
    zones   = join(" ", slice(data.aws_availability_zones.all.names, 0, 2))
    region  = data.aws_region.this.name
    regions = contains(data.aws_regions.all.names, "us-east-1")

    routes      = data.aws_route_table.main.id
    routes_away = length(data.aws_route_table.main.routes) # hashicorp/aws leaves out the local ones
    route_main  = data.aws_route_table.main.associations[0].main
    tables      = join(" ", data.aws_route_tables.net.ids)
    acls        = length(data.aws_network_acls.net.ids)

    group  = data.aws_security_group.default.id
    groups = join(" ", data.aws_security_groups.net.ids)

    type_hypervisor = data.aws_ec2_instance_type.web.hypervisor
    type_cpus       = data.aws_ec2_instance_type.web.default_vcpus
    type_interfaces = data.aws_ec2_instance_type.web.maximum_network_interfaces
    types           = join(" ", data.aws_ec2_instance_types.nitro.instance_types)
    offering        = data.aws_ec2_instance_type_offering.here.instance_type
  }
}
