variable "name" {
  type        = string
  description = "Name of the topic and of its queue; the dead-letter queue adds -dlq."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,76}$", var.name))
    error_message = "name must be 1 to 76 letters, digits, '-' or '_', so that \"<name>-dlq\" fits a queue's 80; got \"${var.name}\"."
  }
}

variable "email" {
  type        = string
  description = "Address that gets every alert once it has confirmed. Null for none."
  default     = null
  nullable    = true # null means that nobody is mailed

  validation {
    condition     = var.email == null ? true : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.email))
    error_message = "email must be one address, or null; got ${jsonencode(var.email)}."
  }
}

variable "publishers" {
  type        = set(string)
  description = "AWS services of this account that may publish without a role: cloudwatch for alarms, budgets for budgets."
  default     = ["cloudwatch"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.publishers, ["cloudwatch", "budgets"])) == 0
    error_message = "publishers may hold cloudwatch and budgets; got ${jsonencode(var.publishers)}."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that topic and queues are encrypted with. Null for the keys of SNS and SQS themselves."
  default     = null
  nullable    = true # null means no key of one's own

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key; got ${jsonencode(var.kms_key_arn)}."
  }
}
