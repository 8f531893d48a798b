output "arn" {
  description = "ARN of the job."
  value       = local.arn
}

output "name" {
  description = "Name of the job."
  value       = aws_glue_job.this.name
}

output "role_arn" {
  description = "ARN of the role that the job runs under."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Name of the log group that the job writes to."
  value       = aws_cloudwatch_log_group.this.name
}
