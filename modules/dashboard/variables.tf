variable "name" {
  type        = string
  description = "Name of the dashboard."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,255}$", var.name))
    error_message = "name must be 1 to 255 letters, digits, '-' or '_'; got \"${var.name}\"."
  }
}

variable "region" {
  type        = string
  description = "Region that the metrics are in."
  nullable    = false
}

variable "environment" {
  type        = string
  description = "Value of the dimension Environment in Lakeward's own metrics."
  nullable    = false
}

variable "datasets" {
  type        = set(string)
  description = "Values of the dimension Dataset in Lakeward's own metrics."
  nullable    = false
}

variable "alarm_arns" {
  type        = set(string)
  description = "ARNs of the alarms to show, at most 100."
  nullable    = false

  validation {
    condition     = length(var.alarm_arns) <= 100
    error_message = "alarm_arns may hold 100, which is what one widget shows; got ${length(var.alarm_arns)}."
  }
}

variable "state_machine_arn" {
  type        = string
  description = "ARN of the pipeline's state machine."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:states:", var.state_machine_arn))
    error_message = "state_machine_arn must be the ARN of a state machine; got \"${var.state_machine_arn}\"."
  }
}

variable "function_names" {
  type        = set(string)
  description = "Names of the functions."
  nullable    = false
}

variable "queue_names" {
  type        = set(string)
  description = "Names of the queues in which a message is a sign of trouble."
  nullable    = false
}

variable "workgroup" {
  type        = string
  description = "Name of the Athena workgroup."
  nullable    = false
}
