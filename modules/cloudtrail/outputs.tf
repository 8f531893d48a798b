output "arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "bucket_arn" {
  description = "ARN of the bucket that keeps the events."
  value       = module.archive.arn
}

output "bucket_name" {
  description = "Name of that bucket."
  value       = module.archive.name
}
