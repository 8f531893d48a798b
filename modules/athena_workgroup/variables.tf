variable "name" {
  type        = string
  description = "Name of the workgroup."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9._-]{1,128}$", var.name))
    error_message = "name must be 1 to 128 letters, digits, '.', '_' or '-'; got \"${var.name}\"."
  }
}

variable "results_uri" {
  type        = string
  description = "Where every result is written: s3://bucket/prefix/."
  nullable    = false

  validation {
    condition     = can(regex("^s3://[^/]+/(.*/)?$", var.results_uri))
    error_message = "results_uri must be s3://bucket/prefix/ with the slash at the end; got \"${var.results_uri}\"."
  }
}

variable "query_bytes_cutoff" {
  type        = number
  description = "Bytes that one query may scan before Athena stops it. At 5 USD a terabyte, 10 GiB cost 5 cents."
  nullable    = false

  validation {
    condition     = var.query_bytes_cutoff >= 10485760
    error_message = "query_bytes_cutoff must be at least 10485760 (10 MiB, the least that Athena takes); got ${var.query_bytes_cutoff}."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether terraform destroy may delete the workgroup with its history and saved queries."
  default     = false
  nullable    = false
}

variable "saved_queries" {
  type = map(object({
    database    = string
    sql         = string
    description = string
  }))
  description = "Named queries that Athena's console and API offer in this workgroup, by name."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.saved_queries) : length(name) <= 128])
    error_message = "A saved query's name may be 128 characters long; got ${jsonencode(keys(var.saved_queries))}."
  }

  validation {
    condition     = alltrue([for query in values(var.saved_queries) : length(query.sql) <= 262144])
    error_message = "A saved query may be 262144 characters long; got ${jsonencode({ for name, query in var.saved_queries : name => length(query.sql) })}."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the customer key that results are encrypted with. Null for the keys of S3 itself."
  default     = null
  nullable    = true # null means SSE-S3

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key; got ${jsonencode(var.kms_key_arn)}."
  }
}
