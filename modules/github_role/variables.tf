variable "name" {
  type        = string
  description = "Name of the role, and the start of the names of its policies."
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits or '-'; got \"${var.name}\"."
  }
}

variable "provider_arn" {
  type        = string
  description = "ARN of the account's OIDC provider for token.actions.githubusercontent.com."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.provider_arn))
    error_message = "provider_arn must be the ARN of GitHub's OIDC provider in an account; got \"${var.provider_arn}\"."
  }
}

variable "repository" {
  type = object({
    name     = string # owner/repository
    id       = string # numeric; stays when the repository is renamed, and is never given again
    owner_id = string # numeric, of the user or organization
  })
  description = "The one GitHub repository whose jobs may assume the role."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository.name))
    error_message = "repository.name must be owner/repository, with no wildcard; got \"${var.repository.name}\"."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.repository.id)) && can(regex("^[1-9][0-9]*$", var.repository.owner_id))
    error_message = "repository.id and repository.owner_id must be the numbers that GitHub gave; got ${jsonencode(var.repository)}."
  }
}

variable "github_environment" {
  type        = string
  description = "The one GitHub environment whose jobs may assume the role. Its protection rules are the gate."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+$", var.github_environment))
    error_message = "github_environment must be letters, digits, '-' or '_', with no wildcard; got \"${var.github_environment}\"."
  }
}

variable "policies" {
  type        = map(string)
  description = "What the role may do: policy documents as JSON, by the end of their names. Each may hold 6,144 characters."
  nullable    = false

  validation {
    condition     = alltrue([for policy in values(var.policies) : length(replace(policy, "/\\s/", "")) <= 6144])
    error_message = "A policy may hold 6144 characters that are no white space; got ${jsonencode({ for name, policy in var.policies : name => length(replace(policy, "/\\s/", "")) })}."
  }
}
