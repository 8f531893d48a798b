output "arns" {
  description = "ARN of each database by name."
  value       = { for name, database in aws_glue_catalog_database.this : name => database.arn }
}

output "names" {
  description = "Names of the databases."
  value       = keys(aws_glue_catalog_database.this)
}
