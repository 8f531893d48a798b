variable "name" {
  type        = string
  description = "Name of the table."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9._-]{3,255}$", var.name))
    error_message = "name must be 3 to 255 letters, digits, '.', '_' or '-'; got \"${var.name}\"."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether DynamoDB refuses to delete the table."
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that items are encrypted with. Null for DynamoDB's AWS-managed key."
  default     = null
  nullable    = true # null means the AWS-managed key

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key; got ${jsonencode(var.kms_key_arn)}."
  }
}
