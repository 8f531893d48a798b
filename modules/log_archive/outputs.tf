output "arn" {
  description = "ARN of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.arn
}

output "bucket_arn" {
  description = "ARN of the bucket that keeps the logs."
  value       = module.archive.arn
}

output "bucket_name" {
  description = "Name of that bucket."
  value       = module.archive.name
}
