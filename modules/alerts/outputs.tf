output "topic_arn" {
  description = "ARN of the topic to publish alerts to."
  value       = aws_sns_topic.this.arn
}

output "queue_url" {
  description = "URL of the queue that every alert arrives in."
  value       = aws_sqs_queue.this.url
}

output "dead_letter_name" {
  description = "Name of the queue for alerts that could not be delivered or handled."
  value       = aws_sqs_queue.dead_letters.name
}
