variable "name" {
  type        = string
  description = "Name of the trail."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9._-]{1,126}[a-zA-Z0-9]$", var.name))
    error_message = "name must be 3 to 128 letters, digits, '.', '_' or '-', with a letter or digit at both ends; got \"${var.name}\"."
  }
}

variable "bucket_name" {
  type        = string
  description = "Name of the bucket that keeps the events: unique in all of AWS, so it holds the account id."
  nullable    = false
}

variable "data_bucket_arns" {
  type        = set(string)
  description = "ARNs of the buckets whose objects are watched. Each event on an object bills: 0.10 USD for 100,000."
  nullable    = false

  validation {
    condition     = length(var.data_bucket_arns) > 0 && alltrue([for arn in var.data_bucket_arns : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]+$", arn))])
    error_message = "data_bucket_arns must name at least one bucket by ARN, with no wildcard; got ${jsonencode(var.data_bucket_arns)}."
  }
}

variable "database" {
  type        = string
  description = "Name of the Glue database that is made for the table of events."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,254}$", var.database))
    error_message = "database must start with a-z and hold a-z, 0-9 and '_' only; got \"${var.database}\"."
  }
}

variable "retention_days" {
  type        = number
  description = "Days that events are kept."
  nullable    = false

  validation {
    condition     = var.retention_days >= 1
    error_message = "retention_days must be at least 1; got ${var.retention_days}."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that events are encrypted with. Null for the keys of S3 itself."
  default     = null
  nullable    = true # null means SSE-S3
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy may delete the events."
  default     = false
  nullable    = false
}
