variable "name" {
  type        = string
  description = "Name of the key's alias, and of the trail that may use it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.name)) && !startswith(var.name, "aws")
    error_message = "name must be 1 to 128 letters, digits, '-' or '_', and not start with aws; got \"${var.name}\"."
  }
}

variable "deletion_window_days" {
  type        = number
  description = "Days between the order to delete the key and the loss of all that it encrypted; the order can be taken back until then."
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days must lie within 7 and 30; got ${var.deletion_window_days}."
  }
}
