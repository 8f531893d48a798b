variable "environment" {
  type        = string
  description = "Name of the environment; part of the name of everything in it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 of a-z and 0-9, starting with a letter, so that it fits bucket and database names; got \"${var.environment}\"."
  }
}

variable "account_id" {
  type        = string
  description = "The one AWS account that this may be applied to."
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits; got \"${var.account_id}\"."
  }
}

variable "region" {
  type        = string
  description = "AWS region, such as us-east-1."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1; got \"${var.region}\"."
  }
}

variable "schedules_enabled" {
  type        = bool
  description = "Whether the datasets' schedules fire, and whether a dataset that stays silent raises an alarm."
  nullable    = false
}

variable "upstream_overrides" {
  type        = map(string)
  description = "Origins to ask in place of the contracts' own, such as a replay of recorded answers. Empty asks the real ones."
  nullable    = false

  validation {
    condition     = alltrue([for origin in concat(keys(var.upstream_overrides), values(var.upstream_overrides)) : can(regex("^https?://[^/]+$", origin))])
    error_message = "upstream_overrides maps origins (https://host or http://host:port, nothing behind it) to origins; got ${jsonencode(var.upstream_overrides)}."
  }
}

variable "retention_days" {
  type = object({
    logs           = number # of functions and of the state machine
    raw_to_glacier = number # raw moves to Glacier Instant Retrieval, which replays read as before; null for never
    raw_versions   = number # raw is never replaced: this is how long a deletion can be taken back
    lake_versions  = number # files that the tables no longer name, after they were removed
    query_results  = number
    audit_events   = number # where there is an audit trail
    archived_logs  = number # where there is a log archive
  })
  description = "Days that things are kept which nobody reads any more, or are kept where reading costs little."
  nullable    = false

  validation {
    condition     = alltrue([for days in values(var.retention_days) : days == null ? true : days >= 1])
    error_message = "retention_days must be at least 1 each; got ${jsonencode(var.retention_days)}."
  }
}

variable "query_bytes_cutoff" {
  type        = number
  description = "Bytes that one Athena query may scan before it is stopped."
  nullable    = false
}

variable "monitoring" {
  type = object({
    alert_email = string # mailed every alert once it has confirmed; null for nobody
    budget_usd  = number # the topic is told when a month nears it; null for no budget
    dashboard   = bool   # 3 USD a month, the first three of an account free
    audit_trail = bool   # who read and wrote which object, as a table; 0.10 USD for 100,000 events
    log_archive = bool   # logs as a table, for longer; 0.03 USD for a GB of logs; not on the local cloud
  })
  description = "Who is told, and what is watched besides the alarms."
  nullable    = false
}

variable "protection" {
  type = object({
    deletion        = bool                                     # terraform destroy refuses what holds data: buckets that are not empty, the ledger, query history
    raw_lock        = object({ mode = string, days = number }) # write-once raw: GOVERNANCE or COMPLIANCE; null for none; only while the bucket is made
    customer_key    = bool                                     # one KMS key for everything that is kept, at 1 USD a month
    private_network = bool                                     # functions that need no internet run in a network without any, at 44 USD a month, and 15 more where a dataset hashes personal columns
  })
  description = "What keeps data from being lost or seen. Everything is encrypted and private without any of it."
  nullable    = false
}

variable "release" {
  type = object({
    functions = object({ bucket = string, key = string })            # key: functions/<sha256>.zip
    layer     = optional(object({ bucket = string, key = string }))  # key: layers/<sha256>.zip; null where the runtime has the packages
    job = optional(object({                                          # null for an environment without Glue: every slot goes to Lambda
      script   = object({ bucket = string, key = string })           # key: scripts/<sha256>.py
      packages = optional(object({ bucket = string, key = string })) # key: packages/<sha256>.gluewheels.zip; null where Spark has them
    }))
  })
  description = "What was built, by digest. Written by the build to dist/<environment>/release.tfvars.json."
  nullable    = false

  validation {
    condition     = can(regex("/[0-9a-f]{64}\\.zip$", var.release.functions.key))
    error_message = "release.functions.key must end in /<64 hex digits>.zip; got \"${var.release.functions.key}\"."
  }

  validation {
    condition     = var.release.layer == null ? true : can(regex("/[0-9a-f]{64}\\.zip$", var.release.layer.key))
    error_message = "release.layer.key must end in /<64 hex digits>.zip, or release.layer be null; got ${jsonencode(var.release.layer)}."
  }
}
