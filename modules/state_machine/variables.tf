variable "name" {
  type        = string
  description = "Name of the state machine, its role and the end of its log group's."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, '-' or '_'; got \"${var.name}\"."
  }
}

variable "definition" {
  type        = string
  description = "The machine in Amazon States Language, as JSON text with every ARN filled in and a time limit over the whole run."
  nullable    = false

  validation {
    condition     = can(jsondecode(var.definition))
    error_message = "definition must be JSON; got text that starts with ${jsonencode(substr(var.definition, 0, 80))}."
  }

  validation {
    condition     = try(jsondecode(var.definition).TimeoutSeconds > 0, false)
    error_message = "definition must have a TimeoutSeconds above 0 at the top, or a stuck run lasts a year; got ${jsonencode(try(keys(jsondecode(var.definition)), []))} at the top."
  }
}

variable "permissions" {
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))
  description = "What the machine may do besides delivering its logs: actions by name on resources by ARN."
  nullable    = false

  validation {
    condition     = alltrue([for action in flatten(var.permissions[*].actions) : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])
    error_message = "permissions name each action, with no wildcard; got ${jsonencode(distinct(flatten(var.permissions[*].actions)))}."
  }

  validation {
    condition     = alltrue([for resource in flatten(var.permissions[*].resources) : can(regex("^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^*]", resource))])
    error_message = "permissions name resources by ARN, and a star stands only for the end of a name; got ${jsonencode(distinct(flatten(var.permissions[*].resources)))}."
  }
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

variable "logs" {
  type = object({
    retention_days = number           # 0 keeps them for ever
    kms_key_arn    = optional(string) # null for CloudWatch's own key
  })
  description = "How long the execution logs are kept, and whose key encrypts them."
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days must be a period that CloudWatch knows (1, 3, 5, 7, 14, 30, 60, 90, ... 3653, or 0 for ever); got ${var.logs.retention_days}."
  }
}
