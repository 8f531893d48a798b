variable "name" {
  type        = string
  description = "Name of the bucket: unique in all of AWS, so it holds the account id."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends; got \"${var.name}\"."
  }
}

variable "noncurrent_days" {
  type        = number
  description = "Days that a replaced or deleted version is kept. Null keeps it for ever."
  default     = null
  nullable    = true # null means for ever

  validation {
    condition     = var.noncurrent_days == null ? true : var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of at least 1, or null; got ${jsonencode(var.noncurrent_days)}."
  }
}

variable "expiry_days" {
  type        = number
  description = "Age in days at which an object expires. Null keeps it for ever."
  default     = null
  nullable    = true # null means for ever

  validation {
    condition     = var.expiry_days == null ? true : var.expiry_days >= 1 && floor(var.expiry_days) == var.expiry_days
    error_message = "expiry_days must be a whole number of at least 1, or null; got ${jsonencode(var.expiry_days)}."
  }
}

variable "object_lock" {
  type = object({
    mode = string # GOVERNANCE: some roles may still delete; COMPLIANCE: nobody may, not even the account's root
    days = number
  })
  description = "Write-once protection that every new object gets. Null for none; it can be switched on only while the bucket is made."
  default     = null
  nullable    = true # null means no lock

  validation {
    condition     = var.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode)
    error_message = "object_lock.mode must be GOVERNANCE or COMPLIANCE; got ${jsonencode(var.object_lock)}."
  }

  validation {
    condition     = var.object_lock == null ? true : var.object_lock.days >= 1
    error_message = "object_lock.days must be at least 1; got ${jsonencode(var.object_lock)}."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy may delete the bucket with all that is in it."
  default     = false
  nullable    = false
}
