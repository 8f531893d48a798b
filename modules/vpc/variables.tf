variable "name" {
  type        = string
  description = "Name of the network, and the start of the names of what is in it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,200}$", var.name))
    error_message = "name must be 1 to 200 of a-z, 0-9 and '-'; got \"${var.name}\"."
  }
}

variable "cidr_block" {
  type        = string
  description = "Addresses of the network, such as 10.20.0.0/16. Each zone's subnet takes a 256th of them."
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && try(tonumber(split("/", var.cidr_block)[1]), 0) >= 16 && try(tonumber(split("/", var.cidr_block)[1]), 99) <= 20
    error_message = "cidr_block must be an IPv4 block of /16 to /20, so that a subnet has at least the 16 addresses that AWS asks for; got \"${var.cidr_block}\"."
  }
}

variable "zone_count" {
  type        = number
  description = "Availability zones that have a subnet. Each interface endpoint bills in each of them."
  default     = 2
  nullable    = false

  validation {
    condition     = var.zone_count >= 1 && var.zone_count <= 6
    error_message = "zone_count must lie within 1 and 6; got ${var.zone_count}."
  }
}

variable "interface_services" {
  type        = set(string)
  description = "AWS services that get an interface endpoint, by the end of the endpoint's name. S3 and DynamoDB have free gateways."
  nullable    = false

  validation {
    condition     = alltrue([for service in var.interface_services : can(regex("^[a-z0-9.-]+$", service)) && !contains(["s3", "dynamodb"], service)])
    error_message = "interface_services are ends of endpoint names such as glue, and not s3 or dynamodb, which have gateways; got ${jsonencode(var.interface_services)}."
  }
}
