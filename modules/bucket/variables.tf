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

variable "archive" {
  type = object({
    after_days    = number
    storage_class = optional(string, "GLACIER_IR") # read at once, at a fifth of the storage price; the others need a restore first
  })
  description = "Age at which objects move to a Glacier class. S3 leaves objects below 128 KiB where they are. Null for never."
  default     = null
  nullable    = true # null means that objects stay in the standard class

  validation {
    condition     = var.archive == null ? true : contains(["GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], var.archive.storage_class)
    error_message = "archive.storage_class must be GLACIER_IR, GLACIER or DEEP_ARCHIVE; got ${jsonencode(var.archive)}."
  }

  validation {
    condition     = var.archive == null ? true : var.archive.after_days >= 1 && floor(var.archive.after_days) == var.archive.after_days
    error_message = "archive.after_days must be a whole number of at least 1; got ${jsonencode(var.archive)}."
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

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that objects are encrypted with. Null for the keys of S3 itself."
  default     = null
  nullable    = true # null means SSE-S3

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key; got ${jsonencode(var.kms_key_arn)}."
  }
}

variable "service_grants" {
  type = list(object({
    sid        = string
    service    = string # such as cloudtrail.amazonaws.com
    action     = string
    path       = optional(string, "") # of the objects, with its slash; empty for the bucket itself
    source_arn = string               # what the service must be acting for
    conditions = optional(map(string), {})
  }))
  description = "What AWS services may do in the bucket, each only on behalf of one resource."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for grant in var.service_grants : can(regex("^[a-z0-9-]+\\.amazonaws\\.com$", grant.service))])
    error_message = "service_grants name AWS services, such as cloudtrail.amazonaws.com; got ${jsonencode(var.service_grants[*].service)}."
  }

  validation {
    condition     = alltrue([for grant in var.service_grants : can(regex("^s3:[A-Za-z]+$", grant.action))])
    error_message = "service_grants name one S3 action each, with no wildcard; got ${jsonencode(var.service_grants[*].action)}."
  }

  validation {
    condition     = alltrue([for grant in var.service_grants : can(regex("^arn:[^*]+$", grant.source_arn))])
    error_message = "service_grants name the one resource that the service acts for, with no wildcard; got ${jsonencode(var.service_grants[*].source_arn)}."
  }
}

variable "shared_prefixes" {
  type = list(object({
    sid      = string
    role_arn = string
    prefix   = string # with its slash at the end
  }))
  description = "What roles of other accounts may list and read, each below one prefix."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for share in var.shared_prefixes : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9-]+$", share.role_arn))])
    error_message = "shared_prefixes name one role each, with no wildcard; got ${jsonencode(var.shared_prefixes[*].role_arn)}."
  }

  validation {
    condition     = alltrue([for share in var.shared_prefixes : can(regex("^[a-z]+/$", share.prefix))])
    error_message = "shared_prefixes name one folder each, such as evidence/; got ${jsonencode(var.shared_prefixes[*].prefix)}."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy may delete the bucket with all that is in it."
  default     = false
  nullable    = false
}
