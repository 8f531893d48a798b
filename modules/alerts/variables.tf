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
