variable "databases" {
  type = map(object({
    description  = string
    location_uri = optional(string) # s3://bucket/prefix/ under which its tables lie; none for a database of views
  }))
  description = "Glue databases by name."
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.databases) : can(regex("^[a-z][a-z0-9_]{0,254}$", name))])
    error_message = "A database's name must start with a-z and hold a-z, 0-9 and '_' only, or Athena cannot name it without quotes; got ${jsonencode(keys(var.databases))}."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : database.location_uri == null ? true : can(regex("^s3://[^/]+/(.*/)?$", database.location_uri))])
    error_message = "A database's location_uri must be s3://bucket/prefix/ with the slash at the end; got ${jsonencode({ for name, database in var.databases : name => database.location_uri })}."
  }
}
