output "state_bucket" {
  description = "Bucket that environments/<environment>/backend.hcl names."
  value       = module.state.name
}

output "artifacts_bucket" {
  description = "Bucket that releases are published to."
  value       = module.artifacts.name
}
