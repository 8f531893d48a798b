output "arn" {
  description = "ARN of the state machine."
  value       = aws_sfn_state_machine.this.arn
}

output "name" {
  description = "Name of the state machine."
  value       = aws_sfn_state_machine.this.name
}

output "role_arn" {
  description = "ARN of the role that the machine runs under."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Name of the log group that the machine writes to."
  value       = aws_cloudwatch_log_group.this.name
}
