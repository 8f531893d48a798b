variable "name" {
  type        = string
  description = "Name of the job, of its log group's end, and with `-job` behind it of its role."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,60}$", var.name))
    error_message = "name must be 1 to 60 letters, digits, '-' or '_'; got \"${var.name}\"."
  }
}

variable "script" {
  type        = object({ bucket = string, key = string }) # key ends in /<sha256 of the script>.py
  description = "What Glue runs. Its key carries its digest, so a new script is always a visible change in the plan."
  nullable    = false

  validation {
    condition     = can(regex("/[0-9a-f]{64}\\.py$", var.script.key))
    error_message = "script.key must end in /<64 hex digits>.py; got \"${var.script.key}\"."
  }
}

variable "packages" {
  type        = object({ bucket = string, key = string }) # key ends in /<sha256 of the zip>.gluewheels.zip
  description = "Python packages as a zip of wheels, which Glue 5.0 installs by that ending. Null where the runtime has them."
  default     = null
  nullable    = true # null means that the runtime has them

  validation {
    condition     = var.packages == null ? true : can(regex("/[0-9a-f]{64}\\.gluewheels\\.zip$", var.packages.key))
    error_message = "packages.key must end in /<64 hex digits>.gluewheels.zip, or packages be null; got ${jsonencode(var.packages)}."
  }
}

variable "arguments" {
  type        = map(string)
  description = "The script's arguments by name, without dashes; those of a run come on top. No secrets: they are logged."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.arguments) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "arguments are named in lower case with underscores, which none of Glue's own is; got ${jsonencode(keys(var.arguments))}."
  }
}

variable "timeout_minutes" {
  type        = number
  description = "Minutes after which a run is stopped."
  default     = 240
  nullable    = false

  validation {
    condition     = var.timeout_minutes >= 1 && var.timeout_minutes <= 2880
    error_message = "timeout_minutes must lie within 1 and 2880; got ${var.timeout_minutes}."
  }
}

variable "concurrent_runs" {
  type        = number
  description = "How many runs there may be at once; more wait in the state machine."
  default     = 4
  nullable    = false

  validation {
    condition     = var.concurrent_runs >= 1 && var.concurrent_runs <= 100
    error_message = "concurrent_runs must lie within 1 and 100; got ${var.concurrent_runs}."
  }
}

variable "permissions" {
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))
  description = "What the job may do besides reading its code and writing its logs: actions by name on resources by ARN."
  default     = []
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
  description = "How long the job's logs are kept, and whose key encrypts them."
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days must be a period that CloudWatch knows (1, 3, 5, 7, 14, 30, 60, 90, ... 3653, or 0 for ever); got ${var.logs.retention_days}."
  }
}
