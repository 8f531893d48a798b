output "name" {
  description = "Name of the schedule group."
  value       = aws_scheduler_schedule_group.this.name
}

output "role_arn" {
  description = "ARN of the role that the schedules run under."
  value       = aws_iam_role.this.arn
}

output "dead_letter_arn" {
  description = "ARN of the queue that keeps calls which could not be made."
  value       = aws_sqs_queue.dead_letters.arn
}

output "dead_letter_name" {
  description = "Name of that queue."
  value       = aws_sqs_queue.dead_letters.name
}
