output "state_bucket" {
  description = "Bucket that environments/<environment>/backend.hcl names."
  value       = module.state.name
}

output "artifacts_bucket" {
  description = "Bucket that releases are published to."
  value       = module.artifacts.name
}

output "boundary_arn" {
  description = "ARN of the policy beyond which no role of the environment can do anything."
  value       = aws_iam_policy.boundary.arn
}

output "github_roles" {
  description = "For plan and apply: the role's ARN, and the GitHub environment whose jobs may assume it. Empty without GitHub."
  value = {
    for name, role in module.github_role : name => {
      arn                = role.arn
      github_environment = local.github_roles[name].github_environment
    }
  }
}
