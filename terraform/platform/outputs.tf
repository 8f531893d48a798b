output "datasets" {
  description = "Datasets that were found, one for each folder with a contract."
  value       = keys(local.datasets)

  precondition {
    condition     = alltrue([for name, contract in local.datasets : contract.dataset == name])
    error_message = "A contract's dataset must be the name of its folder; got ${jsonencode({ for name, contract in local.datasets : "datasets/${name}" => contract.dataset })}."
  }

  precondition {
    condition     = local.strange_secrets == []
    error_message = "The secrets that contracts name must be this environment's: ${local.secrets}…; got ${jsonencode(local.strange_secrets)}."
  }
}

output "state_machine_arn" {
  description = "ARN of the pipeline's state machine."
  value       = module.pipeline.arn
}

output "function_names" {
  description = "Names of the functions by step."
  value       = local.function_names
}

output "buckets" {
  description = "Names of the buckets by role."
  value       = { raw = module.raw.name, curated = module.curated.name, results = module.results.name }
}

output "databases" {
  description = "Names of the Glue databases by role."
  value       = local.databases
}

output "workgroup" {
  description = "Name of the Athena workgroup."
  value       = module.workgroup.name
}

output "ledger_table" {
  description = "Name of the table of runs."
  value       = module.ledger.name
}

output "alerts_queue_url" {
  description = "URL of the queue that every alert arrives in."
  value       = module.alerts.queue_url
}

output "alarm_names" {
  description = "Full names of the alarms."
  value       = module.alarms.names
}

output "analyst_policy_arn" {
  description = "ARN of the policy that lets somebody query the lake."
  value       = aws_iam_policy.analyst.arn
}

output "operator_policy_arn" {
  description = "ARN of the policy that lets whoever is on call do what the runbooks say."
  value       = aws_iam_policy.operator.arn
}

output "auditor_policy_arn" {
  description = "ARN of the policy that lets somebody query who did what; null where there is neither a trail nor a log archive."
  value       = one(aws_iam_policy.auditor[*].arn)
}
