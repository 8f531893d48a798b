variable "name" {
  type        = string
  description = "Name of the delivery stream and of the filters; the roles' names begin with it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,51}$", var.name))
    error_message = "name must be 1 to 51 letters, digits, '_', '.' or '-', so that the roles' names fit; got \"${var.name}\"."
  }
}

variable "bucket_name" {
  type        = string
  description = "Name of the bucket that keeps the logs: unique in all of AWS, so it holds the account id."
  nullable    = false
}

variable "log_groups" {
  type        = set(string)
  description = "Names of the log groups that are copied. A group may have two such filters."
  nullable    = false

  validation {
    condition     = length(var.log_groups) > 0 && alltrue([for name in var.log_groups : can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", name))])
    error_message = "log_groups must name at least one group, each by its name and not its ARN; got ${jsonencode(var.log_groups)}."
  }
}

variable "database" {
  type        = string
  description = "Name of the Glue database in which the table is made; it must be there."
  nullable    = false
}

variable "retention_days" {
  type        = number
  description = "Days that logs are kept in the bucket."
  nullable    = false

  validation {
    condition     = var.retention_days >= 1
    error_message = "retention_days must be at least 1; got ${var.retention_days}."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy beyond which the roles can do nothing, whatever they are given. Null for none."
  default     = null
  nullable    = true # null means no boundary

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a managed policy of an account; got ${jsonencode(var.permissions_boundary_arn)}."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that the stream and the bucket are encrypted with. Null for the keys of AWS."
  default     = null
  nullable    = true # null means the keys of Firehose and S3
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy may delete the logs."
  default     = false
  nullable    = false
}
