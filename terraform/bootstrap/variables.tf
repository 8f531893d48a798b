variable "environment" {
  type        = string
  description = "Name of the folder in environments/ whose account is prepared. Account, region and GitHub repository are read from there."
  nullable    = false

  validation {
    condition     = fileexists("${path.module}/../../environments/${var.environment}/platform.tfvars")
    error_message = "environment must name a folder in environments/ that holds platform.tfvars; got \"${var.environment}\"."
  }
}
