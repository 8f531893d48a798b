variable "prefix" {
  type        = string
  description = "Start of every alarm's name."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.prefix))
    error_message = "prefix must hold a-z, 0-9 and '-' only; got \"${var.prefix}\"."
  }
}

variable "topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told when an alarm starts and when it is over."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.topic_arn))
    error_message = "topic_arn must be the ARN of an SNS topic; got \"${var.topic_arn}\"."
  }
}

variable "alarms" {
  type = map(object({
    description = string # what is wrong, and which runbook helps
    metric = object({
      namespace  = string
      name       = string
      dimensions = map(string)
      statistic  = optional(string, "Sum")
    })
    comparison     = optional(string, "GreaterThanThreshold")
    threshold      = optional(number, 0)
    period_seconds = optional(number, 300)
    periods        = optional(number, 1)              # all of them must breach
    missing_data   = optional(string, "notBreaching") # for a metric of failures, no data means no failure
    enabled        = optional(bool, true)             # whether anybody is told
  }))
  description = "Alarms by the end of their name. Left as they are, the optional fields say: more than none in five minutes."
  nullable    = false

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : contains(["missing", "ignore", "breaching", "notBreaching"], alarm.missing_data)])
    error_message = "missing_data must be missing, ignore, breaching or notBreaching; got ${jsonencode({ for name, alarm in var.alarms : name => alarm.missing_data })}."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : alarm.period_seconds >= 60 && alarm.period_seconds % 60 == 0])
    error_message = "period_seconds must be a multiple of 60; got ${jsonencode({ for name, alarm in var.alarms : name => alarm.period_seconds })}."
  }

  validation {
    # CloudWatch looks back a week where the period is an hour or more, and a day where it is less.
    condition = alltrue([
      for alarm in values(var.alarms) :
      alarm.periods >= 1 && alarm.period_seconds * alarm.periods <= (alarm.period_seconds >= 3600 ? 604800 : 86400)
    ])
    error_message = "periods times period_seconds may span 604800 s where a period is 3600 s or more, and 86400 s where it is less; got ${jsonencode({ for name, alarm in var.alarms : name => "${alarm.periods} x ${alarm.period_seconds} s" })}."
  }
}
