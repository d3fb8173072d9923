terraform {
  required_providers {
    trafficmirror = { source = "trafficmirror/trafficmirror" }
  }
}

variable "name" {
  type = string
}

variable "network_interface_id" {
  description = "Interface of a single sensor. Set this or network_load_balancer_arn."
  type        = string
  default     = null
}

variable "network_load_balancer_arn" {
  description = "Network Load Balancer in front of several sensors."
  type        = string
  default     = null
}

# A change from one to the other is an update in place: the sessions keep their IDs.
resource "trafficmirror_target" "this" {
  network_interface_id      = var.network_interface_id
  network_load_balancer_arn = var.network_load_balancer_arn
  tags                      = { Name = var.name }
}

output "traffic_mirror_target_id" {
  value = trafficmirror_target.this.id
}
