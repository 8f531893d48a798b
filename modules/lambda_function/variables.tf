variable "name" {
  type        = string
  description = "Name of the function, its role and the end of its log group's."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, '-' or '_'; got \"${var.name}\"."
  }
}

variable "handler" {
  type        = string
  description = "Dotted path of the Python function to call: package.module.function."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+$", var.handler))
    error_message = "handler must be a dotted Python path such as lakeward.handlers.ingest.handler; got \"${var.handler}\"."
  }
}

variable "artifact" {
  type = object({
    bucket     = string
    key        = string                     # ends in /<sha256 of the zip>.zip
    layer_arns = optional(list(string), []) # layer versions with the dependencies; none where the runtime has them
  })
  description = "The zip to run, on which layers. Its key carries its digest, so new code is always a visible change in the plan."
  nullable    = false

  validation {
    condition     = can(regex("/[0-9a-f]{64}\\.zip$", var.artifact.key))
    error_message = "artifact.key must end in /<64 hex digits>.zip; got \"${var.artifact.key}\"."
  }

  validation {
    condition     = length(var.artifact.layer_arns) <= 5
    error_message = "artifact.layer_arns may hold at most 5; got ${length(var.artifact.layer_arns)}: ${jsonencode(var.artifact.layer_arns)}."
  }
}

variable "size" {
  type = object({
    memory_mb            = number # CPU grows with it: one full vCPU at 1,769 MB
    timeout_seconds      = number
    tmp_mb               = optional(number, 512)
    reserved_concurrency = optional(number) # null shares the account's pool
  })
  description = "Memory, time limit and /tmp of one invocation, and how many may run at once."
  nullable    = false

  validation {
    condition     = var.size.memory_mb >= 128 && var.size.memory_mb <= 10240
    error_message = "size.memory_mb must lie within 128 and 10240; got ${var.size.memory_mb}."
  }

  validation {
    condition     = var.size.timeout_seconds >= 1 && var.size.timeout_seconds <= 900
    error_message = "size.timeout_seconds must lie within 1 and 900; got ${var.size.timeout_seconds}."
  }

  validation {
    condition     = var.size.tmp_mb >= 512 && var.size.tmp_mb <= 10240
    error_message = "size.tmp_mb must lie within 512 and 10240; got ${var.size.tmp_mb}."
  }

  validation {
    condition     = var.size.reserved_concurrency == null ? true : var.size.reserved_concurrency >= 0
    error_message = "size.reserved_concurrency must be 0 or more, or null; got ${jsonencode(var.size)}."
  }
}

variable "environment" {
  type        = map(string)
  description = "Environment variables. No secrets: they are readable by whoever may read the function."
  default     = {}
  nullable    = false
}

variable "permissions" {
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))
  description = "What the function may do besides writing its logs: actions by name on resources by ARN."
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
  description = "How long the function's logs are kept, and whose key encrypts them."
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days must be a period that CloudWatch knows (1, 3, 5, 7, 14, 30, 60, 90, ... 3653, or 0 for ever); got ${var.logs.retention_days}."
  }
}

variable "dead_letter_arn" {
  type        = string
  description = "ARN of the SQS queue that keeps events of failed asynchronous invocations. Null where callers wait for the answer."
  default     = null
  nullable    = true # null means that the function is only called synchronously
}

variable "network" {
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  description = "Subnets and security groups that the function runs in. Null for Lambda's own network, which reaches the internet."
  default     = null
  nullable    = true # null means Lambda's own network

  validation {
    condition     = var.network == null ? true : length(var.network.subnet_ids) > 0 && length(var.network.security_group_ids) > 0
    error_message = "network must name at least one subnet and one security group; got ${jsonencode(var.network)}."
  }
}
