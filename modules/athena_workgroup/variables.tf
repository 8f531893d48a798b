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
