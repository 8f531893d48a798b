variable "name" {
  type        = string
  description = "Name of the group, and the start of the names of its schedules, role and dead-letter queue."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,54}$", var.name))
    error_message = "name must be 1 to 54 letters, digits, '-' or '_', so that \"<name>-scheduler\" fits a role's 64; got \"${var.name}\"."
  }
}

variable "target_arn" {
  type        = string
  description = "ARN of the Lambda function that schedules call unless they name another."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:", var.target_arn))
    error_message = "target_arn must be the ARN of a Lambda function; got \"${var.target_arn}\"."
  }
}

variable "schedules" {
  type = map(object({
    expression = string           # cron(…), rate(…) or at(…), read in UTC
    input      = string           # JSON text; <aws.scheduler.scheduled-time> in it becomes the scheduled time
    target_arn = optional(string) # of another function than the others call
  }))
  description = "When to call, and with what, by the end of the schedule's name."
  nullable    = false

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(cron|rate|at)\\(.+\\)$", schedule.expression))])
    error_message = "Each schedule's expression must be cron(…), rate(…) or at(…); got ${jsonencode({ for name, schedule in var.schedules : name => schedule.expression })}."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(jsondecode(schedule.input))])
    error_message = "Each schedule's input must be JSON; got ${jsonencode({ for name, schedule in var.schedules : name => schedule.input })}."
  }

  validation {
    # jsonencode writes < as \u003c, and EventBridge then sends the placeholder as it stands.
    condition     = alltrue([for schedule in values(var.schedules) : !strcontains(schedule.input, "\\u003c")])
    error_message = "A schedule's input must hold <aws.scheduler.…> with its own angle brackets, not escaped by jsonencode; got ${jsonencode({ for name, schedule in var.schedules : name => schedule.input })}."
  }
}

variable "enabled" {
  type        = bool
  description = "Whether the schedules fire."
  nullable    = false
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy beyond which the role can do nothing, whatever it is given. Null for none."
  default     = null
  nullable    = true # null means no boundary

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a managed policy of an account; got ${jsonencode(var.permissions_boundary_arn)}."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that the dead letters are encrypted with. Null for SQS's own key."
  default     = null
  nullable    = true # null means SQS's own key

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key; got ${jsonencode(var.kms_key_arn)}."
  }
}
