variable "name" {
  type        = string
  description = "Name of the budget."
  nullable    = false

  validation {
    condition     = can(regex("^[^:\\\\]{1,100}$", var.name))
    error_message = "name must be 1 to 100 characters without ':' and '\\'; got \"${var.name}\"."
  }
}

variable "monthly_usd" {
  type        = number
  description = "What the account may cost in a month, in US dollars."
  nullable    = false

  validation {
    condition     = var.monthly_usd > 0
    error_message = "monthly_usd must be above 0; got ${var.monthly_usd}."
  }
}

variable "topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told. Its policy must let budgets.amazonaws.com publish."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.topic_arn))
    error_message = "topic_arn must be the ARN of an SNS topic; got \"${var.topic_arn}\"."
  }
}
